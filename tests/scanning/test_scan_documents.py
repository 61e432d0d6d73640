"""What becomes of a posted document: held, read once, released or withheld, and who is told (spec D4, D5)."""

import hashlib
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django_q.models import OrmQ

from connexion_plugin import access, tasks
from connexion_plugin.actions import scan_leases, scanning
from connexion_plugin.actions.documents import read_digest
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.participants import remove
from connexion_plugin.exceptions import NotConfigured
from connexion_plugin.models import Activity, Attachment, Mail
from connexion_plugin.sealing.segments import PART_BYTES
from tests.conftest import sign_in
from tests.factories.conversations import in_days, seat_of
from tests.scanning.clamd_server import DROP, DROP_EARLY, EICAR, HANG, FakeClamd
from tests.scanning.conftest import NAME, sealed

pytestmark = [pytest.mark.spec("D4"), pytest.mark.django_db]
MIB = 1024**2
Scan = Attachment.Scan


def fetch(user, attachment):
    return sign_in(Client(), user).get(in_english("download", attachment.pk))


def open_letter(user, attachment):
    """The window, the letter open."""
    client = sign_in(Client(), user)
    where = in_english("open_message", attachment.message.conversation_id, attachment.message_id)
    return client.post(where, follow=True).content.decode()


def in_english(name, *arguments):
    with translation.override("en"):
        return reverse(f"connexion:{name}", args=arguments)


def state(attachment):
    attachment.refresh_from_db()
    return attachment.scan


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


# A scanner that is down, hung, or not to be believed


def test_while_the_scanner_is_down_documents_are_held_and_released_by_itself(
    real_clamd, scan_with, post_documents, bob, caplog
):
    scan_with(real_clamd.address)
    (document,) = post_documents(b"Bonjour")
    open_letter(bob, document)
    real_clamd.stop()
    started = timezone.now()
    try:
        for minutes in range(0, 61, 4):
            with time_machine.travel(started + timedelta(minutes=minutes), tick=True):
                cache.clear()
                assert not scanning.scan_documents()
                assert state(document) == Scan.WAITING
                assert document.check_tries == 0
                assert document.check_due_at - timezone.now() <= timedelta(minutes=5)
                assert fetch(bob, document).status_code == 403
        assert "documents wait" in caplog.text
    finally:
        real_clamd.start()
    with time_machine.travel(started + timedelta(minutes=66), tick=True):
        cache.clear()
        scanning.scan_documents()
        assert state(document) == Scan.CLEAN
        assert fetch(bob, document).status_code == 200


def test_a_scanner_that_is_down_is_not_asked_for_every_document(scan_with, post_documents, tmp_path, caplog):
    scan_with(str(tmp_path / "nobody.sock"))
    post_documents(b"1", b"2", b"3")
    scanning.scan_documents()
    scanning.scan_documents()
    assert caplog.text.count("documents wait") == 1
    assert scanning.is_outage()


def test_a_scanner_whose_ok_means_nothing_is_not_asked(fake_clamd, scan_with, post_documents, caplog):
    scan_with(fake_clamd.address)
    fake_clamd._answer = lambda document: "stream: OK"
    (document,) = post_documents(b"Bonjour")
    scanning.scan_documents()
    assert state(document) == Scan.WAITING
    assert "its signatures are missing" in caplog.text


@pytest.mark.parametrize(
    "answer", [HANG, DROP, DROP_EARLY, "stream: Can't create a file ERROR", "nonsense", "stream: OK, perhaps"]
)
def test_a_document_that_breaks_the_scanner_is_tried_for_an_hour_and_then_given_up(
    fake_clamd, scan_with, post_documents, answer, caplog
):
    scan_with(fake_clamd.address, SCANNER_ANSWER_SECONDS=0.2)
    fake_clamd.behaviour = lambda document: answer
    (document,) = post_documents(b"Bonjour " * 20_000)
    started, pauses = timezone.now(), []
    for _ in range(scanning.TRIES - 1):
        scanning.scan_documents()
        assert state(document) == Scan.WAITING
        pauses.append(round((document.check_due_at - timezone.now()).total_seconds()))
        Attachment.unscoped.update(check_due_at=timezone.now())
    assert pauses == sorted(pauses)
    assert sum(pauses) > 3600
    assert timezone.now() - started < timedelta(minutes=1)
    scanning.scan_documents()
    assert state(document) == Scan.FAILED
    assert document.check_due_at is None
    assert Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).count() == 1
    assert NAME not in caplog.text


