"""What can be done to several collaborators at once. Wagtail's own bulk deletion would remove the rows."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from connexion_plugin import formats
from connexion_plugin.actions.collaborators import preview_deactivations
from connexion_plugin.models import Collaborator, Organization
from connexion_plugin.wagtail_admin.changes import DEACTIVATE, DELETE, REACTIVATE, Change
from connexion_plugin.wagtail_admin.policies import collaborator_policy
from connexion_plugin.wagtail_admin.successors import BulkDeletionForm

NAMED = 20  # the page says how many others there are


class CollaboratorBulkAction(SnippetBulkAction):  # type: ignore[misc]
    """The rows come from the scoped manager; each is asked for again by the policy."""

    models: ClassVar[list[type[Model]]] = [Collaborator]
    template_name = "connexion_plugin/wagtail_admin/bulk_change_status.html"
    change: ClassVar[Change]

    @classmethod
    def get_queryset(cls, model: type[Collaborator], object_ids: Collection[str]) -> list[Collaborator]:
        try:
            found: list[Collaborator] = super().get_queryset(model, object_ids)
        except ValidationError as error:  # an id that is no UUID
            raise Http404 from error
        return found

    def check_perm(self, collaborator: Collaborator) -> bool:
        may = collaborator_policy.user_has_permission_for_instance
        return collaborator.status in self.change.statuses and may(
            self.request.user, self.change.permission, collaborator
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        collaborators = [row["item"] for row in context["items"]]
        return context | {
            "preview": preview_deactivations(collaborators),
            "change": self.change,
            "others_count": max(len(collaborators) - NAMED, 0),
            "title": self.display_name,
        }

    def get_execution_context(self) -> dict[str, Any]:
        return {"user": self.request.user}

    @classmethod
    def execute_action(
        cls, objects: Collection[Collaborator], user: AbstractBaseUser, **kwargs: Any
    ) -> tuple[int, int]:
        for collaborator in objects:
            cls.change.make(collaborator, by=user)
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)s collaborator changed.", "%(count)s collaborators changed.", num_parent_objects
        ) % {"count": formats.number(num_parent_objects)}


class DeactivateCollaborators(CollaboratorBulkAction):
    change = DEACTIVATE
    display_name, aria_label, action_type = DEACTIVATE.title, DEACTIVATE.title_of_several, DEACTIVATE.name
    action_priority = 10
    classes: ClassVar[set[str]] = {"serious"}


class ReactivateCollaborators(CollaboratorBulkAction):
    change = REACTIVATE
    display_name, aria_label, action_type = REACTIVATE.title, REACTIVATE.title_of_several, REACTIVATE.name
    action_priority = 20


class DeleteCollaborators(CollaboratorBulkAction):
    """Takes the place of Wagtail's, which asks Django's permissions and deletes rows. Their number is typed."""

    change = DELETE
    display_name, aria_label, action_type = DELETE.title, DELETE.title_of_several, DELETE.name
    action_priority = 30
    classes: ClassVar[set[str]] = {"serious"}
    form_class = BulkDeletionForm

    def form_valid(self, form: BulkDeletionForm) -> HttpResponse:
        collaborators, _others = self.get_actionable_objects()
        if form.cleaned_data["number"] != len(collaborators):
            form.add_error("number", _("This is not their number: %s.") % len(collaborators))
            invalid: HttpResponse = self.form_invalid(form)
            return invalid
        response: HttpResponse = super().form_valid(form)
        return response


class DeleteOrganizations(BulkAction):  # type: ignore[misc]
    """Takes the place of Wagtail's, and answers nobody: an organization is not deleted from a page."""

    models: ClassVar[list[type[Model]]] = [Organization]
    display_name = _("Delete")
    action_type = "delete"
    aria_label = _("Delete")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404


BULK_ACTIONS = (DeactivateCollaborators, ReactivateCollaborators, DeleteCollaborators, DeleteOrganizations)
