"""The guard, condition by condition: each of its answers, and the one beside it that would be wrong (access.md)."""

from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.access import OWN, REPLY, VIEW, Ability, State, abilities_for
from connexion_plugin.actions import participants
from connexion_plugin.actions.messages import open_message, post_message
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Attachment, Collaborator, Conversation, Message, Participation, Persona
from connexion_plugin.models.scope import Everything
from tests.factories import enrol
from tests.factories.conversations import in_days, post, start

pytestmark = pytest.mark.django_db
READS = {Ability.READ, Ability.OPEN, Ability.DOWNLOAD, Ability.KNOW_OPENERS}


@pytest.fixture
def inside(alice, bob, charlie, alice_enrolment):
    """Bob sits there twice; Charlie came after the first message, and may only read."""
    house = start(alice_enrolment, to=["bob@example.org", "bob.gagnon@work.example"])
    owner = seat_at("alice@etude-tremblay.example", house)
    charlies = {"addresses": ["charlie@example.org"], "language": "fr"}
    participants.invite(by=owner, **charlies, may_reply=False, sees_past=False)
    return house


@pytest.fixture
def announced(alice, bob, charlie, alice_enrolment):
    """An announcement to Bob and to Charlie."""
    house = start(alice_enrolment, to=["bob@example.org", "charlie@example.org"])
    Conversation.unscoped.filter(pk=house.pk).update(hides_participants=True)
    return house


def seat_at(address, house):
    return Participation.unscoped.select_related("persona", "conversation").get(
        persona__address=address, conversation=house
    )


def persona_at(address):
    return Persona.unscoped.get(address=address)


# Abilities: a table, and nothing beside it


@pytest.mark.parametrize(
    ("state", "hides", "reader", "replier", "owner"),
    [
        (
            State.OPEN,
            False,
            {"withdraw", "change expiry", "leave", "ask for time", "move"},
            {"withdraw", "change expiry", "leave", "ask for time", "move", "post"},
            "all but reopen",
        ),
        (
            State.OPEN,
            True,
            {"withdraw", "change expiry", "leave", "ask for time", "move"},
            {"withdraw", "change expiry", "leave", "ask for time", "move"},
            "all but reopen, no change reply",
        ),
        (
            State.CLOSED,
            False,
            {"withdraw", "change expiry", "leave", "ask for time"},
            {"withdraw", "change expiry", "leave", "ask for time"},
            "remove/reopen/withdraw/change expiry/grant time/own/delete",
        ),
        (
            State.CLOSED,
            True,
            {"withdraw", "change expiry", "leave", "ask for time"},
            {"withdraw", "change expiry", "leave", "ask for time"},
            "remove/reopen/withdraw/change expiry/grant time/own/delete",
        ),
        (State.FROZEN, False, {"leave"}, {"leave"}, "own"),
        (State.FROZEN, True, {"leave"}, {"leave"}, "own"),
    ],
)
def test_abilities_are_those_of_the_table(state, hides, reader, replier, owner):
    acts = {
        "withdraw",
        "change expiry",
        "grant time",
        "own",
        "post",
        "invite",
        "remove",
        "readmit",
        "close",
        "delete",
    }
    acts.add("change address")
    owners = {
        "all but reopen": acts | {"change reply"},
        "all but reopen, no change reply": acts,
    }.get(owner, set(owner.split("/")))
    for held, due in (({VIEW}, reader), ({VIEW, REPLY}, replier), ({VIEW, REPLY, OWN}, owners)):
        found = abilities_for(permissions=held, state=state, hides_participants=hides)
        assert found == READS | {Ability(name) for name in due}


def test_without_the_first_permission_the_others_are_worth_nothing():
    for state, hides in product(State, (True, False)):
        assert abilities_for(permissions={REPLY, OWN}, state=state, hides_participants=hides) == frozenset()


def test_the_state_is_the_enrolments_then_the_owners_seats_and_then_the_conversations():
    active, gone = SimpleNamespace(is_active=True), SimpleNamespace(is_active=False)
    moments = (None, timezone.now())
    states = [
        access.state_of(
            SimpleNamespace(
                deleted_at=deleted, collaborator=whose, ownerless_since=ownerless, closed_at=closed
            )
        )
        for deleted, whose, ownerless, closed in product(moments, (active, gone), moments, moments)
    ]
    assert states == [State.OPEN, State.CLOSED, *[State.FROZEN] * 6, *[State.DELETED] * 8]


def test_what_was_deleted_can_be_seen_to_be_and_nothing_else():
    for hides in (True, False):
        for held, left in (
            ({VIEW}, Ability.LEAVE),
            ({VIEW, REPLY}, Ability.LEAVE),
            ({VIEW, OWN}, Ability.OWN),
        ):
            found = abilities_for(permissions=held, state=State.DELETED, hides_participants=hides)
            assert found == {Ability.READ, left}


