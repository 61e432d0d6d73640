"""Where one is in an inbox, and the bar at its foot (spec B5)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from connexion_plugin import access, keyset, personas
from connexion_plugin.keyset import Cut, Key, Slice
from connexion_plugin.models import Persona
from connexion_plugin.routes import address_of
from connexion_plugin.views.pages import Step, foot
from connexion_plugin.views.words import words_asked

SIZES = (10, 20, 30)
NEWEST, OLDEST = "newest", "oldest"
END = "end"
# Counted anew for every page up to here; a larger inbox remembers its total for a while, for counting 20,000
# rows costs more than showing thirty.
EXACT_UP_TO = 1_000
REMEMBERED_SECONDS = 600


@dataclass(frozen=True)
class Place:
    """Where one is in an inbox; travels in the addresses, so that the back arrow returns there.

    `page` is what the foot says; `after` and `before` are the keys that find the rows, whatever moved since.
    """

    page: int = 1
    order: str = NEWEST
    show: access.Show = access.Show.ALL
    after: str = ""
    before: str = ""
    search: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Place":
        number = request.GET.get("page", "1")
        order = request.GET.get("order", NEWEST)
        show = request.GET.get("show", "")
        return cls(
            page=max(int(number), 1) if number.isdecimal() and len(number) < 7 else 1,
            order=order if order in {NEWEST, OLDEST} else NEWEST,
            show=access.Show(show) if show in set(access.Show) else access.Show.ALL,
            after=request.GET.get("after", "")[:60],
            before=request.GET.get("before", "")[:60],
            search=words_asked(request, "search", longest=100),
        )

    @property
    def is_newest_first(self) -> bool:
        return self.order == NEWEST

    def query(self, **changes: Any) -> str:
        """The changes and what they leave; another page, order or filter leaves no key."""
        base = replace(self, after="", before="") if changes else self
        wanted = {name: getattr(base, name) for name in base.__dataclass_fields__} | changes
        usual = {"page": 1, "order": NEWEST, "show": "all", "after": "", "before": "", "search": ""}
        return urlencode({name: value for name, value in wanted.items() if value != usual.get(name)})


@dataclass(frozen=True)
class InboxPage:
    rows: list[Any]
    number: int
    count: int
    total: int
    size: int
    has_previous: bool
    has_next: bool


def size_of(request: HttpRequest) -> int:
    """Rows a page: what is asked for now, else what the account remembers (spec B5)."""
    remembered = _remembered_size(request)
    return _asked_size(request) or (remembered if remembered in SIZES else SIZES[0])


def _asked_size(request: HttpRequest) -> int | None:
    wanted = request.GET.get("size", "")
    return int(wanted) if wanted in map(str, SIZES) else None


def _remembered_size(request: HttpRequest) -> int:
    preferences = getattr(request.user, "connexion_preferences", None)
    return preferences.rows_a_page if preferences else SIZES[0]


def tabs_beside(request: HttpRequest, listing: access.Listing, place: Place) -> list[access.Tab]:
    """The tabs, and in the same go what `page_of` is about to ask, as far as the address tells."""
    count_at_most = EXACT_UP_TO + 1 if _remembered_total(request, listing) is None else None
    return listing.tabs_beside(_first_read(place, size_of(request)), count_at_most=count_at_most)


def page_of(request: HttpRequest, listing: access.Listing, place: Place) -> InboxPage:
    """At most three statements wherever one is."""
    size = size_of(request)
    if _asked_size(request) not in {None, _remembered_size(request)}:
        personas.remember_rows(request.user, size)
    total = _total(request, listing)
    count = max(-(-total // size), 1)
    found = _slice(listing, place, size=size, total=total)
    is_end = found is None or place.before == END
    if found is None:
        found = _last(listing, place, size, total)
    # What the address says, held to what stands on either side: rows may have moved since it was written.
    number = max(count if is_end else min(place.page, count), 2) if found.has_previous else 1
    count = max(count, number + 1) if found.has_next else number
    return InboxPage(found.rows, number, count, total, size, found.has_previous, found.has_next)


def addresses(persona: Persona, place: Place) -> Callable[..., str]:
    """Writes the address of this place in the inbox, or of what some changes make of it."""
    here = address_of("inbox", persona.pk)

    def to(**changes: Any) -> str:
        query = place.query(**changes)
        return f"{here}?{query}" if query else here

    return to


def bar(page: InboxPage, place: Place, to: Callable[..., str]) -> dict[str, Any]:
    """The foot of the inbox, by key and not by number; `to` writes an address."""
    keys: dict[Step, dict[str, str]] = {Step.LAST: {"before": END}}
    if page.rows:
        keys[Step.PREVIOUS] = {"before": str(_key(page.rows[0]))}
        keys[Step.NEXT] = {"after": str(_key(page.rows[-1]))}
    return {
        **foot(
            number=page.number,
            count=page.count,
            has_previous=page.has_previous,
            has_next=page.has_next,
            to=lambda step, number: to(page=number, **keys.get(step, {})),
        ),
        "size": page.size,
        "total": page.total,
        "size_choices": [
            {"size": str(choice), "url": to(page=1, size=choice), "is_current": choice == page.size}
            for choice in SIZES
        ],
    }


def _slice(listing: access.Listing, place: Place, *, size: int, total: int) -> Slice[Any] | None:
    """None where nothing is left: the last page is shown then."""
    newest_first = place.is_newest_first
    if place.before == END:
        return _last(listing, place, size, total)
    if (key := keyset.read_key(place.before)) is not None:
        found = keyset.before(listing.read, key, newest_first=newest_first, size=size)
        # A page that rows have left is filled up from the beginning.
        if len(found.rows) == size:
            return found
        return keyset.beginning(listing.read, newest_first=newest_first, size=size)
    key = keyset.read_key(place.after)
    if key is None and place.page > 1:
        # An address that was typed: as far as the exact count reaches.
        position = min(size * (place.page - 1), EXACT_UP_TO) - 1
        key = keyset.key_at(listing.all(), position, newest_first=newest_first)
        if key is None:
            return None
    if key is None:
        return keyset.beginning(listing.read, newest_first=newest_first, size=size)
    found = keyset.after(listing.read, key, newest_first=newest_first, size=size)
    return found if found.rows else None


def _last(listing: access.Listing, place: Place, size: int, total: int) -> Slice[Any]:
    """As many rows as paging there from the first page would leave for it."""
    return keyset.end(listing.read, newest_first=place.is_newest_first, size=total % size or size)


def _key(row: access.ListedSeat) -> Key:
    return Key(row.activity_at, row.pk)


def _first_read(place: Place, size: int) -> tuple[Cut, Key | None] | None:
    """What `_slice` reads first; None where it must know something else before."""
    newest_first = place.is_newest_first
    if place.before:
        key = keyset.read_key(place.before)
        return (Cut(not newest_first, size + 1, is_beyond=True), key) if key else None
    if (key := keyset.read_key(place.after)) is not None:
        return Cut(newest_first, size + 1, is_beyond=True), key
    return (Cut(newest_first, size + 1), None) if place.page == 1 else None


def _remembered_total(request: HttpRequest, listing: access.Listing) -> int | None:
    total, counted_at = request.session.get("connexion_totals", {}).get(_name_of(listing), (0, 0))
    is_fresh = total > EXACT_UP_TO and int(time.time()) - counted_at < REMEMBERED_SECONDS
    return int(total) if is_fresh else None


def _total(request: HttpRequest, listing: access.Listing) -> int:
    remembered = _remembered_total(request, listing)
    if remembered is not None:
        return remembered
    total = listing.count(at_most=EXACT_UP_TO + 1)
    if total > EXACT_UP_TO:
        total = listing.count()
        totals = request.session.get("connexion_totals", {})
        request.session["connexion_totals"] = {**totals, _name_of(listing): (total, int(time.time()))}
    return total


def _name_of(listing: access.Listing) -> str:
    return f"{listing.persona_id}:{listing.show}"
