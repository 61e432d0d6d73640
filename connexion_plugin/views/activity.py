"""The history of a conversation: who did what, when (spec A1, A2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from connexion_plugin import access, formats
from connexion_plugin.access import Ability
from connexion_plugin.actions.activity import diagnosis
from connexion_plugin.models import Activity
from connexion_plugin.views.conversation import entered, query_of, window_context
from connexion_plugin.views.pages import foot_of
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.words import words_asked

LINES_A_PAGE = 50
SORTS = ("name", "verb", "at")
KINDS = {
    "all": pgettext_lazy("activity", "All"),
    "messages": gettext_lazy("Messages"),
    "documents": gettext_lazy("Documents"),
    "people": gettext_lazy("People"),
    access.THE_CONVERSATION: pgettext_lazy("activity", "The conversation"),
}


@dataclass(frozen=True)
class Wanted:
    """How the history is looked at; travels in the addresses."""

    sort: str = "at"
    descending: bool = False
    show: str = "all"
    words: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Wanted":
        asked = request.GET.get("sort", "at")
        show = request.GET.get("show", "all")
        known = asked.lstrip("-") in SORTS
        return cls(
            sort=asked.lstrip("-") if known else "at",
            descending=known and asked.startswith("-"),
            show=show if show in KINDS else "all",
            words=words_asked(request, "q", longest=254),
        )

    def query(self, **changes: str | int) -> dict[str, str | int]:
        """The changes and what they leave; page 1 unless a page is asked for."""
        sort = f"-{self.sort}" if self.descending else self.sort
        wanted = {"sort": sort, "show": self.show, "q": self.words, **changes}
        usual = {"sort": "at", "show": "all", "q": ""}
        return {name: value for name, value in wanted.items() if value != usual.get(name)}

    def sorted_by(self, name: str) -> str:
        """What a heading asks for: its own order, or the other way round where that is the order already."""
        return f"-{name}" if name == self.sort and not self.descending else name


@door(Policy.SIGNED_IN, "GET")
def activity(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Who did what, when; sortable from the headings (spec A1). The owner may have the chain verified (A2)."""
    entry = entered(request, conversation_id)
    wanted = Wanted.of(request)
    page = Paginator(lines_wanted(entry, wanted), LINES_A_PAGE).get_page(request.GET.get("page"))
    here = reverse("connexion:activity", args=[conversation_id])
    on_paper = reverse("connexion:print_activity", args=[conversation_id])

    def to(**changes: str | int) -> str:
        return f"{here}?{query_of(request, **wanted.query(**changes))}"

    window = window_context(request, entry)
    may_verify = Ability.OWN in entry.abilities
    context = {
        **window,
        "lines": in_words(entry, page.object_list),
        "lines_count": page.paginator.count,
        "sort": wanted.sort,
        "is_descending": wanted.descending,
        # To the table again, so that a keyboard goes on from there.
        "sort_urls": {name: f"{to(sort=wanted.sorted_by(name))}#lines-heading" for name in SORTS},
        "filters": [
            {"label": label, "url": to(show=name), "is_current": name == wanted.show}
            for name, label in KINDS.items()
        ],
        "words": wanted.words,
        "search_url": here,
        "carried": {
            **{name: request.GET[name] for name in ("persona", "from") if name in request.GET},
            **wanted.query(q=""),
        },
        "all_url": to(show="all", q=""),
        "print_url": f"{on_paper}?{query_of(request, **wanted.query())}#print",
        "page": foot_of(page, lambda number: to(page=number)),
        "back_url": window["conversation_url"],
        "verify_url": to(verify=1, page=page.number) if may_verify else None,
        "verified": diagnosis(entry.conversation) if may_verify and "verify" in request.GET else None,
    }
    return render(request, "connexion_plugin/activity/activity.html", context)


def lines_wanted(entry: access.ConversationAccess, wanted: Wanted) -> QuerySet[Activity, UUID]:
    """What this reader may see of the history, as they look at it; `in_words` reads a page of it."""
    lines = access.lines_of_kind(access.activities_of(entry), wanted.show)
    lines = access.lines_about(
        lines,
        wanted.words,
        hides_others=access.hides_others(entry),
        corrected_in=entry.conversation if entry.is_owner else None,
    )
    nobody = str(_("Connexion"))
    sorted_lines = access.lines_in_order(lines, wanted.sort, descending=wanted.descending, nobody=nobody)
    return sorted_lines.values_list("pk", flat=True)


def in_words(entry: access.ConversationAccess, lines: Iterable[UUID]) -> list[dict[str, Any]]:
    """What `activity/lines.html` reads, of some of `lines_wanted`."""
    hides_others = access.hides_others(entry)
    return [_line(line, hides_others=hides_others) for line in access.lines_with_names(lines, entry=entry)]


def _line(line: Activity, *, hides_others: bool) -> dict[str, Any]:
    """One line in words. Where it was the system's doing there is no name.

    In an announcement the numbers are the owner's to read: a gap between two lines, or how many were
    invited, would tell of the others (spec C9).
    """
    detail = access.address_in(line)
    if mistaken := access.corrected_from(line):
        detail = _("%(former)s, now %(present)s") % {"former": mistaken, "present": detail}
    if hides_others and line.verb in access.OF_ANY_NUMBER:
        detail = ""
    elif not detail and line.count > 1 and not hides_others:
        detail = ngettext("%(count)s person", "%(count)s people", line.count) % {
            "count": formats.number(line.count)
        }
    name = access.actor_in(line)
    return {
        "number": "" if hides_others else line.number,
        "name": _("Connexion") if name is None else name or _("An address that was corrected since"),
        "verb_label": line.get_verb_display(),
        "detail": detail,
        "at": line.at,
    }