def test_one_that_recovers_is_told_of_by_nobody(fake_clamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    fake_clamd.behaviour = lambda document: DROP
    (document,) = post_documents(b"Bonjour")
    scanning.scan_documents()
    fake_clamd.behaviour = lambda document: "stream: OK"
    Attachment.unscoped.update(check_due_at=timezone.now())
    scanning.scan_documents()
    assert state(document) == Scan.CLEAN
    assert not Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).exists()


def test_a_storage_that_fails_is_not_held_against_the_document(
    fake_clamd, scan_with, post_documents, monkeypatch, caplog
):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    monkeypatch.setattr(scanning, "open_document", fail)
    scanning.scan_documents()
    assert (state(document), document.check_tries) == (Scan.WAITING, 0)
    assert "OSError" in caplog.text
    assert "secret" not in caplog.text


def fail(attachment):
    raise OSError("s3://secret")


def test_a_damaged_document_is_never_clean(fake_clamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    for part in (
        Path(django_settings.STORAGES["connexion"]["OPTIONS"]["location"]) / document.pk.hex
    ).iterdir():
        part.write_bytes(bytes(part.stat().st_size))
    scanning.scan_documents()
    assert state(document) == Scan.WAITING
    assert fake_clamd.received == []


def test_no_plain_byte_is_on_disk_while_a_document_is_scanned(fake_clamd, scan_with, post_documents):
    canary, found = b"Canari-octets-5502 ", []
    folder = Path(django_settings.CONNEXION["KEY_STORE"]).parent

    def search(document: bytes) -> str:
        files = [path for path in folder.rglob("*") if path.is_file()]
        open_files = [Path(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
        for path in [*files, *(link for link in open_files if link.is_file())]:
            found.extend([path] if canary in path.read_bytes() else [])
        return "stream: OK"

    fake_clamd.behaviour = search
    scan_with(fake_clamd.address)
    (document,) = post_documents(canary * 50_000)
    scanning.scan_documents()
    assert fake_clamd.received == [canary * 50_000]
    assert found == []
    assert state(document) == Scan.CLEAN


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


# Leases


def test_one_worker_at_a_time_has_a_document(scan_with, post_documents, tmp_path):
    scan_with(str(tmp_path / "nobody.sock"), SCANS_AT_ONCE=2)
    post_documents(b"1", b"2", b"3")
    first, second = scan_leases.claim(), scan_leases.claim()
    assert first.pk != second.pk
    assert scan_leases.claim() is None  # enough are read


def test_a_lease_that_a_killed_worker_held_ends_by_itself(scan_with, post_documents, tmp_path):
    scan_with(str(tmp_path / "nobody.sock"))
    (document,) = post_documents(b"Bonjour")
    lost = scan_leases.claim()
    assert scan_leases.claim() is None
    assert scan_leases.oldest_due() is None
    with time_machine.travel(timezone.now() + scan_leases.LEASE + timedelta(seconds=1)):
        assert scan_leases.oldest_due() == document.pk
        found = scan_leases.claim()
        assert (found.pk, found.check_tries) == (document.pk, 2)
        with pytest.raises(scan_leases.LeaseLost):
            scan_leases.renew(lost)


def test_who_lost_the_lease_settles_nothing(fake_clamd, scan_with, post_documents):
    def steal(document: bytes) -> str:
        Attachment.unscoped.update(check_lease=uuid4())
        return "stream: Eicar FOUND"

    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    claimed = scan_leases.claim()
    Attachment.unscoped.update(check_lease=uuid4())
    scanning._check(claimed)
    assert state(document) == Scan.WAITING
    assert not Activity.unscoped.filter(verb=Activity.Verb.WITHHELD).exists()
    assert not Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).exists()


def test_what_expires_while_it_is_read_is_let_go(fake_clamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour", expires_at=in_days(1))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        scanning.scan_documents()
        assert state(document) == Scan.WAITING
        assert document.check_due_at is None
        assert not scan_leases.is_due()


def test_a_wake_is_asked_for_once_while_one_waits(
    scan_with, post_documents, tmp_path, django_capture_on_commit_callbacks
):
    scan_with(str(tmp_path / "nobody.sock"))
    with django_capture_on_commit_callbacks(execute=True):
        post_documents(b"1")
    wakes = [row for row in OrmQ.objects.all() if row.func() == scan_leases.SCAN]
    assert len(wakes) == 1
    with django_capture_on_commit_callbacks(execute=True):
        post_documents(b"2", title="Un autre")
    assert len([row for row in OrmQ.objects.all() if row.func() == scan_leases.SCAN]) == 1


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


def test_a_fake_that_is_good_is_as_good_as_a_real_one(fake_clamd: FakeClamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    scanning.scan_documents()
    assert state(document) == Scan.CLEAN
