"""Rows taken out of one's own inbox, and brought back (spec B6)."""

import re
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

from connexion_plugin import access, formats
from connexion_plugin.actions.inbox import delete_from_inbox, restore_to_inbox
from connexion_plugin.models import Participation, Persona
from connexion_plugin.views.inbox_pages import SIZES, Place, addresses
from connexion_plugin.views.inbox_tabs import own_persona
from connexion_plugin.views.policy import Policy, door

DELETED = (
    "connexion_deleted"  # in the session, oldest first: which rows were taken out, of which persona, and when
)
UNDO_SECONDS = 600
REACH = re.compile("[0-9]{1,9}")
UNDONE_AT_MOST = 5  # deletions: each is up to thirty ids in the session


@door(Policy.SIGNED_IN, "POST")
def delete_selection(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    """Takes the chosen rows out of this persona's inbox; each of the last deletions can be undone by itself."""
    persona = own_persona(request, persona_id)
    chosen = _selection(request)
    deleted = delete_from_inbox(user=request.user, persona=persona, ids=list(chosen), reaches=_known(chosen))
    if deleted.gone:
        one = {
            "deletion": uuid4().hex[:8],
            "persona": str(persona.pk),
            "ids": [str(key) for key in deleted.gone],
            "at": int(time.time()),
            "is_new": True,
        }
        request.session[DELETED] = [*_deletions(request), one][-UNDONE_AT_MOST:]
    if not chosen:
        messages.info(request, _("No conversation was selected. Tick the boxes of those to delete."))
    if deleted.kept:
        text = ngettext(
            "%(count)s conversation has received a message meanwhile, and stays in your inbox.",
            "%(count)s conversations have received a message meanwhile, and stay in your inbox.",
            len(deleted.kept),
        )
        messages.info(request, text % {"count": len(deleted.kept)})
    if vanished := len(chosen) - len(deleted.gone) - len(deleted.kept):
        # Deleted in another tab, or the person takes part no longer.
        text = ngettext(
            "%(count)s conversation that you had selected was in this inbox no longer.",
            "%(count)s conversations that you had selected were in this inbox no longer.",
            vanished,
        )
        messages.info(request, text % {"count": vanished})
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


def choice(seat: access.ListedSeat | Participation) -> str:
    """What the box of a row sends: its seat, and how far the row reached that the person looks at."""
    return f"{seat.pk}.{access.reach(seat)}"


def _selection(request: HttpRequest) -> dict[UUID, int | None]:
    """The chosen seats; with how far each row reached, where its page said so."""
    found = {}
    for value in request.POST.getlist("selection")[: max(SIZES)]:
        key, _dot, reach = value.partition(".")
        try:
            found[UUID(key)] = int(reach) if REACH.fullmatch(reach) else None
        except ValueError:
            continue
    return found


def _known(chosen: dict[UUID, int | None]) -> dict[UUID, int]:
    return {key: reach for key, reach in chosen.items() if reach is not None}
