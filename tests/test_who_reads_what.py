"""Random histories against a model of ten lines: after each step, who can read what (access.md).

The model knows nothing of permissions, seats or inboxes: only who was let in, who holds which address, and
who was shut out. At every step what an inbox lists is exactly what the look-up of one conversation allows.
"""

from contextlib import nullcontext, suppress
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connexion_plugin import access, personas
from connexion_plugin.access import Ability
from connexion_plugin.actions import participants
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.actions.closing import close_conversation, reopen_conversation
from connexion_plugin.actions.collaborators import deactivate_collaborator, reactivate_collaborator
from connexion_plugin.actions.expiry import empty_message, empty_title_of
from connexion_plugin.actions.messages import open_message, post_message
from connexion_plugin.actions.personas import give_up_address, take_up_address
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import wrong_unopened_counts
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.exceptions import (
    ConversationClosed,
    ConversationFrozen,
    GoneAlready,
    MessageGone,
    ReadOnlySeat,
    Refused,
)
from connexion_plugin.keyset import Cut
from connexion_plugin.models import Collaborator, Conversation, Message, Participation, Persona
from connexion_plugin.sealing import keys
from tests.factories import enrol, make_organization, make_person
from tests.factories.conversations import in_days, start

PEOPLE = ["alice", "bob", "charlie"]
ADDRESSES = ["one@example.net", "two@example.net", "three@example.net"]
people, addresses = st.sampled_from(PEOPLE), st.sampled_from(ADDRESSES)


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        keys.forget()
        tag = uuid4().hex[:8]
        organization = make_organization(f"Étude {tag}")
        self.owner_address = f"owner-{tag}@example.net"
        self.tag = tag
        self.owner = make_person(f"owner{tag} X", self.owner_address)
        self.enrolment = enrol(organization, self.owner_address)
        self.people = {
            name: make_person(f"{name}{tag} X", f"{name}-{tag}@elsewhere.example") for name in PEOPLE
        }
        self.conversation = start(self.enrolment, to=[f"first-{tag}@example.net"])
        # The model: who holds an address; per address the seat: absent, waiting, the name of who took it, or shut.
        self.holder: dict[str, str | None] = dict.fromkeys(ADDRESSES)
        self.seat: dict[str, str] = {}
        self.replies: dict[str, bool] = {}
        self.after: dict[str, int] = {}
        self.frozen = self.closed = False

    def at(self, address: str) -> str:
        return f"{self.tag}-{address}"

    def may_read(self, name: str) -> bool:
        return any(seat == name for seat in self.seat.values())

    def may_post(self, name: str) -> bool:
        rights = [self.replies[address] for address, seat in self.seat.items() if seat == name]
        return any(rights) and self.refusal is None

    @property
    def refusal(self) -> type[Refused] | None:
        return ConversationFrozen if self.frozen else ConversationClosed if self.closed else None

    @property
    def owner_seat(self) -> Participation:
        return Participation.unscoped.get(conversation=self.conversation, role="owner")

    def seat_row(self, address: str) -> Participation:
        return Participation.unscoped.select_related("conversation").get(
            conversation=self.conversation, persona__address=self.at(address)
        )

    @rule(address=addresses, may_reply=st.booleans(), sees_past=st.booleans())
    def invite(self, address: str, may_reply: bool, sees_past: bool) -> None:
        wanted: Any = {"addresses": [self.at(address)], "may_reply": may_reply, "sees_past": sees_past}
        if self.refusal:
            with pytest.raises(self.refusal):
                participants.invite(by=self.owner_seat, language="fr", **wanted)
            return
        participants.invite(by=self.owner_seat, language="fr", **wanted)
        if address not in self.seat:
            self.seat[address] = self.holder[address] or "waiting"
            self.replies[address] = may_reply
            self.after[address] = (
                0 if sees_past else Message.unscoped.filter(conversation=self.conversation).count()
            )

    @precondition(lambda self: not self.refusal)
    @rule(address=addresses, may_reply=st.booleans())
    def change_reply(self, address: str, may_reply: bool) -> None:
        if self.seat.get(address, "shut") != "shut":
            participants.change_reply(
                by=self.owner_seat, participation=self.seat_row(address), may_reply=may_reply
            )
            self.replies[address] = may_reply

    @rule(address=addresses)
    def leave(self, address: str) -> None:
        if self.seat.get(address) in PEOPLE:
            participants.leave(participations=[self.seat_row(address)])
            self.seat[address] = "shut"

    @precondition(lambda self: not self.frozen)
    @rule()
    def close_or_reopen(self) -> None:
        (reopen_conversation if self.closed else close_conversation)(by=self.owner_seat)
        self.closed = not self.closed

    @rule(name=people, address=addresses)
    def verify(self, name: str, address: str) -> None:
        if self.holder[address] not in (None, name):
            self.give_up(address)
        take_up_address(user=self.people[name], address=self.at(address))
        self.holder[address] = name
        if self.seat.get(address) == "waiting":
            self.seat[address] = name

    @rule(address=addresses)
    def give_up(self, address: str) -> None:
        name = self.holder[address]
        if name is None:
            return
        give_up_address(user=self.people[name], address=self.at(address))
        self.holder[address] = None
        if self.seat.get(address) == name:
            self.seat[address] = "shut"

    @rule(address=addresses)
    def remove(self, address: str) -> None:
        if self.frozen:
            return
        if address in self.seat:
            # Whoever left, or gave the address up, is removed by nobody; they read as little as whoever was.
            with suppress(GoneAlready) if self.seat[address] == "shut" else nullcontext():
                participants.remove(by=self.owner_seat, participation=self.seat_row(address))
            self.seat[address] = "shut"

    @precondition(lambda self: not self.refusal)
    @rule(address=addresses)
    def readmit(self, address: str) -> None:
        if self.seat.get(address) == "shut":
            participants.readmit(by=self.owner_seat, participation=self.seat_row(address))
            self.seat[address] = self.holder[address] or "waiting"

    @rule(address=addresses)
    def post_from(self, address: str) -> None:
        name = self.seat.get(address)
        if name in PEOPLE:
            refusal = self.refusal or (None if self.replies[address] else ReadOnlySeat)
            if refusal:
                with pytest.raises(refusal):
                    self.post(address)
            else:
                self.post(address)

    def post(self, address: str) -> None:
        post_message(
            participation=self.seat_row(address),
            text="Bonjour",
            expires_at=in_days(30),
            idempotency_key=uuid4(),
            title="Un titre",
        )

    @rule()
    def owner_posts(self) -> None:
        if not self.refusal:
            post_message(
                participation=self.owner_seat,
                text="De la titulaire",
                expires_at=in_days(364),
                idempotency_key=uuid4(),
                title="Un titre",
            )

    @rule(address=addresses)
    def open_the_last(self, address: str) -> None:
        if self.seat.get(address) in PEOPLE:
            seat = self.seat_row(address)
            message = access.messages_seen_by(seat).order_by("-sequence").first()
            if message is None:
                assert self.after[address]
            elif message.emptied_at is None:
                open_message(participation=seat, message=message)
            else:
                with pytest.raises(MessageGone):
                    open_message(participation=seat, message=message)

    @precondition(lambda self: not self.frozen)
    @rule()
    def withdraw_the_last(self) -> None:
        message = Message.unscoped.filter(conversation=self.conversation, emptied_at=None).last()
        if message is not None:
            withdraw_message(by=self.owner_seat, message=message)

    @rule(days=st.sampled_from([31, 400]))
    def some_expire(self, days: int) -> None:
        now = in_days(days)
        for message in Message.unscoped.filter(conversation=self.conversation):
            empty_message(message.pk, now=now)
        empty_title_of(self.conversation.pk, now=now)
        if Message.unscoped.filter(conversation=self.conversation, emptied_at=None).exists():
            assert read_title(Conversation.unscoped.get(pk=self.conversation.pk)) is not None

    @rule()
    def deactivate_or_reactivate(self) -> None:
        enrolment = Collaborator.unscoped.get(pk=self.enrolment.pk)
        (reactivate_collaborator if self.frozen else deactivate_collaborator)(collaborator=enrolment, by=None)
        self.frozen = not self.frozen

    @invariant()
    def reads_who_should(self) -> None:
        for name, person in self.people.items():
            listed = any(
                access.inbox(person, persona).filter(conversation=self.conversation).exists()
                for persona in personas.of(person)
            )
            try:
                abilities = access.conversation_for(person, self.conversation.pk).abilities
            except Http404:
                abilities = frozenset()
            assert (Ability.READ in abilities) == self.may_read(name) == listed, name
            assert listed == any(self.is_shown(person, persona) for persona in personas.of(person)), name
            assert (Ability.POST in abilities) == self.may_post(name), name

    def is_shown(self, person: Any, persona: Persona) -> bool:
        """By the compiled statement of the page."""
        listing = access.Listing(person.pk, persona.pk, access.Show.ALL, timezone.now())
        shown = [row.conversation_id for row in listing.read(Cut(newest_first=True, at_most=31), None)]
        assert len(shown) == listing.count()
        return self.conversation.pk in shown

    @invariant()
    def sees_what_follows(self) -> None:
        for address, after in self.after.items():
            first = access.messages_seen_by(self.seat_row(address)).order_by("sequence").first()
            assert first is None or first.sequence == after + 1, address

    @invariant()
    def rows_and_seats_agree(self) -> None:
        assert access.disagreements() == []
        assert list(wrong_unopened_counts()) == []
        assert list(faults_in_chain(Conversation.unscoped.get(pk=self.conversation.pk))) == []


@pytest.mark.spec("I3", "B4", "C10", "C12", "E3")
class TestHistories(TestCase, Histories.TestCase):  # type: ignore[misc]
    settings = settings(
        max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
