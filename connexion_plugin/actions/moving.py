"""A seat moves to another address: of its own person, with the owner's consent; or of whoever was meant (I7, N4)."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from connexion_plugin import access, exceptions, personas
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.drafts import discard_drafts
from connexion_plugin.actions.messages import locked_conversation, still_owner
from connexion_plugin.actions.participants import demand_living, demand_open
from connexion_plugin.actions.seats import date_shown, permissions_of, tell_what_waits, unopened_by
from connexion_plugin.mail import links, outbox, seat_notices
from connexion_plugin.models import (
    Activity,
    Conversation,
    Correction,
    Draft,
    Mail,
    Notice,
    Participation,
    Persona,
    SeatMove,
)


def ask_to_move(*, seat: Participation, persona: Persona) -> None:
    """The holder of a seat asks the owner to let them sit there through another of their addresses.

    One transaction; the persona first, then the conversation. Asking again changes where to. The owner is told by
    e-mail. Raises NoLongerThere, AlreadySeated, ConversationFrozen, ConversationClosed.
    """
    with transaction.atomic():
        wanted = Persona.unscoped.select_for_update(no_key=True).get(pk=persona.pk)
        conversation = locked_conversation(seat.conversation_id)
        demand_open(conversation)
        fresh = Participation.unscoped.get(pk=seat.pk)
        _require_it_is_theirs(fresh, wanted)
        _require_no_seat(conversation, wanted)
        now = timezone.now()
        _move, is_first = SeatMove.unscoped.update_or_create(
            participation=fresh, settled_at=None, defaults={"persona": wanted, "asked_at": now}
        )
        if is_first:
            append_line(conversation=conversation, verb=Activity.Verb.MOVE_ASKED, at=now, actor=fresh)
            _tell_owner(conversation)


def consent_to_move(*, by: Participation, move: SeatMove) -> bool:
    """The seat moves, with all that was written and opened through it; whoever held it reads on.

    One transaction; the persona first, then the conversation. False, and nothing happens, where the request was
    settled before. Raises NoLongerThere, AlreadySeated,
    ConversationFrozen, ConversationClosed.
    """
    with transaction.atomic():
        wanted = Persona.unscoped.select_for_update(no_key=True).get(pk=move.persona_id)
        conversation = locked_conversation(by.conversation_id)
        still_owner(by)
        demand_open(conversation)
        if not _settle(move):
            return False
        seat = Participation.unscoped.get(pk=move.participation_id, conversation=conversation)
        _require_it_is_theirs(seat, wanted)
        _require_no_seat(conversation, wanted)
        now = timezone.now()
        seat.persona, seat.seat, seat.ended_at = wanted, Participation.Seat.TAKEN, None
        seat.unopened_count = unopened_by(seat)
        seat.in_inbox, seat.activity_at = True, date_shown(conversation, now)
        seat.save()
        append_line(conversation=conversation, verb=Activity.Verb.MOVED, at=now, actor=by, subject=seat)
        assert seat.holder_id is not None
        access.recompute(conversation, [seat.holder_id])
        _tell_again(conversation, seat, sent_too=False)
    return True


def decline_to_move(*, by: Participation, move: SeatMove) -> bool:
    """Everything stays as it is. One transaction, under the lock of the conversation. False where the request was
    settled before.

    Raises NoLongerThere, ConversationFrozen.
    """
    with transaction.atomic():
        conversation = locked_conversation(by.conversation_id)
        still_owner(by)
        demand_living(conversation)
        is_waiting = _settle(move)
        if is_waiting:
            append_line(
                conversation=conversation,
                verb=Activity.Verb.MOVE_REFUSED,
                at=timezone.now(),
                actor=by,
                subject=move.participation,
            )
    return is_waiting


def correct_address(*, by: Participation, seat: Participation, address: str, language: str) -> Participation:
    """The owner has mistyped an address, or its mailbox is no more: the seat waits at the right one.

    Only while nobody has ever come in through it, whether the wrong address has an account or not: which of the
    two it is, the owner must not learn (I6). Notices go out again. One transaction; the persona first, then the
    conversation. Raises SeatTaken, AlreadySeated, OwnAddress, InvitationsRefused, ConversationFrozen,
    ConversationClosed.
    """
    with transaction.atomic():
        wanted = personas.locked([address], language=language)[personas.normalise(address)]
        conversation = locked_conversation(by.conversation_id)
        still_owner(by)
        demand_open(conversation)
        fresh = Participation.unscoped.get(pk=seat.pk, conversation=conversation)
        if not access.correctable_among([fresh]):
            raise exceptions.SeatTaken
        if wanted.pk == fresh.persona_id:
            return fresh
        _require_no_seat(conversation, wanted)
        if wanted.user_id == by.holder_id:
            raise exceptions.OwnAddress
        if access.refusing(conversation.organization_id, [wanted]):
            raise exceptions.InvitationsRefused
        now, mistaken = timezone.now(), fresh.holder_id
        Correction.unscoped.create(participation=fresh, persona_id=fresh.persona_id, at=now)
        has_account = wanted.user_id is not None
        fresh.persona, fresh.holder_id = wanted, wanted.user_id
        fresh.seat = Participation.Seat.TAKEN if has_account else Participation.Seat.WAITING
        fresh.joined_at = now if has_account else None
        # As for any invitation: whoever read the wrong address may have put it out of their own inbox.
        fresh.in_inbox, fresh.activity_at = True, date_shown(conversation, now)
        fresh.save()
        append_line(conversation=conversation, verb=Activity.Verb.CORRECTED, at=now, actor=by, subject=fresh)
        access.recompute_quietly(conversation, [mistaken], by_id=by.holder_id, revoking=permissions_of(fresh))
        access.recompute_quietly(
            conversation, [wanted.user_id], by_id=by.holder_id, granting=permissions_of(fresh)
        )
        discard_drafts(Draft.unscoped.filter(participation=fresh))
        _tell_again(conversation, fresh, sent_too=True)
    return fresh


def _tell_again(conversation: Conversation, seat: Participation, *, sent_too: bool) -> None:
    """What was written to the former address is due to nobody there: the newest message that waits is, at the
    present one, and so is what else the seat is told. `sent_too`, when somebody else reads the former one."""
    seat_notices.address_anew(seat, sent_too=sent_too)
    notices = Notice.unscoped.filter(message__conversation=conversation, participation=seat)
    if not sent_too:
        notices = notices.filter(Q(mail=None, settled_at=None) | Q(mail__state=Mail.State.WAITING))
    if not notices.delete()[0] and not sent_too:
        return
    tell_what_waits(seat)


def _settle(move: SeatMove) -> bool:
    open_moves = SeatMove.unscoped.filter(pk=move.pk, settled_at=None, persona=move.persona_id)
    return bool(open_moves.update(settled_at=timezone.now()))


def _require_it_is_theirs(seat: Participation, wanted: Persona) -> None:
    """Of one person: whoever held the seat last, now holds the address it is to go to. The owner's stays with
    the enrolment: it may have become that since they asked (C13)."""
    is_movable = seat.seat in access.MOVABLE and not seat.is_owner
    if not is_movable or seat.holder_id is None or seat.holder_id != wanted.user_id:
        raise exceptions.NoLongerThere


def _require_no_seat(conversation: Conversation, wanted: Persona) -> None:
    if Participation.unscoped.filter(conversation=conversation, persona=wanted).exists():
        raise exceptions.AlreadySeated


def _tell_owner(conversation: Conversation) -> None:
    owner = Participation.unscoped.select_related("persona").get(
        conversation=conversation, role=Participation.Role.OWNER
    )
    language = personas.language_of(owner.persona)
    with translation.override(language):
        payload = {
            "subject": _("A participant asks to move to another address"),
            "text": _(
                "In one of your conversations a participant asks to go on reading through another of their "
                "addresses. You consent or decline, with one click, on the page that says who can read it."
            ),
            "link": links.absolute_url(
                "connexion:readers", language=language, conversation_id=str(conversation.pk)
            ),
            "button": _("See who can read"),
        }
    outbox.enqueue(kind=Mail.Kind.ACCOUNT, to=owner.persona.address, language=language, payload=payload)
