"""Collaborators as snippets: enrol, change, deactivate, reactivate, delete (spec M1, M2)."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import DateColumn, StatusTagColumn
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.snippets.views.snippets import CreateView, EditView, IndexView

from connexion_plugin import exceptions
from connexion_plugin.actions import collaborators as actions
from connexion_plugin.models import Collaborator
from connexion_plugin.wagtail_admin.choices import organizations_of_the_request
from connexion_plugin.wagtail_admin.forms import EnrolmentForm, ScopedForm
from connexion_plugin.wagtail_admin.hand_over import HandOverView
from connexion_plugin.wagtail_admin.holds import HoldView
from connexion_plugin.wagtail_admin.policies import collaborator_policy
from connexion_plugin.wagtail_admin.side_panels import HistoryBesideMixin, NothingBesideMixin
from connexion_plugin.wagtail_admin.status import DeactivateView, DeleteCollaboratorView, ReactivateView
from connexion_plugin.wagtail_admin.viewsets import AdministrationViewSet

Status = Collaborator.Status


class CollaboratorFilterSet(WagtailFilterSet):  # type: ignore[misc]
    organization = django_filters.ModelChoiceFilter(
        label=_("Organization"), queryset=organizations_of_the_request
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Status.choices)

    class Meta:
        model = Collaborator
        fields = ["status", "organization"]


STATUS_BUTTONS = {
    "deactivate": (_("Deactivate"), "lock"),
    "reactivate": (_("Reactivate"), "lock-open"),
}


def status_buttons(view: Any, collaborator: Collaborator) -> list[Button]:
    """What may be done to this enrolment, for the list's menu and for the edit page."""
    url_name = {Status.ACTIVE: "deactivate", Status.DEACTIVATED: "reactivate"}.get(
        Status(collaborator.status)
    )
    if not view.user_has_permission_for_instance("change", collaborator):
        return []
    found = [(url_name, *STATUS_BUTTONS[url_name])] if url_name else []
    found.append(("hand_over", _("Hand over the conversations"), "redirect"))
    found.append(("holds", _("Legal holds"), "lock"))
    return [
        Button(
            label,
            url=reverse(CollaboratorViewSet.url_name_of(name), args=[collaborator.pk]),
            icon_name=icon,
            priority=15 + position,
        )
        for position, (name, label, icon) in enumerate(found)
    ]


class CollaboratorIndexView(IndexView):  # type: ignore[misc]
    add_item_label = _("Enrol a collaborator")

    def get_base_queryset(self) -> QuerySet[Collaborator]:
        rows: QuerySet[Collaborator] = super().get_base_queryset()
        return rows.select_related("organization")

    def get_list_more_buttons(self, instance: Collaborator) -> list[Any]:
        return [*super().get_list_more_buttons(instance), *status_buttons(self, instance)]

    def get_delete_url(self, instance: Collaborator) -> str | None:
        # Deleting is for good: there is nothing left to delete.
        if instance.status == Status.DELETED:
            return None
        url: str | None = super().get_delete_url(instance)
        return url


class EnrolView(NothingBesideMixin, CreateView):  # type: ignore[misc]
    success_message = _("%(object)s is enrolled; the invitation is on its way.")

    def save_instance(self) -> Collaborator:
        fields = self.form.cleaned_data
        collaborator = actions.enrol_collaborator(
            organization=fields["organization"],
            address=fields["address"],
            name=fields["name"],
            language=fields["language"],
            by=self.request.user,
        )
        log(collaborator, "wagtail.create", content_changed=True)
        return collaborator

    def form_valid(self, form: "forms.ModelForm[Collaborator]") -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except exceptions.AlreadyEnrolled as refusal:
            form.add_error("address", str(refusal.sentence))
            self.produced_error_message = self.get_error_message()
            response = self.form_invalid(form)
        return response


class CollaboratorEditView(HistoryBesideMixin, EditView):  # type: ignore[misc]
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [*super().header_more_buttons, *status_buttons(self, self.object)]

    @cached_property
    def can_delete(self) -> bool:
        return self.object.status != Status.DELETED and bool(super().can_delete)

    def save_instance(self) -> Collaborator:
        self.has_content_changes = self.form.has_changed()
        collaborator = actions.amend_collaborator(
            collaborator=self.object,
            name=self.form.cleaned_data["name"],
            language=self.form.cleaned_data["language"],
            by=self.request.user,
        )
        log(collaborator, "wagtail.edit", content_changed=self.has_content_changes)
        return collaborator


class CollaboratorViewSet(AdministrationViewSet):
    model = Collaborator
    policy = collaborator_policy
    icon = "group"
    menu_order = 20
    index_view_class = CollaboratorIndexView
    add_view_class = EnrolView
    edit_view_class = CollaboratorEditView
    delete_view_class = DeleteCollaboratorView
    delete_template_name = "connexion_plugin/wagtail_admin/delete_collaborator.html"
    filterset_class = CollaboratorFilterSet
    search_fields = ("address", "name")
    ordering = ("address",)
    list_display = (
        "address",
        "name",
        "organization",
        StatusTagColumn(
            "get_status_display",
            label=_("Status"),
            sort_key="status",
            primary=lambda collaborator: collaborator.is_active,
        ),
        DateColumn("enrolled_at", label=_("Enrolled"), sort_key="enrolled_at"),
    )
    form_to_create = EnrolmentForm
    form_to_edit = ScopedForm
    panels_to_create = [
        FieldPanel("organization", widget=forms.Select),
        FieldPanel("address"),
        FieldPanel("name"),
        FieldPanel("language"),
    ]
    # Neither can change: the conversations hang on this enrolment, and on whoever reads this address.
    panels_to_edit = [
        FieldPanel("address", read_only=True),
        FieldPanel("organization", read_only=True),
        FieldPanel("status", read_only=True),
        FieldPanel("name"),
        FieldPanel("language"),
    ]

    @classmethod
    def url_name_of(cls, view: str) -> str:
        return f"wagtailsnippets_connexion_plugin_collaborator:{view}"

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("deactivate/<uuid:pk>/", self.construct_view(DeactivateView), name="deactivate"),
            path("holds/<uuid:pk>/", self.construct_view(HoldView), name="holds"),
            path("hand-over/<uuid:pk>/", self.construct_view(HandOverView), name="hand_over"),
            path("reactivate/<uuid:pk>/", self.construct_view(ReactivateView), name="reactivate"),
        ]
