"""A reader asks for more time with one click, the owner gives it or declines with one (spec E2)."""

import pytest
from django.db.utils import IntegrityError
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from connexion_plugin import access, exceptions, formats
from connexion_plugin.actions import handing_over, participants
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import open_message, read_text
from connexion_plugin.actions.more_time import ask_for_time, decline_time, grant_time
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import (
    Activity,
    Conversation,
    Mail,
    Message,
    Organization,
    SeatNotice,
    TimeRequest,
)
from tests.actions.test_expiry import house, live, parts_of_this_test  # noqa: F401
from tests.actions.test_warnings import letters_of
from tests.conftest import sign_in
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("E2")


@pytest.fixture
def soon(alice, bob, charlie, alice_enrolment):
    """A message of ten days, in a conversation of Alice, Bob and Charlie."""
    everyone = ["bob@example.org", "charlie@example.org"]
    conversation = start(alice_enrolment, to=everyone, expires_at=in_days(300))
    return post(alice, conversation, "Pour dix jours", days=10)


def verbs_of(message):
    lines = Activity.unscoped.filter(message_id=message.pk).exclude(verb=Activity.Verb.POSTED)
    return list(lines.order_by("number").values_list("verb", flat=True))


def test_asking_is_a_line_and_the_owner_is_told_of_the_first_alone(alice, bob, charlie, soon):
    for person in (bob, bob, charlie):
        ask_for_time(by=seat_of(person, soon.conversation), message=soon)
    assert verbs_of(soon) == ["asked", "asked"]
    assert TimeRequest.unscoped.count() == 2
    [(to, letter)] = letters_of(Mail.Kind.ASKED)
    assert to == "alice@etude-tremblay.example"
    assert letter.subject == "On vous demande un délai dans Connexion"
    assert "2 personnes demandent un délai" in letter.body
    assert "Pour dix jours" not in letter.body + letter.alternatives[0][0]
    assert "bob@" not in letter.body


def test_giving_time_moves_the_expiry_answers_all_and_tells_them(alice, bob, charlie, soon):
    for person in (bob, charlie):
        ask_for_time(by=seat_of(person, soon.conversation), message=soon)
    before = Message.unscoped.get(pk=soon.pk).expires_at
    grant_time(by=seat_of(alice, soon.conversation), message=soon)
    row = Message.unscoped.get(pk=soon.pk)
    assert (row.expires_at - before).days == 30
    assert read_text(row) == "Pour dix jours"
    assert verbs_of(soon) == ["asked", "asked", "granted"]
    assert not TimeRequest.unscoped.exclude(state=TimeRequest.State.GRANTED).exists()
    answers = dict(letters_of(Mail.Kind.ANSWERED))
    assert "gives you more time" in answers["bob@example.org"].body
    assert "vous accorde un délai" in answers["charlie@example.org"].body
    assert (
        dict(letters_of(Mail.Kind.ASKED))["alice@etude-tremblay.example"] is None
    )  # answered before it went out
    assert list(disagreements()) == []


def test_declining_leaves_the_expiry_and_tells_whoever_asked(alice, bob, soon):
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    for _ in range(2):
        decline_time(by=seat_of(alice, soon.conversation), message=soon)
    assert Message.unscoped.get(pk=soon.pk).expires_at == soon.expires_at
    assert verbs_of(soon) == ["asked", "declined"]
    [(to, letter)] = letters_of(Mail.Kind.ANSWERED)
    assert to == "bob@example.org"
    assert "does not give more time" in letter.body


def test_who_was_declined_does_not_ask_again_for_the_same_expiry(alice, bob, soon):
    seat = seat_of(bob, soon.conversation)
    ask_for_time(by=seat, message=soon)
    decline_time(by=seat_of(alice, soon.conversation), message=soon)
    assert ask_for_time(by=seat, message=soon).state == TimeRequest.State.DECLINED
    assert verbs_of(soon) == ["asked", "declined"]
    assert SeatNotice.unscoped.filter(kind=SeatNotice.Kind.ASKED).count() == 1
    change_expiry(by=seat_of(alice, soon.conversation), message=soon, expires_at=in_days(11))
    assert ask_for_time(by=seat, message=soon).state == TimeRequest.State.OPEN


