"""Everything of a conversation as one ZIP: what one may read of it, and nothing else (spec D6)."""

import hashlib
import io
import os
import re
import subprocess
import tracemalloc
import zipfile
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions import messages, scanning
from connexion_plugin.actions.messages import open_message, post_message
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.documents.archive import ArchiveChanged, Packed, respond_with_archive
from connexion_plugin.models import Activity, Attachment, Message, Opening
from connexion_plugin.sealing import keys
from connexion_plugin.sealing.segments import PART_BYTES
from tests.conftest import sign_in
from tests.factories.conversations import in_days, seat_of, start
from tests.faults.sending import IS_FULL
from tests.scanning.conftest import sealed

pytestmark = [pytest.mark.spec("D6"), pytest.mark.django_db]

LARGE = os.urandom(PART_BYTES + 100_000)


def post(user, conversation, text, *contents, name="plan.pdf"):
    return post_message(
        participation=seat_of(user, conversation),
        text=text,
        documents=sealed(*contents, name=name),
        expires_at=in_days(90),
        idempotency_key=uuid4(),
    )


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    """Alice posts two documents of one name, Bob opens that; he answers; Alice posts what he has not opened."""
    conversation = start(
        alice_enrolment,
        to=["bob@example.org"],
        title="Acte de vente",
        text="Voici l’acte.",
        documents=[*sealed(LARGE, name="acte été.pdf"), *sealed(b"", name="Acte été.pdf")],
    )
    open_message(participation=seat_of(bob, conversation), message=first_of(conversation, sequence=1))
    post(bob, conversation, "Thank you.", b"Bob's plan")
    post(alice, conversation, "Sceau-4471", b"Canari-scelle-4471", name="Canari-nom-4471.pdf")
    scanning.scan_documents()
    return conversation


def first_of(conversation, **which):
    return Message.unscoped.get(conversation=conversation, **which)


def ask(user, conversation, method="get", language="en"):
    with translation.override(language):
        address = reverse("connexion:download_conversation", args=[conversation.pk])
    return getattr(sign_in(Client(), user), method)(address)


def unpacked(response):
    content = b"".join(response.streaming_content)
    assert len(content) == int(response["Content-Length"])
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_it_holds_what_one_may_read_and_a_manifest_that_any_computer_verifies(conversation, bob, tmp_path):
    response = ask(bob, conversation)
    assert response.status_code == 200
    files = unpacked(response)
    assert {name: files[name] for name in files if name.startswith("documents/")} == {
        "documents/acte été.pdf": LARGE,
        "documents/Acte été (2).pdf": b"",
        "documents/plan.pdf": b"Bob's plan",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    verified = subprocess.run(
        ["sha256sum", "-c", "--strict", "manifest.txt"], cwd=tmp_path, capture_output=True
    )
    assert verified.returncode == 0, verified
    assert verified.stdout.decode().count(": OK") == 4  # three documents, and the texts


def test_it_holds_the_texts_that_were_opened_and_opens_none(conversation, bob):
    openings = Opening.unscoped.count()
    files = unpacked(ask(bob, conversation))
    text = files["messages.txt"].decode()
    assert text.startswith("Acte de vente\n")
    assert "Voici l’acte." in text
    assert "Thank you." in text
    assert "Sealed: you have not opened this message." in text
    assert hashlib.sha256(LARGE).hexdigest() in text
    everything = b"".join([*files.values(), *(name.encode() for name in files)])
    for canary in (b"Sceau", b"Canari"):  # not their number, which a digest may hold
        assert canary not in everything
    assert Opening.unscoped.count() == openings


def test_each_side_gets_its_own(conversation, alice):
    """Alice has not opened what Bob posted; her own she has."""
    files = unpacked(ask(alice, conversation, language="fr"))
    assert set(files) == {
        "messages.txt",
        "manifeste.txt",
        "documents/acte été.pdf",
        "documents/Acte été (2).pdf",
        "documents/Canari-nom-4471.pdf",
    }
    assert "Thank you." not in files["messages.txt"].decode()
    assert "HNE" in (text := files["messages.txt"].decode()) or "HAE" in text


def test_each_document_in_it_is_recorded_once_and_a_look_at_its_head_not(conversation, bob):
    assert ask(bob, conversation, "head").status_code == 200
    assert not Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).exists()
    ask(bob, conversation)
    lines = Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED)
    assert sorted(lines.values_list("attachment_id", flat=True)) == sorted(
        Attachment.unscoped.filter(message__sequence__in=[1, 2]).values_list("pk", flat=True)
    )
    assert set(lines.values_list("actor", flat=True)) == {seat_of(bob, conversation).pk}


