"""Rows taken out of one's own inbox, and brought back (spec B6)."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin import formats
from connexion_plugin.actions.inbox import delete_from_inbox, restore_to_inbox
from connexion_plugin.models import Persona
from connexion_plugin.views.inbox_pages import SIZES, Place, addresses
from connexion_plugin.views.inbox_tabs import own_persona
from connexion_plugin.views.policy import Policy, door

DELETED = (
    "connexion_deleted"  # in the session, oldest first: which rows were taken out, of which persona, and when
)
UNDO_SECONDS = 600
UNDONE_AT_MOST = 5  # deletions: each is up to thirty ids in the session


@door(Policy.SIGNED_IN, "POST")
def delete_selection(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    """Takes the chosen rows out of this persona's inbox; each of the last deletions can be undone by itself."""
    persona = own_persona(request, persona_id)
    chosen = _selection(request)
    deleted = delete_from_inbox(user=request.user, persona=persona, ids=chosen)
    if deleted:
        one = {
            "deletion": uuid4().hex[:8],
            "persona": str(persona.pk),
            "ids": [str(key) for key in deleted],
            "at": int(time.time()),
            "is_new": True,
        }
        request.session[DELETED] = [*_deletions(request), one][-UNDONE_AT_MOST:]
    if not chosen:
        messages.info(request, _("No conversation was selected. Tick the boxes of those to delete."))
    elif len(deleted) < len(chosen):
        # Deleted in another tab, or the person takes part no longer.
        text = ngettext(
            "%(count)s conversation that you had selected was in this inbox no longer.",
            "%(count)s conversations that you had selected were in this inbox no longer.",
            len(chosen) - len(deleted),
        )
        messages.info(request, text % {"count": len(chosen) - len(deleted)})
    return redirect(addresses(persona, Place.of(request))())


@door(Policy.SIGNED_IN, "POST")
def restore_selection(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    """Brings back what the deletion took out that the button names, or else the last one."""
    persona = own_persona(request, persona_id)
    asked = request.POST.get("deletion")
    found = [one for one in _deletions_of(request, persona) if asked in (None, one["deletion"])]
    if found or asked is not None:  # else there was no button to press
        restored = _restore(request, persona, found[-1]) if found else 0
        text = ngettext("%(count)s conversation is back.", "%(count)s conversations are back.", restored)
        if restored:
            messages.success(request, text % {"count": restored})
        else:
            messages.info(request, _("There was nothing left to bring back."))
    return redirect(addresses(persona, Place.of(request))())


def _restore(request: HttpRequest, persona: Persona, deletion: dict[str, Any]) -> int:
    request.session[DELETED] = [one for one in _deletions(request) if one != deletion]
    ids = [UUID(key) for key in deletion["ids"]]
    return restore_to_inbox(user=request.user, persona=persona, ids=ids)


def undo_offered(request: HttpRequest, persona: Persona, place: Place) -> dict[str, Any] | None:
    """For the page of the persona from whose inbox rows were taken, for ten minutes: the last deletion, `is_new` the
    first time, and those before it."""
    kept = _deletions_of(request, persona)
    if not kept:
        return None
    if kept[-1]["is_new"]:
        request.session[DELETED] = [{**one, "is_new": False} for one in _deletions(request)]
    url = reverse("connexion:restore_selection", args=[persona.pk]) + "?" + place.query()
    last, *earlier = [
        {"deletion": one["deletion"], "count": len(one["ids"]), "time": _clock(one)} for one in reversed(kept)
    ]
    return {**last, "url": url, "is_new": kept[-1]["is_new"], "earlier": earlier}


def _clock(deletion: dict[str, Any]) -> str:
    return formats.clock(datetime.fromtimestamp(deletion["at"], tz=UTC))


def _deletions_of(request: HttpRequest, persona: Persona) -> list[dict[str, Any]]:
    return [one for one in _deletions(request) if one["persona"] == str(persona.pk)]


def _deletions(request: HttpRequest) -> list[dict[str, Any]]:
    """Those of the last ten minutes, from whichever of the person's inboxes."""
    kept = request.session.get(DELETED)
    if not isinstance(kept, list):
        return []
    since = time.time() - UNDO_SECONDS
    # A session of an earlier version kept less: the ids alone, or the last deletion.
    return [one for one in kept if isinstance(one, dict) and one["at"] > since]


def _selection(request: HttpRequest) -> list[UUID]:
    found = []
    for value in dict.fromkeys(request.POST.getlist("selection")[: max(SIZES)]):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