def test_a_later_expiry_by_the_owners_own_hand_answers_those_who_ask(alice, bob, soon):
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    change_expiry(by=seat_of(alice, soon.conversation), message=soon, expires_at=in_days(60))
    assert TimeRequest.unscoped.get().state == TimeRequest.State.GRANTED
    assert verbs_of(soon) == ["asked", "lengthened"]


def test_giving_or_declining_what_nobody_asks_for_does_nothing(alice, soon):
    owner = seat_of(alice, soon.conversation)
    grant_time(by=owner, message=soon)
    decline_time(by=owner, message=soon)
    assert (verbs_of(soon), Message.unscoped.get(pk=soon.pk).expires_at) == ([], soon.expires_at)


def test_time_is_given_within_the_organizations_bounds(alice, bob, soon):
    Organization.unscoped.update(default_expiry_days=5, longest_expiry_days=15)
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    grant_time(by=seat_of(alice, soon.conversation), message=soon)
    assert (Message.unscoped.get(pk=soon.pk).expires_at - soon.posted_at).days == 15
    with pytest.raises(exceptions.NoMoreTime):  # the longest life is reached
        ask_for_time(by=seat_of(bob, soon.conversation), message=soon)


def test_one_asks_only_when_it_expires_soon_and_while_it_can_be_read(house, clock, alice, bob):  # noqa: F811
    message, seat = post(alice, house, "Pour vingt jours", days=20), seat_of(bob, house)
    with pytest.raises(exceptions.NoMoreTime):
        ask_for_time(by=seat, message=message)
    clock.jump(20 * DAY)  # its hour, and no sweep yet
    for act in (ask_for_time, grant_time, decline_time):
        with pytest.raises(exceptions.MessageGone):
            act(by=seat_of(alice, house), message=message)


def test_the_last_minute_is_soon_enough_and_the_message_outlives_its_day(house, clock, alice, bob):  # noqa: F811
    message = post(alice, house, "Pour deux jours", days=2)
    live(clock, 2 * DAY - HOUR)
    ask_for_time(by=seat_of(bob, house), message=message)
    grant_time(by=seat_of(alice, house), message=message)
    live(clock, 6 * DAY)
    assert read_text(Message.unscoped.get(pk=message.pk)) == "Pour deux jours"


# Another owner


@pytest.fixture
def emma_enrolment(organization):
    make_person("Emma Cyr", "emma@etude-tremblay.example")
    return enrol(organization, "emma@etude-tremblay.example")


def asked_of():
    return [to for to, letter in letters_of(Mail.Kind.ASKED) if letter is not None]


@pytest.mark.spec("C13")
def test_a_successor_is_told_what_was_asked_of_whoever_came_before_them(
    alice, bob, charlie, dora, soon, alice_enrolment, emma_enrolment
):
    quiet = post(alice, soon.conversation, "Personne ne demande", days=10)
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    assert asked_of() == ["alice@etude-tremblay.example"]
    handing_over.hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    assert handing_over.carry_hand_overs()
    ask_for_time(by=seat_of(charlie, soon.conversation), message=soon)
    [notice] = SeatNotice.unscoped.filter(kind=SeatNotice.Kind.ASKED, participation__role="owner")
    assert notice.message == soon != quiet
    assert "emma@etude-tremblay.example" in asked_of()


@pytest.mark.spec("C13")
def test_what_a_successor_has_asked_for_themself_is_no_news_to_them_and_hides_nobody_elses(
    alice, bob, charlie, dora, soon, alice_enrolment, organization
):
    bobs = enrol(organization, "bob@example.org")
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    handing_over.hand_over(collaborator=alice_enrolment, successor=bobs, by=dora)
    assert handing_over.carry_hand_overs()
    told = SeatNotice.unscoped.filter(kind=SeatNotice.Kind.ASKED, participation__role="owner")
    assert not told.exists()
    ask_for_time(by=seat_of(charlie, soon.conversation), message=soon)
    assert told.get().participation == seat_of(bob, soon.conversation)