def test_it_is_an_attachment_without_the_title_and_says_its_length(conversation, bob):
    head = ask(bob, conversation, "head")
    whole = ask(bob, conversation)
    assert head["Content-Length"] == whole["Content-Length"]
    assert re.fullmatch(
        r'attachment; filename="connexion-\d{4}-\d\d-\d\d\.zip"', whole["Content-Disposition"]
    )
    assert whole["Content-Type"] == "application/octet-stream"
    assert whole["Cache-Control"] == "no-store"
    assert whole["Accept-Ranges"] == "none"
    assert whole["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.spec("D4")
@pytest.mark.parametrize("scan", ["waiting", "infected", "failed"])
def test_what_is_not_clean_is_named_as_missing_and_stays_out(conversation, alice, bob, scan):
    Attachment.unscoped.filter(message__sequence=1, size=0).update(scan=scan)
    for person in (alice, bob):
        files = unpacked(ask(person, conversation))
        assert "documents/Acte été (2).pdf" not in files
        assert "documents/Acte été.pdf" not in files
        assert re.search(r"(?m)^# not in this archive \(.+\): Acte été\.pdf$", files["manifest.txt"].decode())


def test_what_has_no_fingerprint_yet_waits(conversation, bob):
    Attachment.unscoped.update(digest_sealed=b"")
    assert not [name for name in unpacked(ask(bob, conversation)) if name.startswith("documents/")]


def test_a_withdrawn_message_leaves_its_tombstone(conversation, alice, bob):
    withdraw_message(by=seat_of(alice, conversation), message=first_of(conversation, sequence=1))
    files = unpacked(ask(bob, conversation))
    assert "was withdrawn" in files["messages.txt"].decode()
    assert "Voici" not in files["messages.txt"].decode()


def test_who_sees_only_what_followed_gets_only_that(conversation, bob):
    seat = seat_of(bob, conversation)
    seat.sees_after = 1
    seat.save()
    files = unpacked(ask(bob, conversation))
    assert "documents/acte été.pdf" not in files
    assert "Voici" not in files["messages.txt"].decode()


def test_a_stranger_gets_nothing(conversation, charlie, superuser):
    assert ask(charlie, conversation).status_code == 404
    assert ask(superuser, conversation).status_code == 404


def test_the_window_has_its_door(conversation, bob):
    page = sign_in(Client(), bob).get(reverse("connexion:conversation", args=[conversation.pk]))
    assert reverse("connexion:download_conversation", args=[conversation.pk]) in page.content.decode()


def test_memory_stays_flat_whatever_the_archive_weighs(alice, bob, alice_enrolment):
    mib = 1024**2
    house = start(
        alice_enrolment,
        to=["bob@example.org"],
        documents=[*sealed(bytes(24 * mib), name="a.bin"), *sealed(bytes(24 * mib), name="b.bin")],
    )
    scanning.scan_documents()
    tracemalloc.start()
    try:
        response = ask(alice, house)
        count = sum(len(piece) for piece in response.streaming_content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == int(response["Content-Length"]) > 48 * mib
    assert peak < 16 * mib


def lengthen(conversation, count):
    """Alice posts that many messages of 2 KB more."""
    last = first_of(conversation, sequence=1)
    epoch = keys.open_epoch(organization_id=conversation.organization_id, day=keys.day_of(last.expires_at))
    copies = []
    for number in range(count):
        copy = Message.unscoped.get(pk=last.pk)
        copy.pk, copy.sequence, copy.idempotency_key = uuid4(), 2 + number, uuid4()
        messages._seal_text(copy, f"{number} " + "Texte. " * 300, epoch)
        copies.append(copy)
    Message.unscoped.bulk_create(copies)


def test_memory_stays_flat_however_many_messages_there_are(alice, alice_enrolment, monkeypatch):
    """The texts of 10,000 would be 21 MB; `make faults` sends so many, and here a few show the same."""
    count = 10_000 if IS_FULL else 500
    # The test client keeps all that is rendered.
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
    house = start(alice_enrolment, to=["bob@example.org"])
    unpacked(ask(alice, house))  # code is loaded by a short one
    lengthen(house, count)
    tracemalloc.start()
    try:
        response = ask(alice, house)
        size = sum(len(piece) for piece in response.streaming_content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == int(response["Content-Length"]) > 2_100 * count
    assert peak < 2 * 1024**2


def test_what_changes_while_it_is_sent_cuts_it(conversation, alice, bob):
    """A message that is withdrawn between the measuring and the sending: no archive that lies."""
    response = ask(bob, conversation)
    withdraw_message(by=seat_of(alice, conversation), message=first_of(conversation, sequence=1))
    sent = []
    with pytest.raises(ArchiveChanged):
        sent.extend(response.streaming_content)
    assert sum(map(len, sent)) < int(response["Content-Length"])
    assert unpacked(ask(bob, conversation))


def test_what_is_posted_while_it_is_sent_waits_for_the_next(conversation, alice, bob):
    response = ask(alice, conversation)
    post(alice, conversation, "Trop tard.")
    assert b"Trop tard." not in b"".join(unpacked(response).values())


class Zeros:
    """A document that weighs what it says, and costs nothing to make."""

    size = 1024**3

    def read(self):
        piece = bytes(16 * 1024**2)
        for _ in range(self.size // len(piece)):
            yield piece


@pytest.mark.faults
def test_beyond_four_gigabytes_it_is_a_zip64_of_the_length_that_was_announced(rf):
    packed = [Packed(name=f"{number}.bin", source=Zeros()) for number in range(5)]
    response = respond_with_archive(request=rf.get("/"), documents=packed, texts=[], name="a.zip")
    count, tail = 0, b""
    for piece in response.streaming_content:
        count += len(piece)
        tail = (tail + piece)[-2000:]
    assert count == int(response["Content-Length"]) > 5 * 1024**3
    assert b"PK\x06\x06" in tail  # the end record of ZIP64
    assert b"4.bin" in tail
