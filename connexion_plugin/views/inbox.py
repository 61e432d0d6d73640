"""The inbox: one tab a persona, one row a conversation (spec B1–B7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from connexion_plugin import access, formats
from connexion_plugin.actions import searching
from connexion_plugin.actions.titles import preload_titles
from connexion_plugin.keyset import read_key
from connexion_plugin.models import Organization, Persona
from connexion_plugin.plain_text import shortened
from connexion_plugin.routes import address_of, addresses_of
from connexion_plugin.views.inbox_pages import NEWEST, OLDEST, Place, addresses, bar, page_of, tabs_beside
from connexion_plugin.views.inbox_selection import choice, undo_offered
from connexion_plugin.views.inbox_tabs import persona_of_tab, tabs_context
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.titles import shown_title

FILTERS = {
    access.Show.ALL: pgettext_lazy("conversations", "All"),
    access.Show.UNREAD: gettext_lazy("Unread"),
    access.Show.ANSWER: gettext_lazy("To answer"),
    access.Show.EXPIRING: gettext_lazy("Expiring soon"),
}
EXPIRES_SOON = timedelta(days=7)
# What an address may take before its middle is left out.
OWNER_CHARACTERS = 24


@dataclass(slots=True)
class Row:
    """One row as the template reads it."""

    choice: str  # what its box sends
    owner_address: str
    owner_short: str
    is_owner_whole: bool  # nothing of the address is left out
    title: str = field(repr=False)  # or the words for one that is gone
    select_words: str = field(repr=False)
    activity_words: str = field(repr=False)
    is_new: bool
    has_unopened: bool
    is_frozen: bool
    is_closed: bool
    contact_words: str  # of one that can only be read: with whom to get in touch
    expires_in_days: int | None
    modified_on: str
    url: str
    activity_url: str
    has_draft: bool
    states: str  # its classes

    # A template asks for `row["title"]` first, and pays dearly for the refusal.
    __getitem__ = object.__getattribute__

    @property
    def has_marks(self) -> bool:
        return self.is_frozen or self.is_closed or self.has_draft or self.expires_in_days is not None


@door(Policy.SIGNED_IN, "GET")
def inbox(request: HttpRequest, persona_id: UUID | None = None) -> HttpResponse:
    place = Place.of(request)
    tabs, listing = _tabs(request, persona_id, place)
    persona = persona_of_tab(tabs, persona_id)
    if persona is None:
        if persona_id is not None:
            raise Http404
        return render(request, "connexion_plugin/inbox/no_persona.html", {"personas": []})
    to = addresses(persona, place)
    if place.search:
        found = searching.search(
            user=request.user, persona=persona, words=place.search, after=read_key(place.after)
        )
        seats, foot = found.seats, _search_foot(found, to)
    else:
        page = page_of(request, listing or _listing(request, persona.pk, place), place)
        seats, foot = page.rows, {"page": bar(page, place, to)}
    context = {
        **tabs_context(tabs, persona),
        **foot,
        "rows": _rows(seats, place, persona),
        "search": place.search,
        "order": NEWEST if place.search else place.order,
        # A search goes through all rows, newest first: neither the order nor a filter is one of its choices.
        "order_url": None if place.search else to(page=1, order=OLDEST if place.order == NEWEST else NEWEST),
        "filters": [
            {
                "name": name,
                "label": label,
                "url": to(page=1, show=name, search=""),
                "is_current": name == place.show and not place.search,
            }
            for name, label in FILTERS.items()
        ],
        "show": place.show,
        "may_start": any(tab.may_start for tab in tabs),
        "start_url": f"{address_of('start_conversation')}?{_left(persona, place)}",
        "begun_to_start": next((tab.draft_waits for tab in tabs if tab.persona.pk == persona.pk), False),
        "delete_url": f"{address_of('delete_selection', persona.pk)}?{place.query()}",
        "undo": undo_offered(request, persona, place),
    }
    return render(request, "connexion_plugin/inbox/inbox.html", context)


def _tabs(
    request: HttpRequest, persona_id: UUID | None, place: Place
) -> tuple[list[access.Tab], access.Listing | None]:
    """The tabs; and what is listed of the one that the address names, which is asked for in the same go."""
    if persona_id is None or place.search:
        return access.tabs_of(request.user), None
    listing = _listing(request, persona_id, place)
    return tabs_beside(request, listing, place), listing


def _listing(request: HttpRequest, persona_id: UUID, place: Place) -> access.Listing:
    return access.Listing(request.user.pk, persona_id, place.show, timezone.now() + EXPIRES_SOON)


def _rows(seats: Sequence[Any], place: Place, persona: Persona) -> list[Row]:
    conversations = [seat.conversation for seat in seats]
    preload_titles(conversations)
    contacts = _contacts(conversations)
    here = _left(persona, place)
    now = timezone.now()
    window, activity = addresses_of("conversation", ids=1), addresses_of("activity", ids=1)
    select_words, activity_words = _("Select “%(title)s”"), _("View the activity of “%(title)s”")
    found = []
    for seat in seats:
        conversation, state = seat.conversation, access.state_of(seat.conversation)
        title = shown_title(conversation)
        titled = {"title": _words_for_no_title(state) if title is None else title}
        address = conversation.collaborator.address
        short = shortened(address, OWNER_CHARACTERS)
        is_new, is_frozen = seat.entered_at is None, state is access.State.FROZEN
        found.append(
            Row(
                choice=choice(seat),
                owner_address=address,
                owner_short=short,
                is_owner_whole=short == address,
                title=titled["title"],
                select_words=select_words % titled,
                activity_words=activity_words % titled,
                is_new=is_new,
                has_unopened=seat.unopened_count > 0,
                is_frozen=is_frozen,
                is_closed=state is access.State.CLOSED,
                contact_words=contacts.get(conversation.pk, ""),
                expires_in_days=_days_left(seat.soonest_expiry, now),
                modified_on=formats.day(seat.activity_at),
                # The window opens at the first message that is still sealed; where none is, at its head.
                url=f"{window(conversation.pk)}?{here}#unread",
                activity_url=f"{activity(conversation.pk)}?{here}",
                has_draft=seat.waiting_draft_id is not None,
                states=_classes(new=is_new, frozen=is_frozen, gone=title is None),
            )
        )
    return found


def _contacts(conversations: Sequence[Any]) -> dict[UUID, str]:
    """Of those that are frozen, what to do to go on (spec B4); nothing is asked where none is."""
    frozen = [row.pk for row in conversations if access.state_of(row) is access.State.FROZEN]
    organizations = access.organizations_of(frozen) if frozen else {}
    return {key: _contact(organization) for key, organization in organizations.items()}


def _contact(organization: Organization) -> str:
    words = {"organization": organization.name, "telephone": organization.contact}
    if organization.contact:
        return _("To go on, call %(organization)s at %(telephone)s.") % words
    return _("To go on, get in touch with %(organization)s.") % words


def _left(persona: Persona, place: Place) -> str:
    """What the pages that one goes to from here carry along, for their back arrow."""
    return urlencode({"persona": persona.pk, "from": place.query()})


def _classes(**states: bool) -> str:
    return " ".join(name for name, is_so in states.items() if is_so)


def _words_for_no_title(state: access.State) -> str:
    return _("Deleted conversation") if state is access.State.DELETED else _("Expired title")


def _days_left(expiry: datetime | None, now: datetime) -> int | None:
    """How many midnights lie before the next expiry, when that is soon: what expires tomorrow does not today."""
    if expiry is None or expiry - now > EXPIRES_SOON:
        return None
    return (timezone.localdate(expiry) - timezone.localdate(now)).days


def _search_foot(found: searching.Found, to: Callable[..., str]) -> dict[str, Any]:
    """Where the search stopped, and the address that goes on from there (spec B7)."""
    return {
        "stopped_at": found.stopped.at if found.stopped else None,
        "further_url": to(after=str(found.stopped)) if found.stopped else None,
    }
