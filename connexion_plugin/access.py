"""The guard: who gets in, and who may see what (access.md).

The only module that grants, revokes and answers "may they?". Two questions, two sources: *may this person
do this to that conversation?* is one look-up of guardian's rows; *which conversations are in this inbox?*
is answered by the participations, which carry what the list sorts by. A property test holds them together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.http import Http404
from django.utils import timezone
from guardian.shortcuts import assign_perm, get_user_perms, remove_perm

from connexion_plugin.models import (
    Activity,
    Attachment,
    Collaborator,
    Conversation,
    ConversationPermission,
    Message,
    Opening,
    Organization,
    OrganizationPermission,
    Participation,
    Persona,
)
from connexion_plugin.models.scope import Everything, Reach

VIEW, REPLY, OWN = "view_conversation", "reply_conversation", "own_conversation"
ADMINISTER = "administer_organization"
ADMINISTRATORS = "Connexion administrators"  # the group

Person = AbstractBaseUser | AnonymousUser


class State(StrEnum):
    """What a conversation is, whoever asks."""

    OPEN = "open"
    CLOSED = "closed"
    FROZEN = "frozen"


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
    CLOSE = "close"
    REOPEN = "reopen"
    LEAVE = "leave"
    OWN = "own"  # the owner's doors; what may be done behind them is for the others to say
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
    def is_owner(self) -> bool:
        return any(seat.is_owner for seat in self.seats)


# The state of a conversation


def state_of(conversation: Conversation) -> State:
    """At one place. Frozen is derived from the owner's enrolment, so that it cannot drift (spec B4)."""
    if not conversation.collaborator.is_active:
        return State.FROZEN
    return State.CLOSED if conversation.closed_at else State.OPEN


def abilities_for(
    *, permissions: Iterable[str], state: State, hides_participants: bool = False
) -> frozenset[Ability]:
    """Closed by default: what is not granted here is not possible."""
    held = set(permissions)
    if VIEW not in held:
        return frozenset()
    found = {Ability.READ, Ability.OPEN, Ability.DOWNLOAD}
    if state is not State.FROZEN:
        found.add(Ability.WITHDRAW)
    if state is State.OPEN:
        # Only the owner's side posts in an announcement, whatever the seats say (spec C9).
        if REPLY in held and (OWN in held or not hides_participants):
            found.add(Ability.POST)
        if OWN in held:
            found |= {Ability.INVITE, Ability.REMOVE, Ability.READMIT, Ability.CLOSE}
            if not hides_participants:
                found.add(Ability.CHANGE_REPLY)
    if state is State.CLOSED and OWN in held:
        found |= {Ability.REMOVE, Ability.REOPEN}
    found.add(Ability.OWN if OWN in held else Ability.LEAVE)
    return frozenset(found)


# One conversation


def permissions_of(user: Person, conversation: Conversation) -> set[str]:
    """The person's own rows. Not `has_perm`, which says yes to every superuser."""
    if not user.is_authenticated:
        return set()
    return set(get_user_perms(user, conversation))


def conversation_for(
    user: Person, conversation_id: UUID, *, persona_id: UUID | None = None
) -> ConversationAccess:
    """The conversation, the person's seats in it and what they may do. Raises Http404 for a stranger.

    The permission is asked first, so that what exists and what does not take the same one statement.
    `persona_id` prefers the seat of one persona (the tab one came from).
    """
    permissions = permissions_of(user, Conversation(id=conversation_id))
    if VIEW not in permissions:
        raise Http404
    seats = list(
        Participation.unscoped.filter(
            conversation_id=conversation_id, holder=user.pk, seat=Participation.Seat.TAKEN
        )
        .select_related("persona", "conversation__collaborator", "conversation__organization")
        .order_by("id")
    )
    if not seats:
        raise Http404
    seats.sort(key=lambda seat: (seat.persona_id != persona_id, not seat.is_owner, not seat.may_reply))
    conversation = seats[0].conversation
    abilities = abilities_for(
        permissions=permissions,
        state=state_of(conversation),
        hides_participants=conversation.hides_participants,
    )
    return ConversationAccess(
        conversation=conversation, seat=seats[0], seats=tuple(seats), abilities=abilities
    )


