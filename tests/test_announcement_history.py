"""What a participant of an announcement reads of its history: the owner's side and themselves (spec C9, A1)."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.actions import handing_over, more_time, participants
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.bounces import record_bounces
from connexion_plugin.actions.messages import open_message
from connexion_plugin.models import Activity, Bounce, Conversation, Message, Participation
from tests.conftest import sign_in
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = pytest.mark.django_db
Verb = Activity.Verb
MINE, OTHER, ANOTHER = "bob@example.org", "canari@example.net", "canari.deux@example.net"
OWNER, HEIR = "alice@etude-tremblay.example", "eve@etude-tremblay.example"

# For whoever adds a verb: of the owner's side, everybody reads it; of a person's own, that person alone.
THE_OWNERS_SIDE = {
    *(Verb.CREATED, Verb.POSTED, Verb.OPENED, Verb.JOINED, Verb.DOWNLOADED, Verb.RELEASED),
    *(Verb.CLOSED, Verb.REOPENED, Verb.FROZEN, Verb.THAWED, Verb.HELD, Verb.HOLD_LIFTED, Verb.DELETED),
    *(Verb.WITHDRAWN, Verb.EXPIRED, Verb.LENGTHENED, Verb.SHORTENED, Verb.WITHHELD, Verb.HANDED_OVER),
}
ONES_OWN = {
    *(Verb.INVITED, Verb.REMOVED, Verb.LEFT, Verb.READMITTED, Verb.REPLY_GIVEN, Verb.REPLY_TAKEN),
    *(Verb.ASKED, Verb.GRANTED, Verb.DECLINED, Verb.BOUNCED),
    *(Verb.CORRECTED, Verb.MOVE_ASKED, Verb.MOVED, Verb.MOVE_REFUSED),
}


def seat_at(address):
    return Participation.unscoped.get(persona__address=address)


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=[MINE, OTHER, ANOTHER], hides_participants=True, expires_at=in_days(5))


@pytest.fixture
def history(house, bob):
    """The lines that Bob reads, as the page writes them; `?` and what is asked."""
    client = sign_in(Client(), bob)

    def read(query=""):
        page = client.get(reverse("connexion:activity", args=[house.pk]) + query)
        return [(line["name"], line["verb_label"], line["detail"]) for line in page.context["lines"]]

    return read


def write(house, verb, **line):
    """A line as the verbs write it, at a moment of its own."""
    with transaction.atomic():
        conversation = Conversation.unscoped.select_for_update().get(pk=house.pk)
        return append_line(conversation=conversation, verb=verb, at=timezone.now(), **line).number


@pytest.mark.spec("C9", "A2")
def test_every_verb_is_either_the_owners_side_or_ones_own():
    assert set(Verb) == THE_OWNERS_SIDE | ONES_OWN
    assert not THE_OWNERS_SIDE & ONES_OWN
    assert access.OF_THE_OWNERS_SIDE == THE_OWNERS_SIDE


@pytest.mark.spec("C9", "A2")
def test_of_every_verb_one_reads_what_the_owner_did_and_what_is_about_oneself(house, bob):
    owner, mine, other = seat_at(OWNER), seat_at(MINE), seat_at(OTHER)
    shown, hidden = set(), set()
    for verb in set(Verb) - {Verb.HANDED_OVER}:  # which makes an owner: below
        for_all = shown if verb in THE_OWNERS_SIDE else hidden
        for_all.add(write(house, verb, actor=owner))
        for_all.add(write(house, verb))
        hidden.add(write(house, verb, actor=other))
        hidden.add(write(house, verb, actor=owner, subject=other))
        hidden.add(write(house, verb, subject=other))
        hidden.add(write(house, verb, count=2)) if verb in ONES_OWN else None
        if verb in access.OF_ANY_NUMBER:  # whom those are about, their moment says
            hidden.add(write(house, verb, actor=owner, subject=mine))
        else:
            shown.add(write(house, verb, actor=mine))
            shown.add(write(house, verb, actor=owner, subject=mine))
    read = set(access.activities_of(access.conversation_for(bob, house.pk)).values_list("number", flat=True))
    assert shown - read == set()
    assert hidden & read == set()


@pytest.mark.spec("C9")
def test_how_many_are_invited_later_changes_nothing_of_what_one_reads(house, history, alice):
    before = history()
    owner = seat_of(alice, house)
    participants.invite(by=owner, addresses=["u@example.net"], language="fr")
    assert history() == before
    participants.invite(by=owner, addresses=["v@example.net", "w@example.net"], language="fr")
    assert history() == before


@pytest.mark.spec("C9")
@pytest.mark.parametrize("others", [[], ["u@example.net"]], ids=["alone", "among others"])
def test_ones_own_invitation_tells_not_whether_one_was_invited_alone(alice, bob, alice_enrolment, others):
    house = start(alice_enrolment, to=[MINE, *others], hides_participants=True)
    client = sign_in(Client(), bob)
    for query, due in (("", 1), ("?q=bob", 0), ("?q=alice", 1)):
        page = client.get(reverse("connexion:activity", args=[house.pk]) + query)
        invited = [line for line in page.context["lines"] if line["verb_label"] == Verb.INVITED.label]
        assert [(line["name"], line["detail"]) for line in invited] == [(OWNER, "")] * due, query


@pytest.mark.spec("C9", "N4")
def test_what_comes_back_from_others_is_not_ones_own_to_read(house, history):
    def come_back(*addresses):
        for address in addresses:
            Bounce.unscoped.create(
                participation=seat_at(address), address=address, at=timezone.now(), code="550"
            )
        assert record_bounces() == len(addresses)

    before = history()
    come_back(OTHER)
    come_back(OTHER, ANOTHER)
    assert history() == before
    come_back(MINE, OTHER)
    assert history() == [*before, ("Connexion", Verb.BOUNCED.label, "")]


@pytest.mark.spec("C9", "E2")
@pytest.mark.parametrize("answer", [more_time.grant_time, more_time.decline_time])
def test_time_that_another_asked_for_is_answered_to_them_alone(house, history, alice, bob, answer):
    other = make_person("Canari X", "canari-x@example.net")
    participants.invite(by=seat_of(alice, house), addresses=["canari-x@example.net"], language="fr")
    message = Message.unscoped.get()
    before = history()
    more_time.ask_for_time(by=seat_of(other, house), message=message)
    answer(by=seat_of(alice, house), message=message)
    assert history() == before
    Message.unscoped.update(expires_at=in_days(4))
    message.refresh_from_db()
    more_time.ask_for_time(by=seat_of(bob, house), message=message)
    answer(by=seat_of(alice, house), message=message)
    own = [label for _name, label, _detail in history()[len(before) :]]
    assert own == [
        Verb.ASKED.label,
        Verb.GRANTED.label if answer is more_time.grant_time else Verb.DECLINED.label,
    ]


# After a hand-over


@pytest.fixture
def eve(db):
    return make_person("Eve Roy", HEIR)


@pytest.fixture
def handed_over(organization, alice, bob, dora, eve, alice_enrolment):
    """To one who had been a hidden participant, and had opened as such."""
    house = start(alice_enrolment, to=[MINE, HEIR], hides_participants=True)
    open_message(participation=seat_of(eve, house), message=Message.unscoped.get())
    handing_over.hand_over(
        collaborator=alice_enrolment, successor=enrol(organization, HEIR, name="Eve"), by=dora
    )
    handing_over.carry_hand_overs()
    house.refresh_from_db()
    return house


def opened_by(house, person):
    lines = access.activities_of(access.conversation_for(person, house.pk)).filter(verb=Verb.OPENED)
    return set(lines.values_list("actor__persona__address", flat=True))


@pytest.mark.spec("C9", "C13")
def test_what_the_successor_did_as_a_participant_stays_hidden(handed_over, bob, eve):
    assert opened_by(handed_over, bob) == set()
    assert opened_by(handed_over, eve) == {HEIR}


@pytest.mark.spec("C9", "C13")
def test_what_the_owner_did_is_read_after_they_own_it_no_more(handed_over, alice, bob, eve):
    lines = access.activities_of(access.conversation_for(bob, handed_over.pk))
    assert set(lines.filter(verb=Verb.POSTED).values_list("actor__persona__address", flat=True)) <= {OWNER}
    assert lines.get(verb=Verb.CREATED).actor.persona.address == OWNER
    assert lines.get(verb=Verb.HANDED_OVER).subject.persona.address == HEIR
    post(eve, handed_over, "nouveau")
    posted = access.activities_of(access.conversation_for(bob, handed_over.pk)).filter(verb=Verb.POSTED)
    assert posted.order_by("number").last().actor.persona.address == HEIR


@pytest.mark.spec("C9", "C13")
def test_what_a_former_owner_does_as_a_participant_is_hidden(handed_over, alice, bob, eve):
    message = post(eve, handed_over, "nouveau")
    participants.readmit(by=seat_of(eve, handed_over), participation=seat_at(OWNER))
    open_message(participation=seat_of(alice, handed_over), message=message)
    assert opened_by(handed_over, bob) == set()
    assert opened_by(handed_over, alice) == {OWNER}


def openers(house, person, message):
    entry = access.conversation_for(person, house.pk)
    named = [row.participation.persona.address for row in access.openings_of(entry, [message])]
    assert access.first_openers_of(entry, [message], at_most=10)[message.pk] == (named, len(named))
    return set(named)


@pytest.mark.spec("C9", "C13")
def test_what_the_successor_opened_before_the_worker_came_stays_hidden_from_who_sent_it(
    organization, alice, bob, dora, eve, alice_enrolment
):
    """The hand-over is dated at the act; until the worker has carried it they are a participant as any other."""
    house = start(alice_enrolment, to=[MINE, HEIR], hides_participants=True)
    first, second = Message.unscoped.get(), post(alice, house, "deuxième")
    handing_over.hand_over(
        collaborator=alice_enrolment, successor=enrol(organization, HEIR, name="Eve"), by=dora
    )
    open_message(participation=seat_of(eve, house), message=first)
    handing_over.carry_hand_overs()
    house.refresh_from_db()
    open_message(participation=seat_of(bob, house), message=second)
    open_message(participation=seat_of(eve, house), message=second)
    participants.readmit(by=seat_of(eve, house), participation=seat_at(OWNER))
    assert openers(house, alice, first) == set()
    assert openers(house, alice, second) == opened_by(house, alice) == {HEIR}
    assert openers(house, eve, second) == {HEIR, MINE}


@pytest.mark.spec("C9", "C13")
def test_what_an_owner_opened_stays_the_owners_side_after_they_own_it_no_more(
    handed_over, organization, alice, eve, dora
):
    message = post(eve, handed_over, "nouveau")
    Message.unscoped.filter(pk=message.pk).update(sender=seat_at(OWNER))  # as if the first owner had sent it
    open_message(participation=seat_of(eve, handed_over), message=message)
    make_person("Frank Côté", "frank@etude-tremblay.example")
    handing_over.hand_over(
        collaborator=handed_over.collaborator,
        successor=enrol(organization, "frank@etude-tremblay.example", name="Frank"),
        by=dora,
    )
    handing_over.carry_hand_overs()
    participants.readmit(by=seat_at("frank@etude-tremblay.example"), participation=seat_at(OWNER))
    assert openers(handed_over, alice, message) == opened_by(handed_over, alice) == {HEIR}
