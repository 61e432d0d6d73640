"""The pages that change what a collaborator is: each says what it touches, and acts on POST (spec M2)."""

from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.snippets.views.snippets import DeleteView

from connexion_plugin import exceptions
from connexion_plugin.actions.collaborators import delete_collaborator, preview_deactivation
from connexion_plugin.wagtail_admin.changes import DEACTIVATE, DELETE, REACTIVATE, Change
from connexion_plugin.wagtail_admin.one_collaborator import CollaboratorPage, OneCollaboratorMixin
from connexion_plugin.wagtail_admin.successors import DeletionForm


class ChangeStatusView(CollaboratorPage, TemplateView):
    """GET shows the preview, POST calls the verb. Wagtail has set `model` and the policy."""

    template_name = "connexion_plugin/wagtail_admin/change_status.html"
    change: ClassVar[Change]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.change.make(self.object, by=request.user)
        except exceptions.Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, self.change.done % {"address": self.object.address})
        return redirect(self.index_url_name)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **kwargs,
            preview=preview_deactivation(self.object),
            collaborator=self.object,
            change=self.change,
        )
        return context


class DeactivateView(ChangeStatusView):
    change = DEACTIVATE
    page_title = DEACTIVATE.title


class ReactivateView(ChangeStatusView):
    change = REACTIVATE
    page_title = REACTIVATE.title


class DeleteCollaboratorView(OneCollaboratorMixin, DeleteView):  # type: ignore[misc]
    """Wagtail's page, our verb: the row stays, for the conversations that hang on it.

    The address is typed, and a successor may be named: deleting is for good otherwise (M2, C13).
    """

    form_class = DeletionForm

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
        verb = partial(delete_collaborator, successor=self.successor)
        DELETE.make(self.object, by=self.request.user, verb=verb)

    def get_success_message(self) -> str:
        return str(DELETE.done % {"address": self.object.address})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **kwargs,
            preview=preview_deactivation(self.object),
            collaborator=self.object,
            change=DELETE,
        )
        return context