# Who may


def test_the_sender_and_the_owner_do_not_ask_and_a_stranger_finds_nothing(alice, bob, charlie, soon):
    of_bob = post(bob, soon.conversation, "De Bob", days=10)
    conversation = soon.conversation_id
    for person, message in ((alice, soon), (alice, of_bob), (bob, of_bob)):
        with pytest.raises(Http404):
            access.message_to_ask_about(person, conversation, message.pk)
    assert access.message_to_ask_about(charlie, conversation, of_bob.pk)[1] == seat_of(
        charlie, soon.conversation
    )
    for person in (bob, charlie):
        with pytest.raises(Http404):
            access.message_to_give_time(person, conversation, soon.pk)
    assert access.message_to_give_time(alice, conversation, of_bob.pk)[1] == seat_of(alice, soon.conversation)


@pytest.mark.spec("C9")
def test_nobody_but_the_owner_learns_who_else_asks(alice, bob, charlie, soon):
    ask_for_time(by=seat_of(charlie, soon.conversation), message=soon)
    for person, addresses in ((alice, ["charlie@example.org"]), (bob, [])):
        entry = access.conversation_for(person, soon.conversation_id)
        asked = access.requests_about(entry, [soon]).get(soon.pk, access.Asked())
        assert list(asked.open_addresses) == addresses
    assert "charlie@example.org" not in window_of(bob, soon)


@pytest.mark.spec("B4", "C12")
def test_not_in_what_is_frozen_nor_deleted_nor_withdrawn(alice, bob, alice_enrolment, soon):
    reader, owner = seat_of(bob, soon.conversation), seat_of(alice, soon.conversation)
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    for act, seat in ((ask_for_time, reader), (grant_time, owner), (decline_time, owner)):
        with pytest.raises(exceptions.ConversationFrozen):
            act(by=seat, message=soon)
    type(alice_enrolment).unscoped.update(status="active")
    withdraw_message(by=owner, message=soon)
    delete_conversation(by=owner)
    for act, seat in ((ask_for_time, reader), (grant_time, owner), (decline_time, owner)):
        with pytest.raises(exceptions.MessageGone):
            act(by=seat, message=soon)


def test_who_was_removed_asks_for_nothing(alice, bob, soon):
    seat = seat_of(bob, soon.conversation)
    participants.remove(by=seat_of(alice, soon.conversation), participation=seat)
    with pytest.raises(exceptions.NoLongerThere):
        ask_for_time(by=seat, message=soon)


def test_the_database_holds_a_request_to_one_an_expiry(alice, bob, soon):
    request = ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    with pytest.raises(IntegrityError, match="time_request_answered_or_open"):
        TimeRequest.unscoped.update(state=TimeRequest.State.GRANTED)
    assert request.message == soon


# The window


def window_of(person, message):
    url = reverse("connexion:conversation", args=[message.conversation_id])
    return sign_in(Client(), person).get(url).content.decode()


def door(name, message):
    return reverse(f"connexion:{name}", args=[message.conversation_id, message.pk])


def test_a_click_asks_and_a_click_gives(alice, bob, soon):
    Conversation.unscoped.update(hides_participants=False)
    window = window_of(bob, soon)
    assert door("ask_for_time", soon) in window
    assert "Demander un délai" in window
    client = sign_in(Client(), bob)
    answer = client.post(door("ask_for_time", soon), follow=True)
    text = answer.content.decode()
    assert door("ask_for_time", soon) not in text
    assert "n’a pas encore répondu" in text
    owners = window_of(alice, soon)
    assert "bob@example.org" in owners
    assert door("grant_time", soon) in owners
    assert door("decline_time", soon) in owners
    given = sign_in(Client(), alice).post(door("grant_time", soon), follow=True).content.decode()
    assert door("grant_time", soon) not in given
    assert "Le message expire maintenant le" in given
    assert "more-time" not in window_of(bob, soon)


def test_a_declined_reader_reads_so(alice, bob, soon):
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    sign_in(Client(), alice).post(door("decline_time", soon))
    text = window_of(bob, soon)
    assert "il a été refusé" in text
    assert door("ask_for_time", soon) not in text


