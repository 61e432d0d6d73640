"""What becomes of a posted document: held, read once, released or withheld, and who is told (spec D4, D5)."""

import hashlib
import io
import os
import zipfile
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connexion_plugin import access, tasks
from connexion_plugin.actions import scan_leases, scanning
from connexion_plugin.actions.documents import read_digest
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.participants import invite, remove
from connexion_plugin.exceptions import NotConfigured
from connexion_plugin.models import Activity, Attachment, Mail
from connexion_plugin.sealing.segments import PART_BYTES
from tests.factories.conversations import in_days, seat_of
from tests.scanning.clamd_server import EICAR
from tests.scanning.conftest import NAME, sealed
from tests.scanning.readers import fetch, in_english, open_letter, state

pytestmark = [pytest.mark.spec("D4"), pytest.mark.django_db]
MIB = 1024**2
Scan = Attachment.Scan


# A good scanner


@pytest.mark.spec("D5")
def test_until_it_was_found_clean_only_its_sender_can_fetch_a_document(
    real_clamd, scan_with, post_documents, alice, bob
):
    scan_with(real_clamd.address)
    content = os.urandom(PART_BYTES + 70_000)
    (document,) = post_documents(content)
    page = open_letter(bob, document)
    assert "you can download it once that is done" in page
    assert in_english("download", document.pk) not in page
    refused = fetch(bob, document)
    assert refused.status_code == 403
    assert "being checked for viruses" in refused.content.decode()
    assert b"".join(fetch(alice, document).streaming_content) == content

    assert not scanning.scan_documents()

    assert state(document) == Scan.CLEAN
    assert b"".join(fetch(bob, document).streaming_content) == content
    for reader in (alice, bob):
        page = open_letter(reader, document)
        assert hashlib.sha256(content).hexdigest() in page
        assert in_english("download", document.pk) in page
    assert hashlib.sha256(content).hexdigest().encode() not in bytes(document.digest_sealed)


def test_a_refused_download_leaves_no_line_of_activity(real_clamd, scan_with, post_documents, bob):
    scan_with(real_clamd.address)
    (document,) = post_documents(b"Bonjour")
    open_letter(bob, document)
    assert fetch(bob, document).status_code == 403
    assert not Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).exists()


def test_what_is_infected_is_delivered_to_nobody_and_sender_and_owner_are_told(
    real_clamd, scan_with, post_documents, alice, bob
):
    scan_with(real_clamd.address)
    (clean,) = post_documents(b"Bonjour")
    conversation = clean.message.conversation
    scanning.scan_documents()
    Mail.unscoped.all().delete()
    answer = post_message(
        participation=seat_of(bob, conversation),
        text="Here it is.",
        documents=sealed(b"before" + EICAR),
        expires_at=in_days(90),
        idempotency_key=uuid4(),
    )
    document = Attachment.unscoped.get(message=answer)
    open_letter(alice, document)

    scanning.scan_documents()

    assert state(document) == Scan.INFECTED
    assert state(clean) == Scan.CLEAN
    for person in (alice, bob):
        refused = fetch(person, document)
        assert refused.status_code == 403
        page = open_letter(person, document)
        assert in_english("download", document.pk) not in page
    line = Activity.unscoped.get(verb=Activity.Verb.WITHHELD)
    assert (line.attachment_id, line.message_id, line.actor) == (document.pk, answer.pk, None)
    told = {row.to: row.language for row in Mail.unscoped.filter(kind=Mail.Kind.WITHHELD)}
    assert told == {"alice@etude-tremblay.example": "fr", "bob@example.org": "en"}

    tasks.deliver()

    letters = {letter.to[0]: letter for letter in mail.outbox if "virus" in letter.body}
    assert set(letters) == set(told)
    assert "yourself included" in letters["bob@example.org"].body
    assert "withheld" in letters["bob@example.org"].subject
    for letter in letters.values():
        whole = letter.message().as_string() + letter.body + str(letter.alternatives)
        assert NAME not in whole
        assert conversation.collaborator.organization.name in letter.body
        assert f"/m/{answer.pk}/" in letter.body


def test_an_owner_who_sent_it_is_told_once_and_who_has_left_not_at_all(
    real_clamd, scan_with, post_documents, alice, bob
):
    scan_with(real_clamd.address)
    (document,) = post_documents(EICAR)
    conversation = document.message.conversation
    post_message(
        participation=seat_of(bob, conversation),
        text="Here it is.",
        documents=sealed(EICAR),
        expires_at=in_days(90),
        idempotency_key=uuid4(),
    )
    remove(by=seat_of(alice, conversation), participation=seat_of(bob, conversation))
    scanning.scan_documents()
    assert [row.to for row in Mail.unscoped.filter(kind=Mail.Kind.WITHHELD)] == [
        "alice@etude-tremblay.example"
    ] * 2


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(30 * MIB))
    return file.getvalue()


