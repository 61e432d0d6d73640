"""Wagtail's home for an administrator: what they look after, in numbers of their own (spec M3)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.site_summary import SummaryItem

from connexion_plugin.models import Collaborator, Organization
from connexion_plugin.wagtail_admin.policies import collaborator_policy


class AdministrationSummary(SummaryItem):  # type: ignore[misc]
    """Counts through the scoped managers, so that they are the visitor's own."""

    order = 10
    template_name = "connexion_plugin/wagtail_admin/summary.html"

    def is_shown(self) -> bool:
        return collaborator_policy.user_has_permission(self.request.user, "view")

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        active = Collaborator.objects.filter(status=Collaborator.Status.ACTIVE)
        return {
            "organizations": Organization.objects.count(),
            "organizations_url": reverse("wagtailsnippets_connexion_plugin_organization:list"),
            "collaborators": active.count(),
            "collaborators_url": reverse("wagtailsnippets_connexion_plugin_collaborator:list"),
        }


def summarize_administration(request: HttpRequest, summary_items: list[SummaryItem]) -> None:
    """For Wagtail's `construct_homepage_summary_items`."""
    summary_items.append(AdministrationSummary(request))
