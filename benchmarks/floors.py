"""The floors of goals.md: what the same answer would take with hand-written SQL and nothing else.

F0 a page behind session and user, 25 rows, no query of its own; F1 one statement by keyset on a covering
index and one bounded count; F2 one statement for a conversation's last five messages; F3 what a post cannot do
without, in one transaction. Nothing is sealed, chained, queued or guarded. Their tables are filled by
`data.floor_tables`, so that no index of theirs helps or burdens ours.
"""

from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

ROWS = 25
STANDING_ROWS = [(str(n), "alice@etude-tremblay.example", f"Acte de vente {n}", None) for n in range(ROWS)]

INBOX = """
SELECT id, owner, title, activity_at FROM floor_inbox
WHERE persona_id = %s AND (activity_at, id) < (%s, %s)
ORDER BY activity_at DESC, id DESC LIMIT 25
"""
UNREAD = """
SELECT count(*) FROM (SELECT 1 FROM floor_inbox WHERE persona_id = %s AND is_unread LIMIT 100) unread
"""
WINDOW = """
SELECT sequence, sender, text, posted_at FROM floor_message
WHERE conversation_id = %s ORDER BY sequence DESC LIMIT 5
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
    with connection.cursor() as cursor:
        cursor.execute(WINDOW, [conversation_id])
        found = cursor.fetchall()[::-1]
    return render(request, "floors/rows.html", {"title": "F2", "rows": found})


@login_required
def post(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT last_sequence FROM floor_conversation WHERE id = %s FOR UPDATE", [conversation_id]
        )
        sequence = cursor.fetchone()[0] + 1
        cursor.execute(
            "INSERT INTO floor_message (id, conversation_id, sequence, sender, text, posted_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [uuid4(), conversation_id, sequence, "bob@example.org", request.POST["text"], now],
        )
        cursor.execute(
            "UPDATE floor_inbox SET activity_at = %s, is_unread = true WHERE conversation_id = %s",
            [now, conversation_id],
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
    path("post/<uuid:conversation_id>/", post),
]