def test_an_envelope_that_is_opened_keeps_the_question(alice, bob, soon):
    client = sign_in(Client(), bob)
    url = reverse("connexion:open_message", args=[soon.conversation_id, soon.pk])
    assert door("ask_for_time", soon) in client.post(url, headers={"HX-Request": "true"}).content.decode()
    open_message(participation=seat_of(bob, soon.conversation), message=soon)
    assert door("ask_for_time", soon) in window_of(bob, soon)


def test_a_refusal_is_said_in_the_window(alice, bob, soon):
    Organization.unscoped.update(default_expiry_days=5, longest_expiry_days=10)
    answer = sign_in(Client(), bob).post(door("ask_for_time", soon), follow=True)
    assert "Un délai se demande quand" in answer.content.decode()


@pytest.mark.spec("B3")
def test_the_inboxs_filter_shows_what_expires_soon(alice, bob, soon):
    persona = seat_of(bob, soon.conversation).persona
    rows = access.inbox(bob, persona)
    assert not access.expiring(rows, before=in_days(7)).exists()
    change_expiry(by=seat_of(alice, soon.conversation), message=soon, expires_at=in_days(5))
    url = reverse("connexion:inbox", args=[persona.pk]) + "?show=expiring"
    assert str(soon.conversation_id) in sign_in(Client(), bob).get(url).content.decode()


# From a second tab, which stands as it was


@pytest.fixture
def words(alice, bob, soon):
    """What the page says after a click on a button that stood there before; in French to Alice, in English to Bob."""
    clients = {"alice": sign_in(Client(), alice), "bob": sign_in(Client(), bob)}

    def after(who, name, language="fr"):
        with translation.override(language):
            answer = clients[who].post(door(name, soon), follow=True)
        return [str(message) for message in answer.context["messages"]]

    return after


def moment_of(message, language="fr"):
    with translation.override(language), timezone.override("America/Toronto"):
        return formats.in_a_sentence(Message.unscoped.get(pk=message.pk).expires_at)


NOTHING_CHANGED = "Rien n’a changé\u00a0: plus personne n’attend de réponse. Le message expire le "


def test_declining_after_it_was_given_says_that_nothing_changed_and_when_it_expires(words, bob, soon):
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    words("alice", "grant_time")
    later = Message.unscoped.get(pk=soon.pk).expires_at
    assert words("alice", "decline_time") == [f"{NOTHING_CHANGED}{moment_of(soon)}."]
    assert Message.unscoped.get(pk=soon.pk).expires_at == later > soon.expires_at
    assert verbs_of(soon) == ["asked", "granted"]


def test_so_does_giving_it_after_it_was_declined(words, bob, soon):
    ask_for_time(by=seat_of(bob, soon.conversation), message=soon)
    [declined] = words("alice", "decline_time")
    assert "expire à la date prévue" in declined
    for _ in range(2):
        assert words("alice", "grant_time") == [f"{NOTHING_CHANGED}{moment_of(soon)}."]
    english = words("alice", "decline_time", language="en")
    assert english == [
        "Nothing was changed: nobody waits for an answer any more. The message expires on "
        f"{moment_of(soon, 'en')}."
    ]
    assert verbs_of(soon) == ["asked", "declined"]


def test_asking_again_after_it_was_declined_does_not_say_that_the_owner_is_told(words, alice, soon):
    [told] = words("bob", "ask_for_time", language="en")
    assert words("bob", "ask_for_time", language="en") == [told]  # still true: they wait
    assert "is told that you ask" in told
    decline_time(by=seat_of(alice, soon.conversation), message=soon)
    assert words("bob", "ask_for_time", language="en") == [
        "You had asked for more time, and were answered meanwhile: the message expires on "
        f"{moment_of(soon, 'en')}."
    ]
    [french] = words("bob", "ask_for_time")
    assert french.startswith("Vous aviez demandé un délai, et la réponse est venue entre-temps")
    assert SeatNotice.unscoped.filter(kind=SeatNotice.Kind.ASKED).count() == 1
