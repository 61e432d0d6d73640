"""Who can read a conversation: seen by all who do, changed by its owner, left by whoever wants to (spec C9, C10)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Ability, ConversationAccess, State
from connexion_plugin.actions import participants
from connexion_plugin.exceptions import Refused
from connexion_plugin.models import Participation
from connexion_plugin.views.conversation import back_url, entered, persona_asked, query_of, window_context
from connexion_plugin.views.notice_states import bounce_words, notice_words
from connexion_plugin.views.pages import foot_of
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.words import words_asked

SEATS_A_PAGE = 50


@door(Policy.SIGNED_IN, "GET")
def readers(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Who can read this, always current; a page at a time, and by a part of an address (spec C9)."""
    entry = entered(request, conversation_id)
    if entry.state is State.DELETED:  # nobody reads anything in it any more
        return redirect(window_context(request, entry)["conversation_url"])
    words = words_asked(request, "q", longest=254)
    everyone = access.readers_of(entry)
    page = Paginator(access.at_address(everyone, words), SEATS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    former = access.at_address(access.former_readers_of(entry), words)[: SEATS_A_PAGE + 1]
    window = window_context(request, entry)
    here = reverse("connexion:readers", args=[conversation_id])
    kept = {"q": words} if words else {}
    context = {
        **window,
        "back_url": window["conversation_url"],
        "readers_count": everyone.count() if words else page.paginator.count,
        "found_count": page.paginator.count,
        "readers": _readers(request, entry, shown),
        "former_readers": _readers(request, entry, list(former[:SEATS_A_PAGE])),
        "has_more_former": len(former) > SEATS_A_PAGE,
        "page": foot_of(page, lambda number: f"{here}?{query_of(request, **kept, page=number)}"),
        "is_hidden": access.hides_others(entry),
        "may_search": bool(words) or page.paginator.num_pages > 1 or len(former) > SEATS_A_PAGE,
        "words": words,
        "carried": {name: request.GET[name] for name in ("persona", "from") if name in request.GET},
        "search_url": here,
        **_doors(request, entry),
    }
    return render(request, "connexion_plugin/conversation/readers.html", context)


@door(Policy.SIGNED_IN, "GET", "POST")
def remove_participant(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """A page that says what the person loses, then the act."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    if request.method == "POST":
        text = _("%(address)s can no longer read this conversation.") % {"address": seat.persona.address}
        return act(request, entry, text, lambda: participants.remove(by=entry.seat, participation=seat))
    if seat.seat not in Participation.LIVING:
        return redirect(readers_url(request, entry))
    context = {
        **window_context(request, entry),
        "reader": _reader(request, entry, seat),
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/remove_participant.html", context)


@door(Policy.SIGNED_IN, "POST")
def readmit_participant(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """Whoever holds the address now takes the seat (spec I3)."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    text = _("%(address)s can read this conversation again.") % {"address": seat.persona.address}
    return act(request, entry, text, lambda: participants.readmit(by=entry.seat, participation=seat))


@door(Policy.SIGNED_IN, "POST")
def change_reply(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """`may_reply` is yes or no: pressing twice changes nothing back."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    may_reply = request.POST.get("may_reply") == "yes"
    text = _("%(address)s may reply.") if may_reply else _("%(address)s may read, and not reply.")
    return act(
        request,
        entry,
        text % {"address": seat.persona.address},
        lambda: participants.change_reply(by=entry.seat, participation=seat, may_reply=may_reply),
    )


@door(Policy.SIGNED_IN, "GET", "POST")
def leave(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One's own seats, all of them; the owner stays, and is told so."""
    entry = access.conversation_for(request.user, conversation_id, persona_id=persona_asked(request))
    if Ability.LEAVE not in entry.abilities:
        messages.info(request, _("The owner cannot leave a conversation: it can be closed instead."))
        return redirect(readers_url(request, entry))
    if request.method == "POST":
        try:
            participants.leave(participations=entry.seats)
        except Refused as reason:  # handed over to this very person meanwhile
            messages.error(request, str(reason.sentence))
            return redirect(readers_url(request, entry))
        messages.success(request, _("You have left the conversation."))
        return redirect(back_url(request, entry))
    context = {
        **window_context(request, entry),
        "addresses": [seat.persona.address for seat in entry.seats],
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/leave.html", context)


def owned_conversation(request: HttpRequest, conversation_id: UUID) -> ConversationAccess:
    """The conversation, for its owner, through the owner's seat: to anyone else these doors do not exist.

    Raises Http404.
    """
    entry = access.conversation_for(request.user, conversation_id)
    if Ability.OWN not in entry.abilities:
        raise Http404
    return entry


def readers_url(request: HttpRequest, entry: ConversationAccess) -> str:
    query = query_of(request)
    return reverse("connexion:readers", args=[entry.conversation.pk]) + (f"?{query}" if query else "")


def _readers(
    request: HttpRequest, entry: ConversationAccess, seats: list[Participation]
) -> list[dict[str, Any]]:
    """The seats of a page, with what came back from their addresses and what their holders ask, for the owner."""
    notices = access.last_notices_of(entry, seats)
    bounces, moves = access.bounces_of(entry, seats), access.moves_asked_of(entry, seats)
    correctable = access.correctable_among(seats) if Ability.CHANGE_ADDRESS in entry.abilities else set()
    rows = []
    for seat in seats:
        bounce, move = bounces.get(seat.pk), moves.get(seat.pk)
        rows.append(
            {
                **_reader(request, entry, seat, is_correctable=seat.pk in correctable),
                "notice_words": notice_words(notices.get(seat.pk)),
                "bounced_at": bounce.at if bounce and seat.is_awaited else None,
                "bounce_words": bounce_words(bounce.code) if bounce else "",
                "moves_to": move.persona.address if move else None,
            }
        )
    return rows


def _reader(
    request: HttpRequest, entry: ConversationAccess, seat: Participation, *, is_correctable: bool = False
) -> dict[str, Any]:
    """One seat as the page lists it; an address of a door is None where it is shut."""
    arguments = [entry.conversation.pk, seat.pk]
    is_mine = seat.pk in {mine.pk for mine in entry.seats}
    query = query_of(request)

    def to(name: str, ability: Ability, fits: bool = True) -> str | None:
        if seat.is_owner or not fits or ability not in entry.abilities:
            return None
        return reverse(f"connexion:{name}", args=arguments) + (f"?{query}" if query else "")

    return {
        "address": seat.persona.address,
        "role_label": seat.get_role_display(),
        "seat_label": seat.get_seat_display(),
        "is_waiting": seat.is_awaited,
        "may_reply": seat.may_reply,
        "sees_past": seat.sees_after == 0,
        "ended_at": seat.ended_at,
        "is_me": is_mine,
        "remove_url": to("remove_participant", Ability.REMOVE),
        "reply_url": to("change_reply", Ability.CHANGE_REPLY),
        "readmit_url": to("readmit_participant", Ability.READMIT),
        "correct_url": to("correct_address", Ability.CHANGE_ADDRESS, is_correctable),
        "settle_url": to("settle_move", Ability.CHANGE_ADDRESS),
        "move_url": reverse("connexion:move_seat", args=[seat.pk])
        if is_mine and not seat.is_owner and Ability.MOVE in entry.abilities
        else None,
    }


def _doors(request: HttpRequest, entry: ConversationAccess) -> dict[str, str | None]:
    doors = {
        "invite_url": ("invite", Ability.INVITE),
        "leave_url": ("leave", Ability.LEAVE),
        "close_url": ("close", Ability.CLOSE),
        "reopen_url": ("reopen", Ability.REOPEN),
        "delete_url": ("delete", Ability.DELETE),
    }
    query = query_of(request)
    return {
        key: f"{reverse(f'connexion:{name}', args=[entry.conversation.pk])}?{query}"
        if ability in entry.abilities
        else None
        for key, (name, ability) in doors.items()
    }


def act(request: HttpRequest, entry: ConversationAccess, done: str, verb: Any) -> HttpResponse:
    """Does it, says so, and comes back to the list; a refusal is said there too."""
    try:
        verb()
    except Refused as reason:
        messages.error(request, str(reason.sentence))
    else:
        messages.success(request, done)
    return redirect(readers_url(request, entry))
