"""The record of administration, for the organization's auditors: read, filtered, exported, never altered (M6)."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

from connexion_plugin import formats
from connexion_plugin.actions.record import append_act
from connexion_plugin.contact_files.lines import begins_formula
from connexion_plugin.models import AdministrativeAct, Organization
from connexion_plugin.wagtail_admin.acts import words_of
from connexion_plugin.wagtail_admin.choices import organizations_of_the_request
from connexion_plugin.wagtail_admin.policies import act_policy

NAME = "connexion_plugin_record"
RESULTS_NAME = f"{NAME}_results"


class RecordFilterSet(WagtailFilterSet):  # type: ignore[misc]
    verb = django_filters.MultipleChoiceFilter(label=_("Act"), choices=AdministrativeAct.Verb.choices)
    at = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)
    by_name = django_filters.CharFilter(label=_("Who"), lookup_expr="icontains")
    address = django_filters.CharFilter(
        label=_("Collaborator"), field_name="collaborator__address", lookup_expr="icontains"
    )
    organization = django_filters.ModelChoiceFilter(
        label=_("Organization"), queryset=organizations_of_the_request
    )

    class Meta:
        model = AdministrativeAct
        fields: tuple[str, ...] = ()


class RecordView(ReportView):  # type: ignore[misc]
    """Newest first, fifty a page. The scoped manager shows the visitor's own organizations alone."""

    model = AdministrativeAct
    permission_policy = act_policy
    permission_required = "view"
    page_title = _("Record of administration")
    header_icon = "history"
    index_url_name = NAME
    index_results_url_name = RESULTS_NAME
    filterset_class = RecordFilterSet
    default_ordering = "-at"
    list_export = ("number", "at", "verb", "by_name", "collaborator", "details", "organization")
    export_headings = {"details": _("Details")}
    custom_field_preprocess = {
        "verb": dict.fromkeys(ReportView.FORMATS, lambda verb: str(AdministrativeAct.Verb(verb).label)),
    }
    custom_value_preprocess = {
        **ReportView.custom_value_preprocess,
        str: {ReportView.FORMAT_CSV: lambda text: f"'{text}" if begins_formula(text) else text},
    }

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column("number", label=_("No."), classname="w-tabular-nums"),
            Column(
                "at",
                label=_("Date"),
                sort_key="at",
                accessor=lambda act: formats.moment(act.at),
                classname="w-whitespace-nowrap",
            ),
            Column("verb", label=_("Act"), accessor="get_verb_display"),
            Column("by_name", label=_("Who"), accessor=lambda act: act.by_name or _("Connexion")),
            Column("collaborator", label=_("Collaborator"), accessor=lambda act: act.collaborator or ""),
            Column("details", label=_("Details"), accessor=words_of),
            Column("organization", label=_("Organization")),
        ]

    def get_base_queryset(self) -> QuerySet[AdministrativeAct]:
        rows: QuerySet[AdministrativeAct] = super().get_base_queryset()
        return rows.select_related("organization", "collaborator", "successor").order_by("-at", "-number")

    def order_queryset(self, queryset: QuerySet[AdministrativeAct]) -> QuerySet[AdministrativeAct]:
        # Acts of one moment keep the order of their numbers.
        return queryset.order_by("at", "number") if self.ordering == "at" else queryset

    def to_row_dict(self, item: AdministrativeAct) -> dict[str, Any]:
        row: dict[str, Any] = super().to_row_dict(item)
        # As text, so that none of it is taken for a formula: an address may begin with an equals sign.
        names = {"collaborator": str(item.collaborator or ""), "organization": str(item.organization)}
        return row | names | {"details": words_of(item)}

    def get_filename(self) -> str:
        return "connexion-record"

    def render_to_response(self, context: dict[str, Any], **more: Any) -> HttpResponse:
        # GET takes the rows away, HEAD does not. That a safe method leaves a line about the reading itself is
        # what RFC 9110 (9.2.1) allows of logs, and the only way for the record to miss no export.
        if self.is_export and self.request.method == "GET":
            self._record_the_export(context["object_list"])
        response: HttpResponse = super().render_to_response(context, **more)
        return response

    def _record_the_export(self, acts: QuerySet[AdministrativeAct]) -> None:
        """Taking the record away is an act, too: in the record of each organization of which something goes."""
        shown = acts.order_by().values("organization").distinct()
        for organization in Organization.objects.filter(pk__in=shown):
            append_act(
                organization=organization,
                verb=AdministrativeAct.Verb.EXPORTED,
                by=self.request.user,
                details={"exported": "record", "rows": acts.filter(organization=organization).count()},
            )


class RecordMenuItem(MenuItem):  # type: ignore[misc]
    def is_shown(self, request: HttpRequest) -> bool:
        return act_policy.user_has_permission(request.user, "view")


def register_urls() -> list[URLPattern]:
    """For Wagtail's `register_admin_urls`."""
    return [
        path("reports/administration/", RecordView.as_view(), name=NAME),
        path("reports/administration/results/", RecordView.as_view(results_only=True), name=RESULTS_NAME),
    ]


def register_menu_item() -> MenuItem:
    """For Wagtail's `register_reports_menu_item`."""
    return RecordMenuItem(
        _("Record of administration"), reverse(NAME), name=NAME, icon_name="history", order=600
    )
