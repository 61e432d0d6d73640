"""The tabs of the inbox, one a persona, and the counts beside them (spec I2)."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse

from connexion_plugin import access
from connexion_plugin.models import Persona
from connexion_plugin.routes import address_of
from connexion_plugin.views.policy import Policy, door

TAB_CHARACTERS = 20  # what an address may take before a tab may be too narrow for it


@door(Policy.SIGNED_IN, "GET")
def unread_counts(request: HttpRequest) -> HttpResponse:
    """The counts, by persona; a page that is looked at asks every half minute. One statement.

    304 without a body for whoever knows them already: the page sends back the tag of the last answer.
    """
    counts = {str(tab.persona.pk): tab.unread_count for tab in access.tabs_of(request.user)}
    tag = f'"{hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()[:20]}"'
    known = request.headers.get("If-None-Match") == tag
    answer = HttpResponseNotModified() if known else JsonResponse({"counts": counts})
    answer["ETag"] = tag
    return answer


def tabs_context(tabs: list[access.Tab], current: Persona | None) -> dict[str, Any]:
    shown = [
        {
            "key": str(tab.persona.pk),
            "address": tab.persona.address,
            "is_long": len(tab.persona.address) > TAB_CHARACTERS,
            "unread_count": tab.unread_count,
            "is_current": current is not None and tab.persona.pk == current.pk,
            "url": address_of("inbox", tab.persona.pk),
        }
        for tab in tabs
    ]
    return {"personas": shown, "persona": next((row for row in shown if row["is_current"]), None)}


def persona_of_tab(tabs: list[access.Tab], persona_id: UUID | None) -> Persona | None:
    """The tab asked for; else the first that holds something unread; else the first."""
    if persona_id is not None:
        return next((tab.persona for tab in tabs if tab.persona.pk == persona_id), None)
    return next((tab.persona for tab in tabs if tab.unread_count), tabs[0].persona if tabs else None)


def own_persona(request: HttpRequest, persona_id: UUID) -> Persona:
    """One of the person's own. Raises Http404."""
    persona = persona_of_tab(access.tabs_of(request.user), persona_id)
    if persona is None:
        raise Http404
    return persona
