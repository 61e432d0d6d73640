"""An address verified or removed moves the access with it, at once, in one transaction (spec I3)."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from connexion_plugin import access, personas
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.drafts import discard_drafts
from connexion_plugin.actions.ownership import follow_owner
from connexion_plugin.actions.seats import date_holder
from connexion_plugin.models import Activity, Conversation, Draft, HandOver, Participation, Persona


def take_up_address(*, user: AbstractBaseUser, address: str) -> Persona:
    """The person has verified the address: its waiting seats become theirs.

    One transaction; locks the persona, then its conversations in order of id. Idempotent. Seats that an
    earlier holder released stay released: mailboxes are recycled, and the owner re-admits.
    """
    with transaction.atomic():
        persona = personas.locked([address])[personas.normalise(address)]
        if persona.user_id is not None and persona.user_id != user.pk:
            _release(persona)
        if persona.user_id != user.pk:
            persona.user_id = user.pk
            persona.save(update_fields=["user"])
        for seat, conversation in _locked_seats(persona, Participation.Seat.WAITING):
            if seat.is_owner and _named_it_themselves(user, conversation):
                continue
            now = timezone.now()
            seat.seat, seat.holder_id, seat.joined_at = Participation.Seat.TAKEN, user.pk, now
            date_holder(seat, at=now)
            seat.save(update_fields=["seat", "holder", "joined_at", "held_since"])
            if seat.is_owner:
                follow_owner(conversation, at=now)
            append_line(conversation=conversation, verb=Activity.Verb.JOINED, at=now, actor=seat)
            access.recompute(conversation, [user.pk])
    return persona


def give_up_address(*, user: AbstractBaseUser, address: str) -> None:
    """The person no longer has the address: its seats are released, their history stays.

    One transaction, the same locks. An address that is not theirs changes nothing.
    """
    with transaction.atomic():
        persona = personas.locked([address])[personas.normalise(address)]
        if persona.user_id == user.pk:
            _release(persona)


def give_up_account(*, user: AbstractBaseUser) -> None:
    """The account is about to be deleted: every address is given up, as if its person had removed each.

    One transaction, the same locks. The verified addresses themselves go with the account.
    """
    with transaction.atomic():
        held = personas.locked(row.address for row in personas.of(user))
        seats = Participation.unscoped.filter(
            persona__in=held.values(), holder=user.pk, seat=Participation.Seat.TAKEN
        )
        # All at once and in order, or two deletions could wait for each other's second address.
        list(
            Conversation.unscoped.select_for_update()
            .filter(pk__in=seats.values("conversation"))
            .order_by("id")
        )
        for persona in held.values():
            if persona.user_id == user.pk:
                _release(persona)


def _named_it_themselves(user: AbstractBaseUser, conversation: Conversation) -> bool:
    """Whoever hands conversations over does not read them, by no address that they confirm later (spec C13)."""
    return HandOver.unscoped.filter(successor=conversation.collaborator_id, by=user.pk).exists()


def _release(persona: Persona) -> None:
    for seat, conversation in _locked_seats(persona, Participation.Seat.TAKEN):
        now = timezone.now()
        seat.seat, seat.ended_at = Participation.Seat.RELEASED, now
        seat.save(update_fields=["seat", "ended_at"])
        if seat.is_owner:
            follow_owner(conversation, at=now)
        discard_drafts(Draft.unscoped.filter(participation=seat))
        append_line(conversation=conversation, verb=Activity.Verb.RELEASED, at=now, actor=seat)
        if seat.holder_id is not None:
            access.recompute(conversation, [seat.holder_id])
    discard_drafts(Draft.unscoped.filter(persona=persona))
    persona.user = None
    persona.save(update_fields=["user"])


def _locked_seats(persona: Persona, state: Participation.Seat) -> list[tuple[Participation, Conversation]]:
    """The persona's seats in this state with their conversations, locked in order of id.

    What is taken is taken by who holds the persona (`connexion_verify` looks), and found by them; what is not has
    an index of its own.
    """
    rows = Participation.unscoped.filter(persona=persona, seat=state)
    if state == Participation.Seat.TAKEN:
        rows = rows.filter(holder=persona.user_id)
    else:
        rows = rows.exclude(seat=Participation.Seat.TAKEN)  # said as the index says it, for SQLite
    seats = {seat.conversation_id: seat for seat in rows}
    conversations = Conversation.unscoped.select_for_update().filter(id__in=seats).order_by("id")
    found = [(seats[conversation.pk], conversation) for conversation in conversations]
    fresh = Participation.unscoped.in_bulk([seat.pk for seat, _ in found])
    # A seat may have changed while its conversation's lock was awaited, and be another address's by now.
    return [
        (fresh[seat.pk], conversation)
        for seat, conversation in found
        if (fresh[seat.pk].seat, fresh[seat.pk].persona_id) == (state, persona.pk)
    ]
