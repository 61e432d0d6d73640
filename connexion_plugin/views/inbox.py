"""The inbox: one tab a persona, one row a conversation (spec B1–B7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from connexion_plugin import access
from connexion_plugin.actions import searching
from connexion_plugin.actions.inbox import delete_from_inbox, restore_to_inbox
from connexion_plugin.actions.titles import preload_titles, read_title
from connexion_plugin.keyset import read_key
from connexion_plugin.models import Participation, Persona
from connexion_plugin.plain_text import shortened
from connexion_plugin.views.inbox_pages import NEWEST, OLDEST, SIZES, Place, bar, page_of
from connexion_plugin.views.policy import Policy, door

FILTERS = {
    "all": pgettext_lazy("conversations", "All"),
    "unread": gettext_lazy("Unread"),
    "answer": gettext_lazy("Waiting for my answer"),
    "expiring": gettext_lazy("Expiring soon"),
}
EXPIRES_SOON = timedelta(days=7)
# What an address may take before its middle is left out.
OWNER_CHARACTERS, TAB_CHARACTERS = 24, 20


@dataclass(frozen=True)
class Row:
    """One row as the template reads it."""

    id: UUID
    owner_address: str
    owner_short: str
    title: str = field(repr=False)  # or the words for one that is gone
    select_words: str = field(repr=False)
    activity_words: str = field(repr=False)
    is_title_gone: bool
    is_new: bool
    has_unopened: bool
    is_frozen: bool
    is_closed: bool
    expires_in_days: int | None
    activity_at: datetime
    url: str
    activity_url: str


@door(Policy.SIGNED_IN, "GET")
def inbox(request: HttpRequest, persona_id: UUID | None = None) -> HttpResponse:
    tabs = access.tabs_of(request.user)
    persona = _current(tabs, persona_id)
    if persona is None:
        if persona_id is not None:
            raise Http404
        return render(request, "connexion_plugin/inbox/no_persona.html", {"personas": []})
    place = Place.of(request)
    to = _addresses(persona, place)
    if place.search:
        found = searching.search(
            user=request.user, persona=persona, words=place.search, after=read_key(place.after)
        )
        seats, foot = found.seats, _search_foot(found, to)
    else:
        page = page_of(request, _filtered(request, persona, place), place, name=f"{persona.pk}:{place.show}")
        seats, foot = page.rows, {"page": bar(page, place, to)}
    context = {
        **tabs_context(tabs, persona),
        **foot,
        "rows": _rows(seats, place, persona),
        "search": place.search,
        "order": place.order,
        "order_url": to(page=1, order=OLDEST if place.order == NEWEST else NEWEST),
        "filters": [
            {
                "name": name,
                "label": label,
                "url": to(page=1, show=name, search=""),
                "is_current": name == place.show,
            }
            for name, label in FILTERS.items()
        ],
        "show": place.show,
        "may_start": any(tab.may_start for tab in tabs),
        "start_url": reverse("connexion:start_conversation"),
        "delete_url": reverse("connexion:delete_selection", args=[persona.pk]) + "?" + place.query(),
        "undo_url": reverse("connexion:restore_selection", args=[persona.pk]) + "?" + place.query()
        if request.session.get("connexion_deleted")
        else None,
    }
    return render(request, "connexion_plugin/inbox/inbox.html", context)


@door(Policy.SIGNED_IN, "POST")
def delete_selection(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    """Takes the chosen rows out of this persona's inbox; what was taken can be brought back once."""
    persona = _own_persona(request, persona_id)
    deleted = delete_from_inbox(user=request.user, persona=persona, ids=_selection(request))
    if deleted:
        request.session["connexion_deleted"] = [str(key) for key in deleted]
        text = ngettext(
            "%(count)s conversation left your inbox. A new message will bring it back.",
            "%(count)s conversations left your inbox. A new message will bring them back.",
            len(deleted),
        )
        messages.success(request, text % {"count": len(deleted)})
    else:
        messages.info(request, _("No conversation was selected. Tick the boxes of those to delete."))
    return redirect(_addresses(persona, Place.of(request))())


@door(Policy.SIGNED_IN, "POST")
def restore_selection(request: HttpRequest, persona_id: UUID) -> HttpResponse:
    persona = _own_persona(request, persona_id)
    ids = [UUID(key) for key in request.session.pop("connexion_deleted", [])]
    restored = restore_to_inbox(user=request.user, persona=persona, ids=ids)
    if restored:
        text = ngettext("%(count)s conversation is back.", "%(count)s conversations are back.", restored)
        messages.success(request, text % {"count": restored})
    return redirect(_addresses(persona, Place.of(request))())