@pytest.mark.spec("D5")
@pytest.mark.parametrize(
    "content", [bytes(21 * MIB), bytes(30 * MIB), bomb()], ids=["file", "stream", "bomb"]
)
def test_what_is_beyond_the_scanners_limits_is_not_checked_and_never_clean(
    real_clamd, scan_with, post_documents, alice, bob, content
):
    scan_with(real_clamd.address)
    (document,) = post_documents(content)
    page = open_letter(bob, document)
    scanning.scan_documents()
    assert state(document) == Scan.FAILED
    refused = fetch(bob, document)
    assert refused.status_code == 403
    assert "could not be checked" in refused.content.decode()
    assert fetch(alice, document).status_code == 200
    page = open_letter(bob, document)
    assert "Could not be checked for viruses" in page
    assert "only you can download it" in open_letter(alice, document)
    assert read_digest(document) == hashlib.sha256(content).hexdigest()
    assert [row.to for row in Mail.unscoped.filter(kind=Mail.Kind.WITHHELD)] == [
        "alice@etude-tremblay.example"
    ]


def test_a_document_of_no_byte_is_clean(real_clamd, scan_with, post_documents):
    scan_with(real_clamd.address)
    (document,) = post_documents(b"")
    scanning.scan_documents()
    assert state(document) == Scan.CLEAN
    assert read_digest(document) == hashlib.sha256().hexdigest()


# Off, on, off again


@pytest.mark.spec("D5")
def test_where_scanning_is_off_pages_say_so_and_documents_still_get_their_fingerprint(post_documents, bob):
    (document,) = post_documents(b"Bonjour")
    assert "Not scanned for viruses" in open_letter(bob, document)
    assert fetch(bob, document).status_code == 200
    assert not scanning.scan_documents()
    assert state(document) == Scan.NOT_SCANNED
    assert hashlib.sha256(b"Bonjour").hexdigest() in open_letter(bob, document)
    assert not scan_leases.is_due()


def test_what_was_posted_before_scanning_was_turned_on_waits_for_it(
    real_clamd, scan_with, post_documents, bob
):
    (document,) = post_documents(b"Bonjour")
    open_letter(bob, document)
    scanning.scan_documents()
    scan_with(real_clamd.address)
    assert fetch(bob, document).status_code == 403
    assert scan_leases.is_due()
    scanning.scan_documents()
    assert state(document) == Scan.CLEAN
    assert fetch(bob, document).status_code == 200


def test_what_waited_when_scanning_was_turned_off_is_not_scanned_and_says_so(
    scan_with, post_documents, bob, tmp_path
):
    scan_with(str(tmp_path / "nobody.sock"))
    (document,) = post_documents(b"Bonjour")
    open_letter(bob, document)
    scanning.scan_documents()
    scan_with(None)
    Attachment.unscoped.update(check_due_at=timezone.now())
    scanning.scan_documents()
    assert state(document) == Scan.NOT_SCANNED
    assert fetch(bob, document).status_code == 200


def test_what_is_infected_stays_withheld_when_scanning_is_turned_off(
    real_clamd, scan_with, post_documents, alice
):
    scan_with(real_clamd.address)
    (document,) = post_documents(EICAR)
    scanning.scan_documents()
    scan_with(None)
    scanning.scan_documents()
    assert state(document) == Scan.INFECTED
    assert fetch(alice, document).status_code == 403


@pytest.mark.parametrize("given", ["clamd", "localhost:", ":3310", "127.0.0.1:port"])
def test_an_address_that_is_none_is_refused(scan_with, given):
    from connexion_plugin.conf import settings as connexion_settings

    scan_with(given)
    with pytest.raises(NotConfigured):
        _ = connexion_settings.scanner


def test_the_guard_alone_says_who_may_fetch(scan_with, post_documents, alice, bob, tmp_path):
    (document,) = post_documents(b"Bonjour")
    conversation = document.message.conversation_id
    owner, reader = (access.conversation_for(user, conversation) for user in (alice, bob))
    may = {}
    for scanner in (None, str(tmp_path / "nobody.sock")):
        scan_with(scanner)
        for document.scan in Scan.values:
            may[document.scan, bool(scanner)] = (
                access.may_fetch(owner, document),
                access.may_fetch(reader, document),
            )
    assert may == {
        ("not_scanned", False): (True, True),
        ("not_scanned", True): (True, False),
        **{("waiting", on): (True, False) for on in (False, True)},
        **{("failed", on): (True, False) for on in (False, True)},
        **{("infected", on): (False, False) for on in (False, True)},
        **{("clean", on): (True, True) for on in (False, True)},
    }


def test_of_thousands_two_seats_are_read_to_tell_of_a_virus(fake_clamd, scan_with, post_documents, alice):
    """Under the conversation's lock, at which every post there waits."""
    fake_clamd.behaviour = lambda document: "stream: Eicar FOUND"
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    house = document.message.conversation
    addresses = [f"p{number}@example.net" for number in range(40)]
    invite(by=seat_of(alice, house), addresses=addresses, language="fr")
    with CaptureQueriesContext(connection) as captured:
        scanning.scan_documents()
    assert state(document) == Scan.INFECTED
    with connection.cursor() as cursor:
        for query in captured:
            if query["sql"].startswith("SELECT") and "connexion_plugin_participation" in query["sql"]:
                cursor.execute(query["sql"])
                assert len(cursor.fetchall()) <= 2, query["sql"]