# One conversation


def test_nobody_comes_in_without_both_a_row_and_a_seat(inside, alice, superuser, bob, dora):
    for nobody in (AnonymousUser(), superuser, dora):
        assert access.permissions_of(nobody, inside) == set()
        with pytest.raises(Http404):
            access.conversation_for(nobody, inside.pk)
    # A row without a living seat, and seats without a row.
    Participation.unscoped.filter(holder=bob).update(seat=Participation.Seat.REMOVED)
    with pytest.raises(Http404):
        access.conversation_for(bob, inside.pk)
    access.recompute(inside, [bob.pk])
    Participation.unscoped.filter(holder=bob).update(seat=Participation.Seat.TAKEN)
    with pytest.raises(Http404):
        access.conversation_for(bob, inside.pk)


def test_the_seat_is_the_tabs_then_the_owners_then_one_that_may_reply(inside, alice, bob):
    first, second = (seat_at(at, inside) for at in ("bob@example.org", "bob.gagnon@work.example"))
    for seat, other in ((first, second), (second, first)):
        assert access.conversation_for(bob, inside.pk, persona_id=seat.persona_id).seat == seat
        Participation.unscoped.filter(pk=seat.pk).update(may_reply=False)
        assert access.conversation_for(bob, inside.pk).seat == other
        to_post = access.conversation_to_post_in(bob, inside.pk, persona_id=seat.persona_id)
        assert to_post.seat == other
        Participation.unscoped.filter(pk=seat.pk).update(may_reply=True)
        assert {row.pk for row in access.conversation_for(bob, inside.pk).seats} == {first.pk, second.pk}
    for seat in (first, second):  # were Alice's both, and one of them the owner's
        Participation.unscoped.filter(pk=seat.pk).update(holder=alice)
        assert access.conversation_for(alice, inside.pk).is_owner
        assert access.conversation_for(alice, inside.pk).seat.is_owner
        Participation.unscoped.filter(conversation=inside, role="owner").update(may_reply=False)
        assert access.conversation_for(alice, inside.pk).seat.is_owner
        Participation.unscoped.filter(conversation=inside, role="owner").update(may_reply=True)


def test_in_an_announcement_the_owner_posts_as_the_owner(announced, alice, bob):
    theirs = seat_at("bob@example.org", announced)
    Participation.unscoped.filter(conversation=announced).update(may_reply=True)
    Participation.unscoped.filter(pk=theirs.pk).update(holder=alice)
    entry = access.conversation_to_post_in(alice, announced.pk, persona_id=theirs.persona_id)
    assert entry.seat.is_owner


# What one sees of it


def test_what_came_before_is_neither_read_nor_opened_nor_downloaded(inside, alice, charlie, bob):
    elsewhere = start(Collaborator.unscoped.get(), to=["new@example.net"])
    second = post(alice, inside, "deuxième")
    first = Message.unscoped.get(conversation=inside, sequence=1)
    document = attached(first)
    entry = access.conversation_for(charlie, inside.pk)
    assert list(access.messages_seen_by(entry.seat)) == [second]
    for message in (first, Message.unscoped.get(conversation=elsewhere)):
        with pytest.raises(Http404):
            access.message_for(charlie, inside.pk, message.pk)
    with pytest.raises(Http404):
        access.message_for(bob, inside.pk, Message.unscoped.get(conversation=elsewhere).pk)
    open_message(participation=entry.seat, message=first)  # were it open, it would still be before
    with pytest.raises(Http404):
        access.attachment_for(charlie, document.pk)
    assert access.activities_of(entry).earliest("number").verb == "invited"
    assert access.activities_of(access.conversation_for(bob, inside.pk)).earliest("number").verb == "created"
    Participation.unscoped.filter(conversation=inside, role="owner").update(sees_after=1)
    owners = access.conversation_for(alice, inside.pk)
    assert access.activities_of(owners).earliest("number").verb == "created"


def attached(message):
    return Attachment.unscoped.create(
        message=message,
        position=0,
        size=1,
        manifest_sealed=b"x",
        name_sealed=b"x",
        key=b"x",
        epoch_id=message.epoch_id,
    )


def test_a_document_stays_in_its_envelope_for_each_until_they_open_it(inside, alice, bob, charlie):
    message = post(alice, inside, "avec un document")
    document = attached(message)
    open_message(participation=seat_at("charlie@example.org", inside), message=message)
    assert access.attachment_for(charlie, document.pk)[1] == document
    assert access.attachment_for(alice, document.pk)[1] == document  # the sender's is open
    with pytest.raises(Http404):  # whoever else has opened it
        access.attachment_for(bob, document.pk)
    bobs = access.conversation_for(bob, inside.pk)
    assert access.opened_among(bobs, [message]) == set()
    open_message(participation=bobs.seat, message=message)
    assert access.opened_among(bobs, [message]) == {message.pk}
    assert access.attachment_for(bob, document.pk)[1] == document


