"""The conversation window (spec C1–C6, C9)."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from connexion_plugin import access, personas
from connexion_plugin.access import Ability, State
from connexion_plugin.actions.conversations import enter_conversation
from connexion_plugin.actions.messages import open_message as open_it
from connexion_plugin.exceptions import ConversationDeleted, ConversationFrozen, Refused
from connexion_plugin.models import Participation
from connexion_plugin.routes import address_of
from connexion_plugin.views.places import (
    ALL,
    SHOWN_AT_FIRST,
    carried_by,
    kept,
    message_url,
    number_asked,
    shown_of,
)
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.thread import Letter, letters
from connexion_plugin.views.time_zone import show_times_of
from connexion_plugin.views.titles import shown_title

BATCH = 5
UNREAD = "unread"


@door(Policy.SIGNED_IN, "GET")
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Oldest to newest; at most the five most recent at first, or up to the message a link names."""
    entry = entered(request, conversation_id)
    if entry.state is State.DELETED:
        return _deleted(request, entry)
    total = max(entry.conversation.last_sequence - entry.seat.sees_after, 0)
    shown = _how_many(request, entry, total)
    found, opened = access.last_messages(entry, shown)
    here = address_of("conversation", conversation_id)
    more = min(BATCH, total - len(found))
    asked = request.GET.get("show", "")
    place = {**kept(request), **shown_of(asked if asked == ALL else str(len(found)))}
    thread = letters(entry, found, carried=place, opened=opened)
    unopened_before = _unopened_before(entry, found, thread)
    first_sealed = next((letter for letter in thread if letter.state == "sealed"), None)
    context = {
        **window_context(request, entry),
        "thread": thread,
        # Where the first that is unopened is not shown, one arrives at the bar that leads to it.
        "first_sealed_id": first_sealed.id if first_sealed and not unopened_before else None,
        "messages_shown": len(found),
        "messages_total": total,
        "unopened_before": unopened_before,
        "unread_url": f"{here}?{query_of(request, show=UNREAD)}#unread" if unopened_before else None,
        "handed_over": access.hand_over_of(entry),
        "more_count": more,
        "more_url": _with_earlier(request, entry, shown=len(found) + more) if more > 0 else None,
        "all_url": _with_earlier(request, entry, shown=total, asked=ALL) if more > 0 else None,
    }
    return render(request, "connexion_plugin/conversation/conversation.html", context)


def _unopened_before(entry: access.ConversationAccess, found: Sequence[Any], thread: Sequence[Letter]) -> int:
    """How many wait above those shown: by their hour, and not by the sweep, which comes minutes later (spec E3)."""
    overdue = found[0].overdue if found else 0
    shown = sum(letter.state == "sealed" for letter in thread)
    return max(entry.seat.unopened_count - shown - overdue, 0)


def _deleted(request: HttpRequest, entry: access.ConversationAccess) -> HttpResponse:
    """What is left of a conversation deleted for everyone: who did it, and when (spec C12)."""
    context = {**window_context(request, entry), "deletion": access.deletion_of(entry), "readers_url": None}
    return render(request, "connexion_plugin/conversation/deleted.html", context)


