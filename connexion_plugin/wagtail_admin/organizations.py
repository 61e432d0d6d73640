"""Organizations as snippets: administrators set policies, the operator makes new ones (spec M1, M3)."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, BulkActionsCheckboxColumn
from wagtail.log_actions import log
from wagtail.snippets.views.snippets import CreateView, EditView, IndexView

from connexion_plugin.actions import organizations as actions
from connexion_plugin.models import Organization
from connexion_plugin.wagtail_admin.forms import OrganizationForm
from connexion_plugin.wagtail_admin.policies import organization_policy
from connexion_plugin.wagtail_admin.side_panels import HistoryBesideMixin, NothingBesideMixin
from connexion_plugin.wagtail_admin.viewsets import AdministrationViewSet


class OrganizationIndexView(IndexView):  # type: ignore[misc]
    @cached_property
    def columns(self) -> list[Any]:
        return [column for column in super().columns if not isinstance(column, BulkActionsCheckboxColumn)]


class OrganizationCreateView(NothingBesideMixin, CreateView):  # type: ignore[misc]
    def save_instance(self) -> Organization:
        organization = actions.add_organization(
            organization=self.form.save(commit=False), by=self.request.user
        )
        log(organization, "wagtail.create", content_changed=True)
        return organization


class OrganizationEditView(HistoryBesideMixin, EditView):  # type: ignore[misc]
    def save_instance(self) -> Organization:
        """Saves, and records each policy's old and new value for the organization's auditors (M6)."""
        organization: Organization = self.form.save(commit=False)
        changes = actions.set_policies(
            organization=organization, fields=self.form.changed_data, by=self.request.user
        )
        self.has_content_changes = bool(changes)
        if changes:
            log(organization, "connexion.set_policies", content_changed=True, data={"changes": changes})
        return organization


class OrganizationViewSet(AdministrationViewSet):
    model = Organization
    policy = organization_policy
    icon = "home"
    menu_order = 10
    index_view_class = OrganizationIndexView
    add_view_class = OrganizationCreateView
    edit_view_class = OrganizationEditView
    closed_views = AdministrationViewSet.closed_views | {"delete"}
    list_display = (
        "name",
        "telephone",
        "default_expiry_days",
        BooleanColumn(
            "requires_second_factor",
            label=capfirst(_("participants must use a second factor")),
            sort_key="requires_second_factor",
        ),
    )
    search_fields = ("name", "telephone")
    ordering = ("name",)
    form_to_create = form_to_edit = OrganizationForm
    panels_to_create = panels_to_edit = [
        FieldPanel("name"),
        FieldPanel("telephone"),
        FieldPanel("language"),
        FieldPanel("time_zone"),
        MultiFieldPanel(
            [
                FieldPanel("default_expiry_days"),
                FieldPanel("shortest_expiry_days"),
                FieldPanel("longest_expiry_days"),
            ],
            heading=_("Life of messages"),
        ),
        FieldPanel("message_limit_bytes"),
        # The disks are the site's: an organization does not give itself room.
        FieldPanel("storage_quota_bytes", permission="superuser"),
        FieldPanel("requires_second_factor"),
    ]