@door(Policy.SIGNED_IN, "GET")
def unread_counts(request: HttpRequest) -> JsonResponse:
    """The counts of the tabs, by persona; the page asks every half minute (spec I2)."""
    tabs = access.tabs_of(request.user)
    return JsonResponse({"counts": {str(tab.persona.pk): tab.unread_count for tab in tabs}})


def tabs_context(tabs: list[access.Tab], current: Persona | None) -> dict[str, Any]:
    shown = [
        {
            "key": str(tab.persona.pk),
            "address": tab.persona.address,
            "short_address": shortened(tab.persona.address, TAB_CHARACTERS),
            "unread_count": tab.unread_count,
            "is_current": current is not None and tab.persona.pk == current.pk,
            "url": reverse("connexion:inbox", args=[tab.persona.pk]),
        }
        for tab in tabs
    ]
    return {"personas": shown, "persona": next((row for row in shown if row["is_current"]), None)}


def _current(tabs: list[access.Tab], persona_id: UUID | None) -> Persona | None:
    """The tab asked for; else the first that holds something unread; else the first."""
    if persona_id is not None:
        return next((tab.persona for tab in tabs if tab.persona.pk == persona_id), None)
    return next((tab.persona for tab in tabs if tab.unread_count), tabs[0].persona if tabs else None)


def _own_persona(request: HttpRequest, persona_id: UUID) -> Persona:
    persona = _current(access.tabs_of(request.user), persona_id)
    if persona is None:
        raise Http404
    return persona


def _selection(request: HttpRequest) -> list[UUID]:
    found = []
    for value in request.POST.getlist("selection")[: max(SIZES)]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _filtered(request: HttpRequest, persona: Persona, place: Place) -> "QuerySet[Participation]":
    rows = access.inbox(request.user, persona)
    if place.show == "unread":
        return access.unread(rows)
    if place.show == "answer":
        return access.waiting_for_answer(rows)
    if place.show == "expiring":
        return access.expiring(rows, before=timezone.now() + EXPIRES_SOON)
    return rows


def _rows(seats: Sequence[Any], place: Place, persona: Persona) -> list[Row]:
    conversations = [seat.conversation for seat in seats]
    preload_titles(conversations)
    here = urlencode({"persona": persona.pk, "from": place.query()})
    now = timezone.now()
    window, activity = _address_of("connexion:conversation"), _address_of("connexion:activity")
    select_words, activity_words = _("Select “%(title)s”"), _("View the activity of “%(title)s”")
    found = []
    for seat in seats:
        conversation, state = seat.conversation, access.state_of(seat.conversation)
        title = read_title(conversation)
        titled = {"title": _words_for_no_title(state) if title is None else title}
        found.append(
            Row(
                id=seat.pk,
                owner_address=conversation.collaborator.address,
                owner_short=shortened(conversation.collaborator.address, OWNER_CHARACTERS),
                title=titled["title"],
                select_words=select_words % titled,
                activity_words=activity_words % titled,
                is_title_gone=title is None,
                is_new=seat.entered_at is None,
                has_unopened=seat.unopened_count > 0,
                is_frozen=state is access.State.FROZEN,
                is_closed=state is access.State.CLOSED,
                expires_in_days=_days_left(seat.soonest_expiry, now),
                activity_at=seat.activity_at,
                # The window opens at the first message that is still sealed; where none is, at its head.
                url=f"{window(seat.conversation_id)}?{here}#unread",
                activity_url=f"{activity(seat.conversation_id)}?{here}",
            )
        )
    return found


def _words_for_no_title(state: access.State) -> str:
    return _("Deleted conversation") if state is access.State.DELETED else _("Expired title")


def _address_of(name: str) -> Callable[[UUID], str]:
    """Addresses that differ by a conversation alone: the resolver is asked once for all of a page."""
    nowhere = UUID(int=0)
    pattern = reverse(name, args=[nowhere])
    return lambda conversation_id: pattern.replace(str(nowhere), str(conversation_id))


def _days_left(expiry: datetime | None, now: datetime) -> int | None:
    """Whole days until the next message expires, when that is soon."""
    if expiry is None or expiry - now > EXPIRES_SOON:
        return None
    return (expiry - now).days


def _search_foot(found: searching.Found, to: Callable[..., str]) -> dict[str, Any]:
    """Where the search stopped, and the address that goes on from there (spec B7)."""
    return {
        "stopped_at": found.stopped.at if found.stopped else None,
        "further_url": to(after=str(found.stopped)) if found.stopped else None,
    }


def _addresses(persona: Persona, place: Place) -> Callable[..., str]:
    """Writes the address of this place in the inbox, or of what some changes make of it."""
    here = reverse("connexion:inbox", args=[persona.pk])

    def to(**changes: Any) -> str:
        query = place.query(**changes)
        return f"{here}?{query}" if query else here

    return to