@door(Policy.SIGNED_IN, "POST")
def open_message(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    """Breaks the seal. Only by POST: nothing that follows links can open a message (spec C5)."""
    entry, message = access.message_for(
        request.user, conversation_id, message_id, persona_id=persona_asked(request)
    )
    with suppress(Refused):  # expired or withdrawn meanwhile: the same page shows its tombstone
        open_it(participation=entry.seat, message=message)
    letter = letters(entry, [message], carried=carried_by(request))[0]
    if getattr(request, "htmx", False):
        context = {"message": letter, **window_context(request, entry)}
        return render(request, "connexion_plugin/conversation/message.html", context)
    return redirect(message_url(request, entry.conversation, message))


def window_context(request: HttpRequest, entry: access.ConversationAccess) -> dict[str, Any]:
    """What the head of the window and its foot need, on every page of a conversation."""
    conversation = entry.conversation
    show_times_of(request, conversation.organization)
    carried = query_of(request)
    return {
        "conversation": {
            "id": conversation.pk,
            "title": shown_title(conversation),
            "owner_address": conversation.collaborator.address,
            "organization_name": conversation.organization.name,
            "is_frozen": entry.state is State.FROZEN,
            "why_frozen": access.why_frozen(entry),
            "is_closed": entry.state is State.CLOSED,
            "is_deleted": entry.state is State.DELETED,
            "held_since": conversation.hold.set_at
            if conversation.hold is not None and access.is_held(conversation)
            else None,
            "is_announcement": conversation.hides_participants,
            "contact": conversation.organization.contact,
        },
        "abilities": entry.abilities,
        "back_url": back_url(request, entry),
        "conversation_url": conversation_url(request, conversation.pk),
        "readers_url": f"{address_of('readers', conversation.pk)}?{carried}",
        "archive_url": f"{address_of('download_conversation', conversation.pk)}?{carried}"
        if Ability.DOWNLOAD in entry.abilities
        else None,
        "activity_url": f"{address_of('activity', conversation.pk)}?{carried}",
        "print_url": f"{address_of('print_conversation', conversation.pk)}?{carried}#print",
        **_to_compose(request, entry),
        "cannot_post_reason": _cannot_post(entry),
        "persona_address": entry.seat.persona.address,
        "sees_what_follows": entry.seat.sees_after > 0,
    }


def _with_earlier(
    request: HttpRequest, entry: access.ConversationAccess, *, shown: int, asked: str | None = None
) -> str:
    """The window with so many messages, at the first of them: who asks for earlier ones goes on reading there, and not
    above the head of a page that they know."""
    here = address_of("conversation", entry.conversation.pk)
    first = entry.conversation.last_sequence - shown + 1
    return f"{here}?{query_of(request, show=asked or shown)}#message-{first}"


def conversation_url(request: HttpRequest, conversation_id: UUID) -> str:
    """The window, with what is carried from page to page."""
    return f"{address_of('conversation', conversation_id)}?{query_of(request)}"


def _to_compose(request: HttpRequest, entry: access.ConversationAccess) -> dict[str, Any]:
    """The form, at what was begun in it; what was begun can be read and copied where nothing can be posted, or only
    from another address."""
    writer = access.seat_to_post_from(entry)
    return {
        "compose_url": compose_url(request, writer) if Ability.POST in entry.abilities else None,
        "draft_url": compose_url(request, entry.seat) if entry.waiting_draft_id else None,
        "draft_is_apart": writer.pk != entry.seat.pk,
    }


def compose_url(request: HttpRequest, seat: Participation) -> str:
    """The form that writes from this seat, and says so in its address: at what was begun in it, or afresh."""
    draft_id = getattr(seat, "waiting_draft_id", None) or uuid4()
    query = query_of(request, sender=seat.persona_id)
    return f"{address_of('post_message', seat.conversation_id, draft_id)}?{query}"


def back_url(request: HttpRequest, entry: access.ConversationAccess) -> str:
    """The very tab, page, order and filter of the inbox that one left, whichever seat acts here."""
    asked = persona_asked(request)
    here = asked in {seat.persona_id for seat in entry.seats}
    return _inbox_url(request, asked if here and asked else entry.seat.persona_id)


def inbox_left(request: HttpRequest) -> str:
    """The same from a page that is of no conversation yet."""
    asked = persona_asked(request)
    is_mine = asked in {persona.pk for persona in personas.of(request.user)}
    return _inbox_url(request, asked) if asked and is_mine else address_of("inbox")


def _inbox_url(request: HttpRequest, persona_id: UUID) -> str:
    place, inbox = came_from(request), address_of("inbox", persona_id)
    return f"{inbox}?{place}" if place else inbox


def came_from(request: HttpRequest) -> str:
    """Where in the inbox one was: a query of `inbox_pages.Place`, carried from page to page."""
    return request.GET.get("from", "")


def _cannot_post(entry: access.ConversationAccess) -> str:
    if Ability.POST in entry.abilities:
        return ""
    if entry.state is State.DELETED:
        return str(ConversationDeleted.sentence)
    if entry.state is State.FROZEN:
        return str(ConversationFrozen.sentence)
    if entry.state is State.CLOSED:
        return _("This conversation is closed: it can be read, and no message can be added.")
    if entry.conversation.hides_participants:
        return _("This conversation is an announcement: only its owner posts in it.")
    return _("You may read this conversation, and not add to it.")


def entered(request: HttpRequest, conversation_id: UUID) -> access.ConversationAccess:
    """The conversation as the seat of this tab may see it, and a note that its reader has come in.

    By whichever page they came: from then on the owner does not read that they have not, and cannot give their seat
    to another address (spec B3, N4). Whoever only looks whether it is there (HEAD) leaves nothing.
    """
    entry = access.conversation_for(request.user, conversation_id, persona_id=persona_asked(request))
    if request.method == "GET":
        enter_conversation(participation=entry.seat)
    return entry


def persona_asked(request: HttpRequest) -> UUID | None:
    """The tab that one came from; `access` looks for a seat of it among one's own."""
    return _id_in(request, "persona")


def _id_in(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def sender_asked(request: HttpRequest) -> UUID | None:
    """The persona that a form writes from, whichever tab it was opened in; `access` looks for its seat."""
    return _id_in(request, "sender")


def _how_many(request: HttpRequest, entry: access.ConversationAccess, total: int) -> int:
    asked = request.GET.get("show", "")
    if asked == ALL:
        return total
    first = access.first_unopened(entry) if asked == UNREAD else None
    behind = number_asked(asked) if first is None else entry.conversation.last_sequence - first + 1
    return max(behind or 0, SHOWN_AT_FIRST)


def query_of(request: HttpRequest, **changes: Any) -> str:
    """Where one came from, carried along, and what changes."""
    return urlencode({**kept(request), **changes})