def conversation_to_post_in(
    user: Person, conversation_id: UUID, *, persona_id: UUID | None = None
) -> ConversationAccess:
    """The same, through a seat that may post if there is one: the tab's before any other.

    Nobody writes from an address other than the one that the page names, which would tell of the two that
    they are one person's.
    """
    entry = conversation_for(user, conversation_id, persona_id=persona_id)
    hides = entry.conversation.hides_participants
    able = (seat for seat in entry.seats if seat.may_reply and (seat.is_owner or not hides))
    return replace(entry, seat=next(able, entry.seat))


def messages_seen_by(seat: Participation) -> QuerySet[Message]:
    """All messages, or those that follow one's arrival (spec C10)."""
    return Message.unscoped.filter(conversation_id=seat.conversation_id, sequence__gt=seat.sees_after)


def message_for(
    user: Person, conversation_id: UUID, message_id: UUID, *, persona_id: UUID | None = None
) -> tuple[ConversationAccess, Message]:
    """One message that the person's seat sees. Raises Http404."""
    entry = conversation_for(user, conversation_id, persona_id=persona_id)
    message = messages_seen_by(entry.seat).select_related("sender__persona").filter(id=message_id).first()
    if message is None:
        raise Http404
    return entry, message


def may_withdraw(entry: ConversationAccess, message: Message) -> bool:
    """Whoever sent the message, through any of their seats, and the conversation's owner (spec C12)."""
    is_mine = message.sender_id in {seat.pk for seat in entry.seats}
    return Ability.WITHDRAW in entry.abilities and (is_mine or entry.is_owner)


def message_to_withdraw(
    user: Person, conversation_id: UUID, message_id: UUID
) -> tuple[ConversationAccess, Participation, Message]:
    """One message that the person may withdraw, and the seat that sent it, or else the owner's. Raises Http404."""
    entry, message = message_for(user, conversation_id, message_id)
    if not may_withdraw(entry, message):
        raise Http404
    seats = sorted(entry.seats, key=lambda seat: (seat.pk != message.sender_id, not seat.is_owner))
    return entry, seats[0], message


def openings_of(entry: ConversationAccess, messages: Sequence[Message]) -> QuerySet[Opening]:
    """Who opened these messages, in order; no other reader's where participants are hidden (spec C9)."""
    found = (
        Opening.unscoped.filter(message__in=messages)
        .select_related("participation__persona")
        .order_by("opened_at", "pk")
    )
    if entry.conversation.hides_participants and not entry.is_owner:
        return found.filter(
            Q(participation__role=Participation.Role.OWNER) | Q(participation__in=entry.seats)
        )
    return found


def opened_among(entry: ConversationAccess, messages: Sequence[Message]) -> set[UUID]:
    """Which of these messages the person's seats have opened."""
    return set(
        Opening.unscoped.filter(participation__in=entry.seats, message__in=messages).values_list(
            "message_id", flat=True
        )
    )


def attachments_of(messages: Sequence[Message]) -> dict[UUID, list[Attachment]]:
    """The documents of messages that the caller was given by `access`, in their order."""
    by_id = {message.pk: message for message in messages if message.documents_count}
    found: dict[UUID, list[Attachment]] = {}
    if not by_id:
        return found
    for attachment in Attachment.unscoped.filter(message__in=by_id).order_by("message_id", "position"):
        attachment.message = by_id[attachment.message_id]
        found.setdefault(attachment.message_id, []).append(attachment)
    return found


def conversation_of_message(message_id: UUID) -> UUID | None:
    """Where a notice's link leads; the answer proves nothing, `conversation_for` comes next (spec I4)."""
    return Message.unscoped.filter(id=message_id).values_list("conversation_id", flat=True).first()


