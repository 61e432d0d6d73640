"""The history of a conversation: who did what, when (spec A1, A2)."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin import access
from connexion_plugin.models import Activity
from connexion_plugin.views.conversation import query_of, window_context
from connexion_plugin.views.pages import foot_of
from connexion_plugin.views.policy import Policy, door

LINES_A_PAGE = 50


@door(Policy.SIGNED_IN, "GET")
def activity(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Who did what, when; sortable from the headings (spec A1)."""
    entry = access.conversation_for(request.user, conversation_id)
    orders = {"name": ("actor__persona__address", "number"), "verb": ("verb", "number"), "at": ("number",)}
    asked = request.GET.get("sort", "at")
    descending, sort = asked.startswith("-"), asked.lstrip("-")
    if sort not in orders:
        descending, sort = False, "at"
    lines = access.activities_of(entry).order_by(
        *(f"-{name}" if descending else name for name in orders[sort])
    )
    page = Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page"))
    here = reverse("connexion:activity", args=[conversation_id])

    def to(**changes: Any) -> str:
        return f"{here}?{query_of(request, sort=asked, **changes)}"

    window = window_context(request, entry)
    hides_others = access.hides_others(entry)
    context = {
        **window,
        "lines": [_line(line, hides_others=hides_others) for line in page.object_list],
        "sort": sort,
        "is_descending": descending,
        "sort_urls": {
            name: f"{here}?{query_of(request, sort=f'-{name}' if name == sort and not descending else name)}"
            for name in orders
        },
        "page": foot_of(page, lambda number: to(page=number)),
        "back_url": window["conversation_url"],
    }
    return render(request, "connexion_plugin/activity/activity.html", context)


def _line(line: Activity, *, hides_others: bool) -> dict[str, Any]:
    """One line in words. Where it was the system's doing there is no name.

    In an announcement the numbers are the owner's to read: a gap between two lines, or how many were
    invited, would tell of the others (spec C9).
    """
    subject = line.subject.persona.address if line.subject else ""
    detail = subject
    if not subject and line.count > 1 and not hides_others:
        detail = ngettext("%(count)s person", "%(count)s people", line.count) % {"count": line.count}
    return {
        "number": "" if hides_others else line.number,
        "name": line.actor.persona.address if line.actor else _("Connexion"),
        "verb_label": line.get_verb_display(),
        "detail": detail,
        "at": line.at,
    }
