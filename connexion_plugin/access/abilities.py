"""What a conversation is, and what one may do to it: one function each, closed by default (access.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from connexion_plugin import exceptions
from connexion_plugin.access.listed import ListedConversation
from connexion_plugin.models import Conversation, Participation

VIEW, REPLY, OWN = "view_conversation", "reply_conversation", "own_conversation"


Person = AbstractBaseUser | AnonymousUser


class State(StrEnum):
    """What a conversation is, whoever asks."""

    OPEN = "open"
    CLOSED = "closed"
    FROZEN = "frozen"
    DELETED = "deleted"


class WhyFrozen(StrEnum):
    """For the words that say whom to contact (spec B4)."""

    ENROLMENT_ENDED = "enrolment ended"
    ADDRESS_GIVEN_UP = "address given up"
    SUCCESSOR_AWAITED = "successor awaited"  # named by an administrator, and without an account yet (C13)


class Ability(StrEnum):
    """What one may do to a conversation. Views, templates and the API look these up and never reason."""

    READ = "read"
    OPEN = "open"
    DOWNLOAD = "download"
    POST = "post"
    INVITE = "invite"
    REMOVE = "remove"
    READMIT = "readmit"
    CHANGE_REPLY = "change reply"
    CHANGE_ADDRESS = "change address"  # of a seat: correct one that waits, consent to a move
    MOVE = "move"  # one's own seat to another of one's addresses, once the owner consents
    CLOSE = "close"
    REOPEN = "reopen"
    DELETE = "delete"  # for everyone; out of one's own inbox is nobody else's concern
    LEAVE = "leave"
    OWN = "own"  # the owner's doors; what may be done behind them is for the others to say
    ASK_FOR_TIME = "ask for time"  # with a message that expires soon; the owner does not ask, but changes
    GRANT_TIME = "grant time"  # or decline it
    CHANGE_EXPIRY = "change expiry"  # of the same messages: see `may_change_expiry`
    KNOW_OPENERS = (
        "know openers"  # of the same messages, withdrawn ones too, and under a hold: see `may_know_openers`
    )
    WITHDRAW = "withdraw"  # a message of one's own, or, for the owner, any: see `may_withdraw`


@dataclass(frozen=True)
class ConversationAccess:
    """One person's way into one conversation."""

    conversation: Conversation
    seat: Participation  # through which they act: the owner's, one that may reply, or any
    seats: tuple[Participation, ...]
    abilities: frozenset[Ability]

    @property
    def state(self) -> State:
        return state_of(self.conversation)

    @property
    def handed_over_at(self) -> datetime | None:
        """When it was last handed over to another owner (spec C13); the guard has looked."""
        return getattr(self.seat, "handed_over_at", None)

    @property
    def waiting_draft_id(self) -> UUID | None:
        """What they have begun to write in this seat (spec C8)."""
        return getattr(self.seat, "waiting_draft_id", None)

    @property
    def is_owner(self) -> bool:
        return any(seat.is_owner for seat in self.seats)


def state_of(conversation: Conversation | ListedConversation) -> State:
    """At one place. Frozen is derived from the owner's enrolment and seat, so that it cannot drift (spec B4).

    An enrolment without a holder of its address leaves nobody to answer for the conversation.
    """
    if conversation.deleted_at is not None:
        return State.DELETED
    if not conversation.collaborator.is_active or conversation.ownerless_since is not None:
        return State.FROZEN
    return State.CLOSED if conversation.closed_at else State.OPEN


# What a legal hold keeps from being taken away, or made to expire at another moment (spec E3).
NOT_UNDER_A_HOLD = frozenset(
    {
        Ability.WITHDRAW,
        Ability.CHANGE_EXPIRY,
        Ability.ASK_FOR_TIME,
        Ability.GRANT_TIME,
        Ability.DELETE,
    }
)


def is_held(conversation: Conversation) -> bool:
    """Whether a legal hold suspends its expiry (spec E3)."""
    return conversation.hold is not None and conversation.hold.is_active


def demand_changeable(conversation: Conversation) -> None:
    """Raises ConversationDeleted, ConversationFrozen, UnderLegalHold; a closed conversation's messages still expire.

    Also for whom a door was open until a minute ago: what has come meanwhile is no secret from them.
    """
    state = state_of(conversation)
    if state is State.DELETED:
        raise exceptions.ConversationDeleted
    if state is State.FROZEN:
        raise exceptions.ConversationFrozen
    if is_held(conversation):
        raise exceptions.UnderLegalHold


def abilities_for(
    *, permissions: Iterable[str], state: State, hides_participants: bool = False
) -> frozenset[Ability]:
    """Closed by default: what is not granted here is not possible."""
    held = set(permissions)
    if VIEW not in held:
        return frozenset()
    found = {Ability.READ, Ability.OWN if OWN in held else Ability.LEAVE}
    if state is State.DELETED:  # what is read is who deleted it and when, and the activity
        return frozenset(found)
    found |= {Ability.OPEN, Ability.DOWNLOAD, Ability.KNOW_OPENERS}
    if state is not State.FROZEN:
        found |= {Ability.WITHDRAW, Ability.CHANGE_EXPIRY}
        found.add(Ability.GRANT_TIME if OWN in held else Ability.ASK_FOR_TIME)
    if state is State.OPEN:
        # Only the owner's side posts in an announcement, whatever the seats say (spec C9).
        if REPLY in held and (OWN in held or not hides_participants):
            found.add(Ability.POST)
        if OWN not in held:
            found.add(Ability.MOVE)
        else:
            found |= {Ability.INVITE, Ability.REMOVE, Ability.READMIT, Ability.CLOSE, Ability.DELETE}
            found.add(Ability.CHANGE_ADDRESS)
            if not hides_participants:
                found.add(Ability.CHANGE_REPLY)
    if state is State.CLOSED and OWN in held:
        found |= {Ability.REMOVE, Ability.REOPEN, Ability.DELETE}
    return frozenset(found)