def attachment_for(user: Person, attachment_id: UUID) -> tuple[ConversationAccess, Attachment]:
    """A document of a message that the person sees. Raises Http404."""
    attachment = Attachment.unscoped.select_related("message__sender").filter(id=attachment_id).first()
    # One look-up also when there is no such document: the same time, the same page.
    conversation_id = attachment.message.conversation_id if attachment else attachment_id
    entry = conversation_for(user, conversation_id)
    if attachment is None or attachment.message.sequence <= entry.seat.sees_after:
        raise Http404
    # A document stays in its envelope until the message was opened.
    is_mine = attachment.message.sender_id in {seat.pk for seat in entry.seats}
    if not is_mine and not opened_among(entry, [attachment.message]):
        raise Http404
    return entry, attachment


def readers_of(entry: ConversationAccess) -> QuerySet[Participation]:
    """Who can read this conversation; only oneself and the owner where participants are hidden (spec C9)."""
    seats = (
        Participation.unscoped.filter(conversation=entry.conversation, seat__in=Participation.LIVING)
        .select_related("persona")
        .order_by("role", "persona__address")  # the owner first
    )
    if hides_others(entry):
        return seats.filter(Q(role=Participation.Role.OWNER) | Q(pk__in=[seat.pk for seat in entry.seats]))
    return seats


def hides_others(entry: ConversationAccess) -> bool:
    """Whether the other participants, their number and what they do are hidden from this person (spec C9)."""
    return entry.conversation.hides_participants and not entry.is_owner


def former_readers_of(entry: ConversationAccess) -> QuerySet[Participation]:
    """Who read this and no longer does, the last to go first; the owner's to know, who may admit them again."""
    if not entry.is_owner:
        return Participation.unscoped.none()
    return (
        Participation.unscoped.filter(conversation=entry.conversation)
        .exclude(seat__in=Participation.LIVING)
        .select_related("persona")
        .order_by("-ended_at", "pk")
    )


def at_address(seats: QuerySet[Participation], words: str) -> QuerySet[Participation]:
    """Those of these seats whose address holds what is looked for; no other conversation's."""
    return seats.filter(persona__address__contains=words.strip().lower()) if words.strip() else seats


def seat_of_another(entry: ConversationAccess, participation_id: UUID) -> Participation:
    """A participant's seat, living or ended, for the conversation's owner. Raises Http404."""
    seat = None
    if Ability.OWN in entry.abilities:
        seat = (
            Participation.unscoped.filter(
                pk=participation_id,
                conversation=entry.conversation,
                role=Participation.Role.PARTICIPANT,
            )
            .select_related("persona")
            .first()
        )
    if seat is None:
        raise Http404
    return seat


def activities_of(entry: ConversationAccess) -> QuerySet[Activity]:
    """The history that the person may read, with the seats that its lines name."""
    lines = Activity.unscoped.filter(conversation=entry.conversation).select_related(
        "actor__persona", "subject__persona"
    )
    if entry.seat.sees_after and not entry.is_owner:
        # Whoever sees only what follows their arrival does not read who did what before it (spec C10).
        lines = lines.filter(at__gte=entry.seat.invited_at)
    if hides_others(entry):
        mine = [seat.pk for seat in entry.seats]
        return lines.filter(
            (Q(actor__role=Participation.Role.OWNER) | Q(actor__in=mine) | Q(actor=None))
            & (Q(subject=None) | Q(subject__in=mine))
        )
    return lines


# Lists


# What a row of the inbox shows: a third of the columns of the four tables.
LISTED = (
    "activity_at",
    "entered_at",
    "unopened_count",
    "conversation__closed_at",
    "conversation__title_sealed",
    "conversation__title_key",
    "conversation__title_epoch_id",
    "conversation__title_emptied_at",
    "conversation__collaborator__address",
    "conversation__collaborator__status",
    "conversation__organization__name",
)


def inbox(user: Person, persona: Persona) -> QuerySet[Participation]:
    """One persona's rows, without order; served by the index `participation_inbox`."""
    rows = Participation.unscoped.filter(
        persona=persona, holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=True
    )
    return rows.select_related("conversation__collaborator", "conversation__organization").only(*LISTED)