def test_a_message_is_withdrawn_by_its_sender_and_by_the_owner(inside, alice, bob, charlie):
    theirs, owners = post_as("bob@example.org", inside), post(alice, inside, "à nous")
    assert access.message_to_withdraw(bob, inside.pk, theirs.pk)[1].pk == theirs.sender_id
    assert access.message_to_withdraw(alice, inside.pk, theirs.pk)[1].is_owner
    for person, message in ((bob, owners), (charlie, theirs), (charlie, owners)):
        with pytest.raises(Http404):
            access.message_to_withdraw(person, inside.pk, message.pk)
    # Sent through the one of the owner's seats that is not the owner's.
    Participation.unscoped.filter(pk=theirs.sender_id).update(holder=alice)
    assert access.message_to_withdraw(alice, inside.pk, theirs.pk)[1].pk == theirs.sender_id
    entry = access.conversation_for(alice, inside.pk)
    frozen = replace(entry, abilities=entry.abilities - {Ability.WITHDRAW})
    assert not access.may_withdraw(frozen, owners)


def post_as(address, house):

    return post_message(
        participation=seat_at(address, house), text="de Bob", expires_at=in_days(90), idempotency_key=uuid4()
    )


# Who else is there


def test_only_the_owner_learns_who_has_gone_and_names_a_seat(inside, announced, alice, bob):
    gone = seat_at("charlie@example.org", inside)
    owner = access.conversation_for(alice, inside.pk)
    participants.remove(by=owner.seat, participation=gone)
    bobs = access.conversation_for(bob, inside.pk)
    assert list(access.former_readers_of(owner)) == [gone]
    assert list(access.former_readers_of(bobs)) == []
    assert gone not in access.readers_of(bobs)
    assert access.readers_of(bobs).count() == 3
    assert access.seat_of_another(owner, gone.pk) == gone
    elsewhere = seat_at("bob@example.org", announced)
    for entry, key in ((bobs, gone.pk), (owner, owner.seat.pk), (owner, elsewhere.pk)):
        with pytest.raises(Http404):
            access.seat_of_another(entry, key)


@pytest.mark.spec("C9")
def test_an_announcement_shows_its_reader_the_owner_and_themselves(announced, alice, bob, charlie):
    message = Message.unscoped.get(conversation=announced)
    for person, address in ((charlie, "charlie@example.org"), (bob, "bob@example.org")):
        seat = seat_at(address, announced)
        open_message(participation=seat, message=message)
        found = access.conversation_for(person, announced.pk)
        assert found.seat == seat
        assert {row.persona.address for row in access.readers_of(found)} == {
            "alice@etude-tremblay.example",
            address,
        }
    open_message(participation=seat_at("alice@etude-tremblay.example", announced), message=message)
    participants.remove(
        by=seat_at("alice@etude-tremblay.example", announced),
        participation=seat_at("charlie@example.org", announced),
    )
    entry, owner = access.conversation_for(bob, announced.pk), access.conversation_for(alice, announced.pk)
    assert access.hides_others(entry)
    assert not access.hides_others(owner)
    assert {seat.persona.address for seat in access.readers_of(entry)} == {
        "alice@etude-tremblay.example",
        "bob@example.org",
    }
    openings = [opening.participation.holder for opening in access.openings_of(entry, [message])]
    assert openings == [bob, alice]
    assert access.openings_of(owner, [message]).count() == 3
    mine = [(line.verb, line.actor.holder) for line in access.activities_of(entry).order_by("number")]
    assert mine == [
        ("created", alice),
        ("invited", alice),
        ("posted", alice),
        ("opened", bob),
        ("opened", alice),
    ]
    assert access.activities_of(owner).count() == 7


# Lists and counts


def test_an_inbox_holds_the_living_seats_that_its_person_holds(inside, alice, bob, charlie):
    persona = persona_at("bob@example.org")
    rows = Participation.unscoped.filter(persona=persona)
    shows = lambda: (access.inbox(bob, persona).count(), unread_of(bob, persona))  # noqa: E731
    assert shows() == (1, 1)
    assert access.inbox(charlie, persona).count() == 0
    for change in ({"seat": "removed"}, {"holder": charlie}, {"in_inbox": False}):
        before = rows.values(*change).get()
        rows.update(**change)
        assert shows() == (0, 0)
        rows.update(**before)
    rows.update(unopened_count=0)
    assert shows() == (1, 1)  # not entered yet
    rows.update(entered_at=timezone.now())
    assert shows() == (1, 0)
    rows.update(unopened_count=1)
    assert shows() == (1, 1)


def unread_of(user, persona):
    return next(tab.unread_count for tab in access.tabs_of(user) if tab.persona == persona)


