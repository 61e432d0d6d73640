"""Rows taken out of one's own inbox, and brought back (spec B6)."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin import access
from connexion_plugin.actions.inbox import delete_from_inbox, restore_to_inbox
from connexion_plugin.models import Participation, Persona
from connexion_plugin.views.deletions import Deletions
from connexion_plugin.views.inbox_pages import SIZES, Place, addresses
from connexion_plugin.views.inbox_tabs import own_persona
from connexion_plugin.views.policy import Policy, door

DELETED = "connexion_deleted"  # in the session (`Deletions`)
UNDO_SECONDS = 600
REACH = re.compile("[0-9]{1,9}")


@door(Policy.SIGNED_IN, "POST")
def delete_selection(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    """Takes the chosen rows out of this persona's inbox; each of the last deletions can be undone by itself."""
    persona = own_persona(request, persona_id)
    chosen = _selection(request)
    deleted = delete_from_inbox(user=request.user, persona=persona, ids=list(chosen), reaches=_known(chosen))
    if deleted.gone:
        _deletions(request, persona).keep(deleted.gone)
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
    restored = _deletions(request, persona).undo(
        lambda ids: restore_to_inbox(user=request.user, persona=persona, ids=ids)
    )
    if restored:
        text = ngettext("%(count)s conversation is back.", "%(count)s conversations are back.", restored)
        messages.success(request, text % {"count": restored})
    elif restored is not None:
        messages.info(request, _("There was nothing left to bring back."))
    return redirect(addresses(persona, Place.of(request))())


def undo_offered(request: HttpRequest, persona: Persona, place: Place) -> dict[str, Any] | None:
    """For the page of the persona from whose inbox rows were taken, for ten minutes."""
    url = reverse("connexion:restore_selection", args=[persona.pk]) + "?" + place.query()
    return _deletions(request, persona).offered(url)


def _deletions(request: HttpRequest, persona: Persona) -> Deletions:
    return Deletions(request, DELETED, persona.pk, seconds=UNDO_SECONDS)


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