def where_address_has(rows: QuerySet[Participation], fragment: str) -> QuerySet[Any]:
    """Adds `address_matches`: somebody whom the person may see there has these characters in their address.

    The owner always, the others unless participants are hidden from each other (spec B7, C9).
    """
    seats = Participation.unscoped.filter(
        conversation=OuterRef("conversation"),
        seat__in=Participation.LIVING,
        persona__address__contains=fragment.lower(),
    )
    owner = Q(conversation__collaborator__address__contains=fragment.lower())
    shown = Q(conversation__hides_participants=False) | Q(role=Participation.Role.OWNER)
    return rows.annotate(address_matches=ExpressionWrapper(owner | (shown & Exists(seats)), BooleanField()))


def unread(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """Those that hold something unread, or were never entered (spec B3)."""
    return rows.filter(Q(unopened_count__gt=0) | Q(entered_at=None))


def waiting_for_answer(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """The last message is not mine, and I may reply (spec B3)."""
    return rows.filter(
        may_reply=True,
        last_posted_sequence__lt=F("conversation__last_sequence"),
        conversation__closed_at=None,
        conversation__collaborator__status=Collaborator.Status.ACTIVE,
    )


def with_soonest_expiry(rows: QuerySet[Participation]) -> QuerySet[Any]:
    """Adds `soonest_expiry`: when the next message that can still be read expires."""
    living = Message.unscoped.filter(
        conversation=OuterRef("conversation"),
        sequence__gt=OuterRef("sees_after"),
        expires_at__gt=timezone.now(),
        withdrawn_at=None,
    )
    return rows.annotate(soonest_expiry=Subquery(living.order_by("expires_at").values("expires_at")[:1]))


def expiring(rows: QuerySet[Participation], *, before: datetime) -> QuerySet[Any]:
    """Those of which a message expires before this moment."""
    return with_soonest_expiry(rows).filter(soonest_expiry__lt=before)


@dataclass(frozen=True)
class Tab:
    """A persona as the inbox's tabs show it; `unread_count` stops at 100."""

    persona: Persona
    unread_count: int
    may_start: bool


def tabs_of(user: Person, *, ceiling: int = 100) -> list[Tab]:
    """The tabs: each persona with its count of unread conversations, in one statement.

    Each knows whether a conversation can be started from it. A count stops at `ceiling`, where the page
    says 99+ (an exact one of 100,000 costs 400 times as much).
    """
    rows = unread(
        Participation.unscoped.filter(
            persona=OuterRef("pk"), holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=True
        )
    )
    enrolments = Collaborator.unscoped.filter(address=OuterRef("address"), status=Collaborator.Status.ACTIVE)
    found = Persona.unscoped.filter(user=user.pk).annotate(
        unread_count=_Count(rows.values("pk")[:ceiling]), may_start=Exists(enrolments)
    )
    return [Tab(row, row.unread_count, row.may_start) for row in found.order_by("address")]


class _Count(Subquery):
    """How many rows a sliced subquery has; Django's Count cannot follow a LIMIT."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _rows)"
    output_field = IntegerField()


# Grants: recomputed from living seats, never toggled


def recompute(conversation: Conversation, user_ids: Iterable[int]) -> None:
    """Makes the permission rows of these people say what their seats say.

    The caller holds the lock of the conversation, so that two changes of one person's seats cannot cross.
    """
    people = {user.pk: user for user in get_user_model()._default_manager.filter(pk__in=set(user_ids))}
    if not people:
        return
    due: dict[str, set[int]] = {VIEW: set(), REPLY: set(), OWN: set()}
    for seat in Participation.unscoped.filter(
        conversation=conversation, holder__in=people, seat=Participation.Seat.TAKEN
    ):
        assert seat.holder_id is not None
        due[VIEW].add(seat.holder_id)
        if seat.may_reply:
            due[REPLY].add(seat.holder_id)
        if seat.is_owner:
            due[OWN].add(seat.holder_id)
    present: dict[str, set[int]] = {VIEW: set(), REPLY: set(), OWN: set()}
    for codename, user_id in ConversationPermission.objects.filter(
        content_object=conversation, user__in=people
    ).values_list("permission__codename", "user_id"):
        present[codename].add(user_id)
    for codename, wanted in due.items():
        if missing := wanted - present[codename]:
            assign_perm(codename, [people[key] for key in missing], conversation)
        if surplus := present[codename] - wanted:
            remove_perm(codename, [people[key] for key in surplus], conversation)


def disagreements() -> list[str]:
    """Where permission rows and living seats differ; `connexion_verify` reports them."""
    due: set[tuple[UUID, int | None, str]] = set()
    for seat in Participation.unscoped.filter(seat=Participation.Seat.TAKEN).iterator():
        due.add((seat.conversation_id, seat.holder_id, VIEW))
        if seat.may_reply:
            due.add((seat.conversation_id, seat.holder_id, REPLY))
        if seat.is_owner:
            due.add((seat.conversation_id, seat.holder_id, OWN))
    present = set(
        ConversationPermission.objects.values_list("content_object_id", "user_id", "permission__codename")
    )
    return [
        *(
            f"conversation {c}: account {u} sits there without {p}"
            for c, u, p in sorted(due - present, key=str)
        ),
        *(
            f"conversation {c}: account {u} has {p} without a seat"
            for c, u, p in sorted(present - due, key=str)
        ),
    ]


# Collaborators and administrators


def active_enrolments(user: Person) -> list[Collaborator]:
    """The organizations' enrolments that the person's verified addresses stand for."""
    if not user.is_authenticated:
        return []
    addresses = Persona.unscoped.filter(user=user.pk).values("address")
    return list(
        Collaborator.unscoped.filter(address__in=addresses, status=Collaborator.Status.ACTIVE)
        .select_related("organization")
        .order_by("organization__name", "address")
    )


def is_collaborator(user: Person) -> bool:
    return bool(active_enrolments(user))


def organizations_administered_by(user: Person) -> list[UUID]:
    """Ids of the organizations that the person administers by rows of their own; a superuser has none."""
    if not user.is_authenticated or not user.is_active:
        return []
    return list(
        OrganizationPermission.objects.filter(user=user.pk, permission__codename=ADMINISTER).values_list(
            "content_object_id", flat=True
        )
    )


def is_administrator(user: Person) -> bool:
    return bool(organizations_administered_by(user))


def may_administer(user: Person, organization: Organization) -> bool:
    return organization.pk in organizations_administered_by(user)


def is_operator(user: Person) -> bool:
    """A superuser: every organization and its collaborators, and no conversation."""
    return bool(user.is_authenticated and user.is_active and getattr(user, "is_superuser", False))


def reach_of(user: Person) -> Reach:
    """Whose organizations a request of this person may see; nobody's before the second factor was shown."""
    if not (user.is_authenticated and getattr(user, "is_verified", bool)()):
        return ()
    return Everything.ORGANIZATIONS if is_operator(user) else organizations_administered_by(user)


def administrators(organization_id: UUID | None = None) -> QuerySet[Any]:
    """The people who administer the organization, or any; the operators among them."""
    rows = OrganizationPermission.objects.filter(permission__codename=ADMINISTER)
    if organization_id is not None:
        rows = rows.filter(content_object=organization_id)
    return get_user_model()._default_manager.filter(
        Q(pk__in=rows.values("user")) | Q(is_superuser=True), is_active=True
    )


def make_administrator(*, user: AbstractBaseUser, organization: Organization) -> None:
    """The person administers the organization from now on; the portal's conversations stay shut to them."""
    assign_perm(ADMINISTER, user, organization)
    _administrators_group().user_set.add(user.pk)


def revoke_administrator(*, user: AbstractBaseUser, organization: Organization) -> None:
    remove_perm(ADMINISTER, user, organization)
    if not is_administrator(user):
        _administrators_group().user_set.remove(user.pk)


def _administrators_group() -> Group:
    """Opens Wagtail's admin, and nothing in it: what there is to see comes from the policies."""
    group, _ = Group.objects.get_or_create(name=ADMINISTRATORS)
    door = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    group.permissions.add(door)
    return group
