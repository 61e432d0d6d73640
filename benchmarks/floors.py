"""The floors of goals.md: what the same answer would take with hand-written SQL and nothing else.

F0 a page behind session and user with a template of 25 rows, and no query of its own. F1 is F0 with one statement
by keyset on a covering index and one count of unread; F2 is F0 with one statement for a conversation's last
messages; F3 the statements that a post cannot do without, in one transaction. Nothing is sealed, chained, queued
or guarded. Their tables are made by `data.FLOOR_TABLES`, so that no index of theirs helps or burdens ours.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

ROWS = 25
STANDING_ROWS = [
    (
        str(UUID(int=n)),
        "alice@etude-tremblay.example",
        f"Acte de vente {n}",
        datetime(2026, 11, n + 1, tzinfo=UTC),
    )
    for n in range(ROWS)
]

INBOX = """
SELECT id, owner, title, activity_at FROM floor_inbox
WHERE persona_id = %s AND (activity_at, id) < (%s, %s)
ORDER BY activity_at DESC, id DESC LIMIT 25
"""
UNREAD = "SELECT count(*) FROM floor_inbox WHERE persona_id = %s AND is_unread"
WINDOW = """
SELECT id, sender, text, posted_at FROM floor_message
WHERE conversation_id = %s ORDER BY sequence DESC LIMIT 5
"""
SEAT = """
SELECT seat.id, persona.address FROM floor_inbox seat
JOIN connexion_plugin_persona persona ON persona.id = seat.persona_id
WHERE seat.conversation_id = %s AND persona.user_id = %s
"""


@login_required
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "floors/rows.html", {"title": "F0", "rows": STANDING_ROWS})


@login_required
def inbox(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [persona_id])
        unread = cursor.fetchone()[0]
        cursor.execute(INBOX, [persona_id, timezone.now(), UUID(int=2**128 - 1)])
        found = cursor.fetchall()
    return render(request, "floors/rows.html", {"title": "F1", "rows": found, "unread": unread})


@login_required
def window(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The template of 25 rows, the last messages first in it."""
    shown = messages_of(conversation_id)
    rows = [*shown, *STANDING_ROWS[len(shown) :]]
    return render(request, "floors/rows.html", {"title": "F2", "rows": rows})


@login_required
def bare_window(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """No floor of goals.md: the last messages and no other row, so that the table can tell both."""
    return render(request, "floors/rows.html", {"title": "F2", "rows": messages_of(conversation_id)})


def messages_of(conversation_id: UUID) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(WINDOW, [conversation_id])
        return cursor.fetchall()[::-1]


@login_required
def post(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT last_sequence FROM floor_conversation WHERE id = %s FOR UPDATE", [conversation_id]
        )
        sequence = cursor.fetchone()[0] + 1
        cursor.execute(SEAT, [conversation_id, request.user.pk])
        seat, address = cursor.fetchone()
        cursor.execute(
            "INSERT INTO floor_message (id, conversation_id, seat_id, sequence, sender, text, posted_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [uuid4(), conversation_id, seat, sequence, address, request.POST["text"], now],
        )
        cursor.execute(
            "UPDATE floor_inbox SET activity_at = %s, is_unread = id <> %s WHERE conversation_id = %s",
            [now, seat, conversation_id],
        )
        cursor.execute(
            "UPDATE floor_conversation SET last_sequence = %s, activity_at = %s WHERE id = %s",
            [sequence, now, conversation_id],
        )
    return HttpResponseRedirect("/rows/")


urlpatterns = [
    path("rows/", rows),
    path("inbox/<uuid:persona_id>/", inbox),
    path("window/<uuid:conversation_id>/", window),
    path("bare-window/<uuid:conversation_id>/", bare_window),
    path("post/<uuid:conversation_id>/", post),
]
