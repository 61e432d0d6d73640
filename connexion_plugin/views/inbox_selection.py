"""Rows taken out of one's own inbox, and brought back (spec B6)."""

import time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin.actions.inbox import delete_from_inbox, restore_to_inbox
from connexion_plugin.models import Persona
from connexion_plugin.views.inbox_pages import SIZES, Place, addresses
from connexion_plugin.views.inbox_tabs import own_persona
from connexion_plugin.views.policy import Policy, door

DELETED = "connexion_deleted"  # in the session: what was taken out last, of which persona, and when
UNDO_SECONDS = 600


@door(Policy.SIGNED_IN, "POST")
def delete_selection(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    """Takes the chosen rows out of this persona's inbox; the last that were taken can be brought back."""
    persona = own_persona(request, persona_id)
    chosen = _selection(request)
    deleted = delete_from_inbox(user=request.user, persona=persona, ids=chosen)
    if deleted:
        ids = [str(key) for key in deleted]
        request.session[DELETED] = {
            "persona": str(persona.pk),
            "ids": ids,
            "at": int(time.time()),
            "is_new": True,
        }
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
    persona = own_persona(request, persona_id)
    kept = _kept(request, persona)
    if kept:
        del request.session[DELETED]
        ids = [UUID(key) for key in kept["ids"]]
        restored = restore_to_inbox(user=request.user, persona=persona, ids=ids)
        text = ngettext("%(count)s conversation is back.", "%(count)s conversations are back.", restored)
        if restored:
            messages.success(request, text % {"count": restored})
        else:
            messages.info(request, _("There was nothing left to bring back."))
    return redirect(addresses(persona, Place.of(request))())


def undo_offered(request: HttpRequest, persona: Persona, place: Place) -> dict[str, Any] | None:
    """For the page of the persona from whose inbox rows were taken, for ten minutes; `is_new` the first time."""
    kept = _kept(request, persona)
    if kept is None:
        return None
    if kept["is_new"]:
        request.session[DELETED] = {**kept, "is_new": False}
    url = reverse("connexion:restore_selection", args=[persona.pk]) + "?" + place.query()
    return {"url": url, "count": len(kept["ids"]), "is_new": kept["is_new"]}


def _kept(request: HttpRequest, persona: Persona) -> dict[str, Any] | None:
    kept = request.session.get(DELETED)
    # A session of an earlier version kept the ids alone.
    if not isinstance(kept, dict) or kept["persona"] != str(persona.pk):
        return None
    return kept if time.time() - kept["at"] < UNDO_SECONDS else None


def _selection(request: HttpRequest) -> list[UUID]:
    found = []
    for value in dict.fromkeys(request.POST.getlist("selection")[: max(SIZES)]):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
