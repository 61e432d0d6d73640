"""A seat moves: to another address of its holder, with consent (I7); to the right one while nobody came (N4)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import access, exceptions
from connexion_plugin.actions import handing_over, moving, participants, refusals
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.actions.closing import close_conversation
from connexion_plugin.actions.conversations import enter_conversation
from connexion_plugin.actions.inbox import delete_from_inbox
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.warnings import warn_of_expiry
from connexion_plugin.mail import gathering, seat_notices
from connexion_plugin.mail.delivery import deliver
from connexion_plugin.models import (
    Activity,
    Conversation,
    Mail,
    Message,
    Notice,
    Opening,
    Participation,
    Persona,
    SeatMove,
    SeatNotice,
)
from tests.conftest import sign_in
from tests.factories import enrol, make_person, verify_address
from tests.factories.conversations import post, seat_of, start

pytestmark = pytest.mark.django_db
FIRST, SECOND = "bob@example.org", "bob.gagnon@work.example"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=[FIRST, "typo@example.net"])
    open_message(participation=seat_of(bob, conversation), message=Message.unscoped.get())
    return conversation


def persona(address):
    return Persona.unscoped.get(address=address)


def verbs(conversation):
    return [line.verb for line in Activity.unscoped.filter(conversation=conversation).order_by("number")]


def lose(user, address):
    EmailAddress.objects.filter(user=user, email=address).delete()
    give_up_address(user=user, address=address)


def take_out(owner, reader, conversation):
    participants.remove(by=seat_of(owner, conversation), participation=seat_of(reader, conversation))


# To another address of one's own


@pytest.mark.spec("I7")
@pytest.mark.parametrize("is_lost", [False, True], ids=["while one has it", "after it was lost"])
def test_a_seat_moves_with_its_history_once_the_owner_consents(house, alice, bob, is_lost):
    mine = post(bob, house, "de moi")
    seat = seat_of(bob, house)
    if is_lost:
        lose(bob, FIRST)
        with pytest.raises(Http404):
            access.conversation_for(bob, house.pk)
    moving.ask_to_move(seat=access.seat_to_move(bob, seat.pk), persona=persona(SECOND))
    moving.consent_to_move(by=seat_of(alice, house), move=SeatMove.unscoped.get())
    moved = seat_of(bob, house)
    assert (moved.pk, moved.persona.address, moved.unopened_count) == (seat.pk, SECOND, 0)
    assert Message.unscoped.get(pk=mine.pk).sender_id == seat.pk
    assert Opening.unscoped.get().participation_id == seat.pk
    assert access.conversation_for(bob, house.pk).seat.persona.address == SECOND
    assert verbs(house)[-2:] == ["move_asked", "moved"]
    house.refresh_from_db()
    assert list(faults_in_chain(house)) == []
    assert [fault for fault in disagreements() if "persona" not in fault] == []


@pytest.mark.spec("I7")
def test_asking_again_changes_where_to_and_the_owner_is_told_once(house, alice, bob):
    seat = seat_of(bob, house)
    moving.ask_to_move(seat=seat, persona=persona(SECOND))
    moving.ask_to_move(seat=seat, persona=persona(SECOND))
    assert SeatMove.unscoped.count() == 1
    deliver()
    told = [letter for letter in mail.outbox if letter.to == ["alice@etude-tremblay.example"]]
    assert len(told) == 1
    assert SECOND not in str(told[0].message())
    assert reverse("connexion:readers", args=[house.pk]) in told[0].body


@pytest.mark.spec("I7")
def test_declined_all_stays_as_it_is(house, alice, bob):
    moving.ask_to_move(seat=seat_of(bob, house), persona=persona(SECOND))
    move = SeatMove.unscoped.select_related("participation").get()
    moving.decline_to_move(by=seat_of(alice, house), move=move)
    moving.decline_to_move(by=seat_of(alice, house), move=move)
    moving.consent_to_move(by=seat_of(alice, house), move=move)
    assert seat_of(bob, house).persona.address == FIRST
    assert verbs(house).count("move_refused") == 1


@pytest.mark.spec("I7")
def test_nobody_gets_a_seat_that_they_did_not_hold(house, alice, bob, charlie):
    seat = seat_of(bob, house)
    with pytest.raises(Http404):
        access.seat_to_move(charlie, seat.pk)
    with pytest.raises(exceptions.NoLongerThere):
        moving.ask_to_move(seat=seat, persona=persona("charlie@example.org"))
    moving.ask_to_move(seat=seat, persona=persona(SECOND))
    lose(bob, SECOND)
    heir = make_person("Heir Roy", SECOND)
    with pytest.raises(exceptions.NoLongerThere):
        moving.consent_to_move(by=seat_of(alice, house), move=SeatMove.unscoped.get())
    with pytest.raises(Http404):
        access.conversation_for(heir, house.pk)


@pytest.mark.spec("I7", "C13")
def test_a_seat_that_became_the_owners_stays_with_the_enrolment(
    house, bob, dora, organization, alice_enrolment
):
    """Asked as a participant, consented to by oneself as the owner: the owner would sit where nobody is enrolled."""
    moving.ask_to_move(seat=seat_of(bob, house), persona=persona(SECOND))
    handing_over.hand_over(collaborator=alice_enrolment, successor=enrol(organization, FIRST), by=dora)
    assert handing_over.carry_hand_overs()
    own = seat_of(bob, house)
    assert own.is_owner
    with pytest.raises(exceptions.NoLongerThere):
        moving.consent_to_move(by=own, move=SeatMove.unscoped.get())
    assert seat_of(bob, house).persona.address == FIRST


@pytest.mark.spec("I7", "I3")
def test_a_seat_that_was_removed_does_not_come_back_by_moving(house, alice, bob):
    seat = seat_of(bob, house)
    moving.ask_to_move(seat=seat, persona=persona(SECOND))
    participants.remove(by=seat_of(alice, house), participation=seat)
    with pytest.raises(exceptions.NoLongerThere):
        moving.consent_to_move(by=seat_of(alice, house), move=SeatMove.unscoped.get())
    with pytest.raises(Http404):
        access.seat_to_move(bob, seat.pk)


@pytest.mark.spec("I7")
def test_an_address_with_a_seat_of_its_own_takes_no_other(house, alice, bob):
    participants.invite(by=seat_of(alice, house), addresses=[SECOND], language="fr")
    seat = Participation.unscoped.get(persona__address=FIRST)
    assert access.addresses_to_move_to(bob, seat) == []
    with pytest.raises(exceptions.AlreadySeated):
        moving.ask_to_move(seat=seat, persona=persona(SECOND))


@pytest.mark.spec("I7")
def test_asked_and_consented_on_the_pages(house, alice, bob):
    seat = seat_of(bob, house)
    reader, owner = sign_in(Client(), bob), sign_in(Client(), alice)
    lose(bob, FIRST)
    (lost,) = reader.get(reverse("connexion:invitations")).context["released"]
    assert lost["owner_address"] == "alice@etude-tremblay.example"
    page = reader.get(lost["url"])
    assert [address for _, address in page.context["form"].fields["persona"].choices] == [SECOND]
    assert reader.post(lost["url"], {"persona": "nonsense"}).status_code == 422
    reader.post(lost["url"], {"persona": str(persona(SECOND).pk)})
    page = owner.get(reverse("connexion:readers", args=[house.pk]))
    (asking,) = page.context["former_readers"]
    assert asking["moves_to"] == SECOND
    owner.post(asking["settle_url"], {"consent": "yes", "address": SECOND})
    assert reader.get(reverse("connexion:conversation", args=[house.pk])).status_code == 200
    again = owner.post(asking["settle_url"], {"consent": "yes"}, follow=True)
    assert "aucune autre adresse n’est plus demandée ici" in again.content.decode()
    assert seat_of(bob, house).pk == seat.pk


# To the right address


def correct(house, alice, address, seat=None):
    seat = seat or Participation.unscoped.get(persona__address="typo@example.net")
    return moving.correct_address(by=seat_of(alice, house), seat=seat, address=address, language="en")


@pytest.mark.spec("I7")
def test_the_owner_consents_to_the_address_that_the_page_showed(house, alice, bob):
    """Its holder may ask for another one while the owner looks at the page."""
    seat = seat_of(bob, house)
    moving.ask_to_move(seat=seat, persona=persona(SECOND))
    verify_address(bob, "third@example.net")
    moving.ask_to_move(seat=seat, persona=persona("third@example.net"))
    owner = sign_in(Client(), alice)
    url = reverse("connexion:settle_move", args=[house.pk, seat.pk])
    assert owner.post(url, {"consent": "yes", "address": SECOND}).status_code == 302
    assert seat_of(bob, house).persona.address == FIRST
    owner.post(url, {"consent": "yes", "address": "third@example.net"})
    assert seat_of(bob, house).persona.address == "third@example.net"


@pytest.mark.spec("N4")
def test_a_waiting_seat_moves_to_the_right_address_and_the_notice_goes_out_again(house, alice):
    deliver()
    seat = Participation.unscoped.get(persona__address="typo@example.net")
    post(alice, house, "encore")
    corrected = correct(house, alice, "Right@Example.net")
    assert corrected.pk == seat.pk
    assert (corrected.persona.address, corrected.persona.language) == ("right@example.net", "en")
    mail.outbox.clear()
    deliver()
    assert "right@example.net" in [letter.to[0] for letter in mail.outbox]
    assert "typo@example.net" not in [letter.to[0] for letter in mail.outbox]
    assert verbs(house)[-1] == "corrected"
    stranger = make_person("Typo X", "typo@example.net")
    with pytest.raises(Http404):
        access.conversation_for(stranger, house.pk)
    right = make_person("Right X", "right@example.net")
    assert access.conversation_for(right, house.pk)


def letters_of():
    """To whom the deliverer writes now."""
    mail.outbox.clear()
    deliver()
    return [letter.to[0] for letter in mail.outbox]


def warn(days=13):
    from_now = timezone.now() + timedelta(days=364 - days)
    warn_of_expiry(now=from_now, limit=10)


@pytest.mark.spec("N4", "E2")
@pytest.mark.parametrize("stage", ["written", "gathered", "sent"])
def test_a_warning_follows_to_the_right_address_and_the_wrong_one_gets_nothing(house, alice, stage):
    deliver()
    warn()
    if stage == "gathered":
        seat_notices.gather()
        assert Mail.unscoped.filter(to="typo@example.net", kind="expiring").exists()
    if stage == "sent":
        assert "typo@example.net" in letters_of()
    correct(house, alice, "right@example.net")
    told = letters_of()
    assert "typo@example.net" not in told
    assert sorted(told).count("right@example.net") == 2  # the message that waits, and its warning
    assert "right@example.net" not in letters_of()
    assert list(disagreements()) == []


@pytest.mark.spec("N4", "E2")
def test_of_two_warnings_the_right_address_gets_the_last(house, alice):
    deliver()
    warn(13)
    warn(2)
    assert SeatNotice.unscoped.filter(participation__persona__address="typo@example.net").count() == 2
    correct(house, alice, "right@example.net")
    assert letters_of().count("right@example.net") == 2


@pytest.mark.spec("I7", "E2")
def test_what_has_not_left_yet_moves_with_the_seat(house, alice, bob):
    post(alice, house, "encore")
    deliver()
    warn()
    seat_notices.gather()
    late = post(alice, house, "et encore")
    gathering.gather(100)
    moving.ask_to_move(seat=seat_of(bob, house), persona=persona(SECOND))
    mail.outbox.clear()
    moving.consent_to_move(by=seat_of(alice, house), move=SeatMove.unscoped.get())
    told = letters_of()
    assert FIRST not in told
    assert told.count(SECOND) == 2
    assert Notice.unscoped.get(participation=seat_of(bob, house), message=late).mail.state == "sent"


@pytest.mark.spec("N4", "I6")
def test_somebody_with_an_account_who_has_not_come_yet_is_corrected_like_anybody(house, alice, charlie):
    """Or the refusal would tell that the mistyped address has an account."""
    participants.invite(by=seat_of(alice, house), addresses=["charlie@example.org"], language="fr")
    corrected = correct(house, alice, "right@example.net", seat_of(charlie, house))
    assert (corrected.seat, corrected.holder_id, corrected.joined_at) == ("waiting", None, None)
    with pytest.raises(Http404):
        access.conversation_for(charlie, house.pk)
    assert access.permissions_of(charlie, house) == set()
    assert list(disagreements()) == []


@pytest.mark.spec("N4")
def test_who_has_an_account_is_there_at_once(house, alice, charlie):
    correct(house, alice, "charlie@example.org")
    assert access.conversation_for(charlie, house.pk)


@pytest.mark.spec("N4", "B6")
@pytest.mark.parametrize("right", ["bob@example.org", "right@example.net"], ids=["known", "awaited"])
def test_whom_it_was_meant_for_finds_it_in_their_inbox(alice, bob, charlie, alice_enrolment, right):
    """Though whoever read the wrong address had put it out of theirs."""
    house = start(alice_enrolment, to=["charlie@example.org"])
    seat = seat_of(charlie, house)
    delete_from_inbox(user=charlie, persona=seat.persona, ids=[seat.pk])
    long_ago = timezone.now() - timedelta(days=30)
    for rows in (Participation.unscoped.filter(pk=seat.pk), Conversation.unscoped.filter(pk=house.pk)):
        rows.update(activity_at=long_ago)
    Conversation.unscoped.filter(pk=house.pk).update(hides_participants=True)
    before = timezone.now()
    corrected = correct(house, alice, right, seat)
    assert corrected.activity_at >= before  # as an invitation to an announcement
    reader = bob if right == FIRST else make_person("Right X", right)
    assert [row.pk for row in access.inbox(reader, persona(right))] == [seat.pk]


@pytest.mark.spec("N4", "I3")
def test_a_seat_that_was_ever_taken_is_not_corrected(house, alice, bob):
    seat = seat_of(bob, house)
    enter_conversation(participation=seat)
    with pytest.raises(exceptions.SeatTaken):
        correct(house, alice, "other@example.net", seat)
    lose(bob, FIRST)
    with pytest.raises(exceptions.SeatTaken):
        correct(house, alice, "other@example.net", seat)


@pytest.mark.spec("N4", "I3")
@pytest.mark.parametrize(
    "page",
    ["conversation", "print_conversation", "activity", "print_activity", "readers", "download_conversation"],
)
def test_whoever_came_by_whichever_page_has_come(alice, bob, alice_enrolment, page):
    house = start(alice_enrolment, to=[FIRST])
    seat, reader = seat_of(bob, house), sign_in(Client(), bob)
    url = reverse(f"connexion:{page}", args=[house.pk])
    reader.head(url)
    assert seat_of(bob, house).entered_at is None
    assert reader.get(url).status_code == 200
    assert seat_of(bob, house).entered_at is not None
    with pytest.raises(exceptions.SeatTaken):
        correct(house, alice, "other@example.net", seat)


@pytest.mark.spec("N4", "I3")
@pytest.mark.parametrize("end", [lambda *_people: None, take_out], ids=["given up", "removed first"])
def test_nor_one_that_was_admitted_again_after_its_holder_lost_the_address(house, alice, bob, charlie, end):
    """What the earlier holder wrote hangs on the seat: whoever it went to could withdraw it as their own."""
    mine, seat = post(bob, house, "de moi"), seat_of(bob, house)
    end(alice, bob, house)
    lose(bob, FIRST)
    participants.readmit(by=seat_of(alice, house), participation=seat)
    seat.refresh_from_db(from_queryset=Participation.unscoped.all())
    assert (seat.seat, seat.holder_id) == (Participation.Seat.WAITING, None)
    with pytest.raises(exceptions.SeatTaken):
        correct(house, alice, "charlie@example.org", seat)
    owner = sign_in(Client(), alice)
    rows = owner.get(reverse("connexion:readers", args=[house.pk])).context["readers"]
    offered = {row["address"]: row["correct_url"] is not None for row in rows if row["is_waiting"]}
    assert offered == {FIRST: False, "typo@example.net": True}
    url = reverse("connexion:correct_address", args=[house.pk, seat.pk])
    assert owner.get(url).status_code == 302
    refused = owner.post(url, {"address": "charlie@example.org", "language": "fr"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["address"] == [str(exceptions.SeatTaken.sentence)]
    assert Message.unscoped.get(pk=mine.pk).sender.persona.address == FIRST
    with pytest.raises(Http404):
        access.conversation_for(charlie, house.pk)


@pytest.mark.spec("N4")
def test_neither_who_sits_there_nor_who_refuses(house, alice, bob, alice_enrolment):
    with pytest.raises(exceptions.AlreadySeated):
        correct(house, alice, FIRST)
    start(alice_enrolment, to=[SECOND])
    row = next(row for row in access.invitations_of(bob) if row.persona.address == SECOND)
    refusals.refuse_invitations(user=bob, invitations=row)
    with pytest.raises(exceptions.InvitationsRefused):
        correct(house, alice, SECOND)
    close_conversation(by=seat_of(alice, house))
    with pytest.raises(exceptions.ConversationClosed):
        correct(house, alice, "right@example.net")


@pytest.mark.spec("N4")
def test_corrected_on_the_page(house, alice):
    owner = sign_in(Client(), alice)
    page = owner.get(reverse("connexion:readers", args=[house.pk]))
    (waiting,) = [row for row in page.context["readers"] if row["correct_url"]]
    assert waiting["address"] == "typo@example.net"
    assert owner.get(waiting["correct_url"]).context["form"]["address"].value() == "typo@example.net"
    wrong = owner.post(waiting["correct_url"], {"address": FIRST, "language": "fr"})
    assert wrong.status_code == 422
    done = owner.post(waiting["correct_url"], {"address": "right@example.net", "language": "fr"}, follow=True)
    assert "right@example.net" in [row["address"] for row in done.context["readers"]]
