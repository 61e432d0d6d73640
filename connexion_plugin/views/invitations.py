"""Which organizations may invite me, and where; and what I lost with an address (spec I7)."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Invitations
from connexion_plugin.actions import refusals
from connexion_plugin.views.pages import foot_of
from connexion_plugin.views.policy import Policy, door

SEATS_A_PAGE = 50


@door(Policy.SIGNED_IN, "GET", "POST")
def invitations(request: HttpRequest) -> HttpResponse:
    """Each address with the organizations that reach one there: refused, or accepted, with one click each way."""
    rows = access.invitations_of(request.user)
    if request.method == "POST":
        return _settle(request, _named(request, rows))
    released = access.released_seats_of(request.user)
    page = Paginator(released, SEATS_A_PAGE).get_page(request.GET.get("page"))
    here = reverse("connexion:invitations")
    context = {
        "rows": [
            {
                "address": row.persona.address,
                "organization": row.organization.name,
                "persona_id": row.persona.pk,
                "organization_id": row.organization.pk,
                "refused_at": row.refused_at,
            }
            for row in rows
        ],
        "released": [
            {
                "address": seat.persona.address,
                "owner_address": seat.conversation.collaborator.address,
                "organization": seat.conversation.organization.name,
                "ended_at": seat.ended_at,
                "url": reverse("connexion:move_seat", args=[seat.pk]),
            }
            for seat in page.object_list
        ],
        "page": foot_of(page, lambda number: f"{here}?page={number}"),
        "action_url": here,
    }
    return render(request, "connexion_plugin/account/invitations.html", context)


def _settle(request: HttpRequest, row: Invitations) -> HttpResponse:
    names = {"organization": row.organization.name, "address": row.persona.address}
    if request.POST.get("refuse") == "yes":
        refusals.refuse_invitations(user=request.user, invitations=row)
        text = _("%(organization)s can no longer invite you at %(address)s.")
    else:
        refusals.accept_invitations(user=request.user, invitations=row)
        text = _("%(organization)s can invite you again at %(address)s.")
    messages.success(request, text % names)
    return redirect("connexion:invitations")


def _named(request: HttpRequest, rows: list[Invitations]) -> Invitations:
    """One of one's own. Raises Http404."""
    try:
        wanted = (UUID(request.POST.get("persona", "")), UUID(request.POST.get("organization", "")))
    except ValueError as error:
        raise Http404 from error
    for row in rows:
        if (row.persona.pk, row.organization.pk) == wanted:
            return row
    raise Http404
