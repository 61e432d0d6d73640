"""What a form brings is reserved while it comes, for its organization and for its person (spec D2)."""

import html
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from connexion_plugin.actions import expiry, room
from connexion_plugin.actions.drafts import ensure_reply_draft
from connexion_plugin.actions.uploads import begin_upload
from connexion_plugin.documents import form_room, uploads
from connexion_plugin.exceptions import OrganizationFull, UnpostedTooLarge
from connexion_plugin.models import Draft, Message, Reservation, Upload
from tests.conftest import sign_in
from tests.factories import enrol, verify_address
from tests.factories.conversations import seat_of, start
from tests.views.uploads.sending import stored

pytestmark = [pytest.mark.spec("D2"), pytest.mark.django_db]
MIB = 1024**2
SIZE = 9 * MIB


@pytest.fixture
def while_it_comes(at_part):
    """`while_it_comes(look)`: looks in the middle of the body, once; gives what it saw."""
    return partial(at_part, 1)


def a_document(size=SIZE):
    return SimpleUploadedFile("a.pdf", bytes(size))


def grant(organization, quota):
    organization.storage_quota_bytes = quota
    organization.save()


def refusal(act):
    with pytest.raises((OrganizationFull, UnpostedTooLarge)) as refused:
        act()
    return refused.type


def test_what_comes_counts_for_all_others_and_no_more_once_it_is_posted(
    sending, alice, organization, while_it_comes
):
    grant(organization, SIZE + MIB)
    other = ensure_reply_draft(participation=seat_of(alice, sending.conversation), draft_id=uuid4())

    def looks():
        row = Reservation.unscoped.get()
        assert (row.organization, SIZE < row.length < SIZE + MIB) == (organization, True)
        assert row.ends_at > timezone.now() + timedelta(minutes=9)
        begin_upload(draft=other, name="b.pdf", length=1000)
        return refusal(lambda: begin_upload(draft=other, name="b.pdf", length=MIB))

    seen = while_it_comes(looks)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 302
    assert seen == [OrganizationFull]
    assert not Reservation.unscoped.exists()
    begin_upload(draft=other, name="b.pdf", length=MIB - 1000)


def test_what_comes_counts_for_its_person_in_every_draft(
    sending, bob, alice_enrolment, settings, while_it_comes
):
    settings.CONNEXION = {**settings.CONNEXION, "UNPOSTED_LIMIT_BYTES": SIZE + MIB}
    elsewhere = seat_of(bob, start(alice_enrolment, to=["bob@example.org"]))
    other = ensure_reply_draft(participation=elsewhere, draft_id=uuid4())
    seen = while_it_comes(lambda: refusal(lambda: begin_upload(draft=other, name="b.pdf", length=MIB)))
    assert sending.post(text="", documents=a_document(), save_draft="1").status_code == 302
    assert seen == [UnpostedTooLarge]
    assert [row.length for row in Upload.unscoped.all()] == [SIZE]
    assert not Reservation.unscoped.exists()


def test_who_has_several_organizations_reserves_as_a_person(
    alice, alice_enrolment, other_organization, while_it_comes
):
    enrol(other_organization, "alice@harbour.example")
    verify_address(alice, "alice@harbour.example")
    seen = while_it_comes(lambda: list(Reservation.unscoped.values_list("organization", "author")))
    form = reverse("connexion:start_conversation_draft", args=[uuid4()])
    sign_in(Client(), alice).post(form, {"title": "Acte", "documents": a_document()})
    assert seen == [[(None, alice.pk)]]
    assert not Reservation.unscoped.exists()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("whose", ["organization", "person"])
def test_the_refusal_says_why_and_keeps_what_was_typed(
    sending, bob, organization, settings, monkeypatch, language, whose
):
    if whose == "organization":
        grant(organization, 2 * SIZE - 5 * MIB)
        taken_by = {"author_id": bob.pk, "organization": organization}
    else:
        settings.CONNEXION = {**settings.CONNEXION, "UNPOSTED_LIMIT_BYTES": 2 * SIZE - 5 * MIB}
        taken_by = {"author_id": bob.pk, "organization": None}
    room.reserve(reservation=uuid4(), length=SIZE, **taken_by)
    monkeypatch.setattr(uploads, "keep_part", lambda *part: pytest.fail("a part was written"))
    with translation.override(language):
        answer = sending.post(text="Trois pages l’ont précédé.", documents=a_document())
        sentence = {"organization": OrganizationFull, "person": UnpostedTooLarge}[whose].sentence
        assert str(sentence) in (page := html.unescape(answer.content.decode()))
    assert answer.status_code == 409
    assert f'lang="{language}' in page
    assert "Trois pages l’ont précédé." in page
    assert Draft.unscoped.filter(pk=sending.key).exists()
    assert stored() == []
    assert Reservation.unscoped.count() == 1  # the other's


@pytest.mark.parametrize("fault", ["cut", "refused", "failing"])
def test_what_ends_otherwise_gives_its_room_back(sending, monkeypatch, fault):
    keep = uploads.keep_part

    def fails(*part):
        assert Reservation.unscoped.exists()
        raise {"cut": uploads.UploadCut, "refused": OrganizationFull, "failing": RuntimeError}[fault]

    monkeypatch.setattr(uploads, "keep_part", fails)
    sending.client.raise_request_exception = False
    statuses = {"cut": 400, "refused": 409, "failing": 500}
    assert sending.post(text="Voici.", documents=a_document()).status_code == statuses[fault]
    assert not Reservation.unscoped.exists()
    assert stored() == []
    monkeypatch.setattr(uploads, "keep_part", keep)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 302


def test_what_a_killed_process_held_is_free_after_ten_minutes(sending, bob, organization, time_machine):
    grant(organization, SIZE + MIB)
    time_machine.move_to(timezone.now(), tick=False)
    room.reserve(reservation=uuid4(), author_id=bob.pk, organization=organization, length=SIZE)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 409
    time_machine.shift(room.RESERVED)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 302


def test_the_sweep_takes_what_has_ended_or_a_clock_ahead_left(bob, organization, trusted_clock, time_machine):
    now = timezone.now()
    for minutes in (-1, 9, 60 * 24):
        Reservation.unscoped.create(
            id=uuid4(),
            author=bob,
            organization=organization,
            length=1,
            ends_at=now + timedelta(minutes=minutes),
        )
    expiry.sweep()
    assert [row.ends_at for row in Reservation.unscoped.all()] == [now + timedelta(minutes=9)]


def test_a_slow_line_keeps_its_room_and_asks_again_where_it_has_lost_it(monkeypatch):
    clock, asked = [0.0], []
    monkeypatch.setattr(form_room.time, "monotonic", lambda: clock[0])
    slow = form_room.FormRoom(lambda reservation, length, unwritten: asked.append((reservation, length)) or 0)
    for seconds in (0, 10, 59, 61, 62, 122, 5000):
        clock[0] = seconds
        slow.take(received=seconds, body_length=10**9)
    assert asked == [(slow.reservation, 10**9)] * 4


def test_a_reservation_that_cannot_be_given_back_spoils_nothing(sending, monkeypatch, caplog):
    def fails(*key):
        raise RuntimeError("a secret")

    monkeypatch.setattr("connexion_plugin.views.composing.release", fails)
    assert sending.post(text="Voici.", documents=a_document(10)).status_code == 302
    assert Message.unscoped.count() == 2
    assert "left to its end: RuntimeError" in caplog.text
    assert "a secret" not in caplog.text
    assert not Reservation.unscoped.exists()  # posting has counted it as posted
