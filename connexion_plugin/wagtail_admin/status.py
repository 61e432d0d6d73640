"""The pages that change what a collaborator is: each says what it touches, and acts on POST (spec M2)."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.log_actions import log
from wagtail.snippets.views.snippets import DeleteView

from connexion_plugin import exceptions
from connexion_plugin.access import Person
from connexion_plugin.actions import collaborators as actions
from connexion_plugin.models import Collaborator
from connexion_plugin.wagtail_admin.successors import DeletionForm

Verb = Callable[..., Collaborator]

WHAT_DEACTIVATING_DOES = gettext_lazy(
    "Their conversations can only be read from then on, by everyone, and are shown in red. "
    "They are signed out everywhere at once. Reactivating undoes it."
)
WHAT_REACTIVATING_DOES = gettext_lazy(
    "Their conversations open again at once, for everyone who takes part in them."
)


class ChangeStatusView(BaseObjectMixin, PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):  # type: ignore[misc]
    """GET shows the preview, POST calls the verb. Wagtail has set `model` and the policy."""

    template_name = "connexion_plugin/wagtail_admin/change_status.html"
    permission_policy = None
    permission_required = "change"
    index_url_name: str = ""
    edit_url_name: str = ""
    header_icon = "group"
    verb: ClassVar[Verb]
    log_action: ClassVar[str]
    confirmation: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    is_serious = False
    success_message: ClassVar[str | Promise]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission_for_instance(self.permission_required, self.object):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            change(self.verb, self.object, by=request.user, log_action=self.log_action)
        except exceptions.Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, self.success_message % {"address": self.object.address})
        return redirect(self.index_url_name)

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse(self.index_url_name), "label": _("Collaborators")},
            {"url": reverse(self.edit_url_name, args=[self.object.pk]), "label": str(self.object)},
            {"url": "", "label": str(self.page_title)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = actions.preview_deactivation(self.object)
        context: dict[str, Any] = super().get_context_data(
            **kwargs, preview=preview, collaborator=self.object
        )
        return context


class DeactivateView(ChangeStatusView):
    page_title = gettext_lazy("Deactivate")
    verb = staticmethod(actions.deactivate_collaborator)
    log_action = "connexion.deactivate"
    confirmation = WHAT_DEACTIVATING_DOES
    button = gettext_lazy("Yes, deactivate")
    is_serious = True
    success_message = gettext_lazy("%(address)s is deactivated.")


class ReactivateView(ChangeStatusView):
    page_title = gettext_lazy("Reactivate")
    verb = staticmethod(actions.reactivate_collaborator)
    log_action = "connexion.reactivate"
    confirmation = WHAT_REACTIVATING_DOES
    button = gettext_lazy("Yes, reactivate")
    success_message = gettext_lazy("%(address)s is active again.")


class DeleteCollaboratorView(DeleteView):  # type: ignore[misc]
    """Wagtail's page, our verb: the row stays, for the conversations that hang on it.

    The address is typed, and a successor may be named: deleting is for good otherwise (M2, C13).
    """

    form_class = DeletionForm
    success_message = gettext_lazy("%(object)s is deleted.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission_for_instance("delete", self.object):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "collaborator": self.object}

    def form_valid(self, form: DeletionForm) -> HttpResponse:
        self.successor = form.cleaned_data["successor"]
        try:
            response: HttpResponse = super().form_valid(form)
        except exceptions.Refused as refusal:
            form.add_error("successor", str(refusal.sentence))
            response = self.form_invalid(form)
        return response

    def delete_action(self) -> None:
        verb = partial(actions.delete_collaborator, successor=self.successor)
        change(verb, self.object, by=self.request.user, log_action="connexion.delete")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = actions.preview_deactivation(self.object)
        context: dict[str, Any] = super().get_context_data(
            **kwargs, preview=preview, collaborator=self.object
        )
        return context


def change(verb: Verb, collaborator: Collaborator, *, by: Person, log_action: str) -> None:
    """Calls the verb, and leaves the line in the history that administrators read (M6)."""
    before = collaborator.status
    changed = verb(collaborator=collaborator, by=by)
    if changed.status != before:
        log(changed, log_action, user=by)