@pytest.mark.spec("B3")
def test_what_waits_for_an_answer_can_be_answered(inside, alice, bob, alice_enrolment):
    rows = access.inbox(bob, persona_at("bob@example.org"))
    waiting = lambda: access.waiting_for_answer(rows).count()  # noqa: E731
    assert waiting() == 1
    row = Participation.unscoped.filter(persona__address="bob@example.org")
    house = Conversation.unscoped.filter(pk=inside.pk)
    for found, change, back in (
        (row, {"may_reply": False}, {"may_reply": True}),
        (row, {"last_posted_sequence": 1}, {"last_posted_sequence": 0}),
        (house, {"closed_at": timezone.now()}, {"closed_at": None}),
        (Collaborator.unscoped.all(), {"status": "deactivated"}, {"status": "active"}),
    ):
        found.update(**change)
        assert waiting() == 0
        found.update(**back)
    assert waiting() == 1


@pytest.mark.spec("B3")
def test_what_expires_soon_is_what_one_can_still_read(inside, alice, charlie):
    rows = access.inbox(charlie, persona_at("charlie@example.org"))
    soonest = lambda: access.with_soonest_expiry(rows).get().soonest_expiry  # noqa: E731
    assert soonest() is None  # the first message came before
    later, sooner = post(alice, inside, "plus tard", days=90), post(alice, inside, "bientôt", days=30)
    assert soonest() == sooner.expires_at
    withdraw_message(by=seat_at("alice@etude-tremblay.example", inside), message=sooner)
    assert soonest() == later.expires_at
    Message.unscoped.filter(pk=later.pk).update(expires_at=timezone.now())
    assert soonest() is None


# Grants


def test_permission_rows_say_what_the_seats_say(inside, alice, bob, charlie):
    held = {person: access.permissions_of(person, inside) for person in (alice, bob, charlie)}
    assert held == {alice: {VIEW, REPLY, OWN}, bob: {VIEW, REPLY}, charlie: {VIEW}}
    Participation.unscoped.filter(holder=bob).update(may_reply=False)
    assert len(access.disagreements()) == 1
    access.recompute(inside, [bob.pk])
    assert access.permissions_of(bob, inside) == {VIEW}
    Participation.unscoped.filter(holder=bob).update(seat=Participation.Seat.LEFT)
    access.recompute(inside, [bob.pk])
    assert access.permissions_of(bob, inside) == set()
    assert access.disagreements() == []


# Collaborators and administrators


def test_an_enrolment_that_ended_makes_nobody_a_collaborator(alice, bob, alice_enrolment, organization):
    assert access.is_collaborator(alice)
    assert [tab.may_start for tab in access.tabs_of(alice)] == [True]
    for nobody in (bob, AnonymousUser()):
        assert not access.is_collaborator(nobody)
    Collaborator.unscoped.update(status="deactivated")
    assert not access.is_collaborator(alice)
    assert [tab.may_start for tab in access.tabs_of(alice)] == [False]
    enrol(organization, "bob@example.org")
    assert [tab.may_start for tab in access.tabs_of(bob)] == [False, True]


def test_one_administers_by_a_row_of_ones_own_and_while_ones_account_is_open(
    dora, bob, superuser, organization, other_organization
):
    assert access.organizations_administered_by(dora) == [organization.pk]
    assert access.may_administer(dora, organization)
    assert not access.may_administer(dora, other_organization)
    for nobody in (bob, superuser, AnonymousUser()):
        assert access.organizations_administered_by(nobody) == []
    assert set(access.administrators(organization.pk)) == {dora, superuser}
    assert set(access.administrators(other_organization.pk)) == {superuser}
    assert set(access.administrators()) == {dora, superuser}
    access.make_administrator(user=dora, organization=other_organization)
    access.revoke_administrator(user=dora, organization=organization)
    assert access.organizations_administered_by(dora) == [other_organization.pk]
    assert dora.groups.filter(name=access.ADMINISTRATORS).exists()
    access.revoke_administrator(user=dora, organization=other_organization)
    assert not dora.groups.filter(name=access.ADMINISTRATORS).exists()
    access.make_administrator(user=dora, organization=organization)
    dora.is_active = superuser.is_active = False
    dora.save()
    superuser.save()
    assert access.organizations_administered_by(dora) == []
    assert not access.is_operator(superuser)
    assert set(access.administrators()) == set()


def test_nobody_reaches_an_organization_before_the_second_factor(dora, superuser, bob, organization):
    for person in (dora, superuser, AnonymousUser()):
        assert access.reach_of(person) == ()
        person.is_verified = lambda: False
        assert access.reach_of(person) == ()
    for person, reach in ((dora, [organization.pk]), (superuser, Everything.ORGANIZATIONS), (bob, [])):
        person.is_verified = lambda: True
        assert access.reach_of(person) == reach
