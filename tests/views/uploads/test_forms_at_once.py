"""Ten forms without scripts at once: as many as there is room for are stored, and no byte of the others (D2, row 9)."""

import html
import threading
import time
from contextlib import suppress
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions import room
from connexion_plugin.documents import uploads
from connexion_plugin.documents.parts import StorageFull
from connexion_plugin.exceptions import OrganizationFull, UnpostedTooLarge
from connexion_plugin.models import Attachment, Draft, Message, Reservation
from tests.actions.racing import FOR_REAL, at_once
from tests.conftest import sign_in
from tests.factories.conversations import start
from tests.views.uploads.sending import stored

pytestmark = [*FOR_REAL, pytest.mark.spec("D2")]
MIB = 1024**2
SIZE = 5 * MIB
FORMS = 10
FIT = 4


@pytest.fixture
def forms(alice, bob, alice_enrolment, monkeypatch):
    """Ten forms whose bodies come all at the same time: none goes on before each is under way, or answered."""
    conversation = start(alice_enrolment, to=["bob@example.org"])
    clients = [sign_in(Client(), person) for person in (alice, bob)]
    under_way, answered, keep = set(), [], uploads.keep_part

    def waits(storage, document, *part):
        under_way.add(document)
        deadline = time.monotonic() + 30
        while len(under_way) + len(answered) < FORMS and time.monotonic() < deadline:
            time.sleep(0.01)
        keep(storage, document, *part)

    def form(number, people):
        language = ("fr", "en")[number // 2 % 2]
        with translation.override(language):
            address = reverse("connexion:post_message", args=[conversation.pk, uuid4()])
        client = Client()
        client.cookies = clients[number % people].cookies
        typed = {"text": f"Mot {number}.", "expires_in_days": 90}
        answer = client.post(address, {**typed, "documents": SimpleUploadedFile("a.pdf", bytes(SIZE))})
        answered.append((number, language, answer.status_code, html.unescape(answer.content.decode())))

    def send(*, people):
        at_once(*[lambda number=number: form(number, people) for number in range(FORMS)])
        return answered

    monkeypatch.setattr(uploads, "keep_part", waits)
    send.under_way = under_way
    return send


def assert_some_are_stored_and_the_others_keep_their_words(forms, answered, refusal, status=409):
    assert len(forms.under_way) == FIT
    refused = [answer for answer in answered if answer[2] == status]
    assert sorted(answer[2] for answer in answered) == [302] * FIT + [status] * (FORMS - FIT)
    for number, language, _status, page in refused:
        with translation.override(language):
            assert str(refusal.sentence) in page
        assert f"Mot {number}." in page
    assert sorted(stored()) == sorted(key.hex for key in Attachment.unscoped.values_list("pk", flat=True))
    assert not Reservation.unscoped.exists()


def test_ten_forms_at_once_are_counted_before_they_are_stored(forms, organization):
    organization.storage_quota_bytes = FIT * SIZE + MIB // 2
    organization.save()
    answered = forms(people=2)
    assert_some_are_stored_and_the_others_keep_their_words(forms, answered, OrganizationFull)
    assert sum(Message.unscoped.values_list("documents_bytes", flat=True)) == FIT * SIZE
    # One seat has one draft: the words of its last refused form.
    assert Draft.unscoped.count() <= 2


def test_ten_forms_of_one_person_are_held_to_the_persons_limit(forms, settings):
    settings.CONNEXION = {**settings.CONNEXION, "UNPOSTED_LIMIT_BYTES": FIT * SIZE + MIB // 2}
    answered = forms(people=1)
    assert_some_are_stored_and_the_others_keep_their_words(forms, answered, UnpostedTooLarge)


def test_ten_forms_at_once_find_each_the_room_that_the_others_left_of_the_disk(forms, disk):
    disk.holds(FIT * SIZE + SIZE // 2)
    answered = forms(people=2)
    assert_some_are_stored_and_the_others_keep_their_words(forms, answered, StorageFull, status=507)


def test_none_is_let_in_by_what_the_disk_had_free_before_another_was(sending, other, disk, monkeypatch):
    disk.holds(2 * SIZE - MIB)
    look, both_have_looked = room.yet_to_come, threading.Barrier(2)
    begun, keep = set(), uploads.keep_part

    def looks_before_the_other_is_there(storage):
        before = look(storage)
        with suppress(threading.BrokenBarrierError):  # whoever awaits the lock does not come
            both_have_looked.wait(timeout=1)
        return before

    def bring(one):
        return one.post(text="Voici.", documents=SimpleUploadedFile("a.pdf", bytes(SIZE))).status_code

    monkeypatch.setattr(room, "yet_to_come", looks_before_the_other_is_there)
    monkeypatch.setattr(uploads, "keep_part", lambda *part: begun.add(part[1]) or keep(*part))
    assert sorted(at_once(lambda: bring(sending), lambda: bring(other))) == [302, 507]
    assert len(begun) == 1  # of the other nothing was written
