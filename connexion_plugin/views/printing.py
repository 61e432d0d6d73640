"""A conversation on paper: every message that one has opened, whole, with its attachments listed; and its history
(spec C6, A1)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from connexion_plugin import access
from connexion_plugin.views.activity import KINDS, Wanted, in_words, lines_wanted
from connexion_plugin.views.conversation import entered, query_of, window_context
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.thread import letters

MESSAGES_A_PRINT = 500  # a page of a browser; a longer conversation is printed in parts
LINES_A_PRINT = 2000  # the same of a history: some fifty sheets


@door(Policy.SIGNED_IN, "GET")
def print_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """All messages, oldest first, however many the window showed. Opens nothing: what is sealed says so."""
    entry = entered(request, conversation_id)
    if entry.state is access.State.DELETED:  # the window says who did it, and when
        return redirect(window_context(request, entry)["conversation_url"])
    first = entry.seat.sees_after + 1
    total = max(entry.conversation.last_sequence - entry.seat.sees_after, 0)
    start = _start(request, total)
    found = list(
        access.messages_seen_by(entry.seat)
        .filter(sequence__gte=first + start)
        .select_related("sender__persona")
        .order_by("sequence")[:MESSAGES_A_PRINT]
    )
    end = start + len(found)
    window = window_context(request, entry)
    here = reverse("connexion:print_conversation", args=[conversation_id])
    context = {
        **window,
        "back_url": window["conversation_url"],
        "thread": letters(entry, found),
        "messages_shown": len(found),
        "messages_total": total,
        "part_start": start + 1,
        "part_end": end,
        "further_url": f"{here}?{query_of(request, start=end)}" if end < total else None,
    }
    return render(request, "connexion_plugin/conversation/print.html", context)


@door(Policy.SIGNED_IN, "GET")
def print_activity(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The whole history as it was looked at: its kind, its words, its order, and no pages of fifty."""
    entry = entered(request, conversation_id)
    wanted = Wanted.of(request)
    lines = lines_wanted(entry, wanted)
    total = lines.count()
    start = _start(request, total)
    found = in_words(entry, lines[start : start + LINES_A_PRINT])
    end = start + len(found)
    here = reverse("connexion:print_activity", args=[conversation_id])
    seen = reverse("connexion:activity", args=[conversation_id])
    context = {
        **window_context(request, entry),
        "back_url": f"{seen}?{query_of(request, **wanted.query())}",
        "lines": found,
        "lines_total": total,
        "part_start": start + 1,
        "part_end": end,
        "kind": KINDS[wanted.show] if wanted.show != "all" else "",
        "words": wanted.words,
        "further_url": f"{here}?{query_of(request, **wanted.query(start=end))}" if end < total else None,
    }
    return render(request, "connexion_plugin/activity/print.html", context)


def _start(request: HttpRequest, total: int) -> int:
    asked = request.GET.get("start", "")
    return min(int(asked), total) if asked.isdecimal() and len(asked) < 7 else 0
