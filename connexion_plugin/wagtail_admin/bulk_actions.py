"""What can be done to several collaborators at once. Wagtail's own bulk deletion would remove the rows."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from connexion_plugin.actions import collaborators as actions
from connexion_plugin.models import Collaborator, Organization
from connexion_plugin.wagtail_admin.policies import collaborator_policy
from connexion_plugin.wagtail_admin.status import (
    WHAT_DEACTIVATING_DOES,
    WHAT_REACTIVATING_DOES,
    Verb,
    change,
)
from connexion_plugin.wagtail_admin.successors import BulkDeletionForm

Status = Collaborator.Status


class CollaboratorBulkAction(SnippetBulkAction):  # type: ignore[misc]
    """The rows come from the scoped manager; each is asked for again by the policy."""

    models: ClassVar[list[type[Model]]] = [Collaborator]
    template_name = "connexion_plugin/wagtail_admin/bulk_change_status.html"
    permission: ClassVar[str] = "change"
    statuses: ClassVar[tuple[str, ...]]  # which can be changed so
    verb: ClassVar[Verb]
    log_action: ClassVar[str]
    confirmation: ClassVar[str | Promise]

    @classmethod
    def get_queryset(cls, model: type[Collaborator], object_ids: Collection[str]) -> list[Collaborator]:
        try:
            found: list[Collaborator] = super().get_queryset(model, object_ids)
        except ValidationError as error:  # an id that is no UUID
            raise Http404 from error
        return found

    def check_perm(self, collaborator: Collaborator) -> bool:
        return collaborator.status in self.statuses and collaborator_policy.user_has_permission_for_instance(
            self.request.user, self.permission, collaborator
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        collaborators = [row["item"] for row in context["items"]]
        return context | {
            "preview": actions.preview_deactivations(collaborators),
            "confirmation": self.confirmation,
            "is_serious": "serious" in self.classes,
            "title": self.display_name,
        }

    def get_execution_context(self) -> dict[str, Any]:
        return {"user": self.request.user}

    @classmethod
    def execute_action(
        cls, objects: Collection[Collaborator], user: AbstractBaseUser, **kwargs: Any
    ) -> tuple[int, int]:
        for collaborator in objects:
            change(cls.verb, collaborator, by=user, log_action=cls.log_action)
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d collaborator changed.", "%(count)d collaborators changed.", num_parent_objects
        ) % {"count": num_parent_objects}


class DeactivateCollaborators(CollaboratorBulkAction):
    display_name = _("Deactivate")
    action_type = "deactivate"
    aria_label = _("Deactivate the selected collaborators")
    action_priority = 10
    classes: ClassVar[set[str]] = {"serious"}
    statuses = (Status.ACTIVE,)
    verb = staticmethod(actions.deactivate_collaborator)
    log_action = "connexion.deactivate"
    confirmation = WHAT_DEACTIVATING_DOES


class ReactivateCollaborators(CollaboratorBulkAction):
    display_name = _("Reactivate")
    action_type = "reactivate"
    aria_label = _("Reactivate the selected collaborators")
    action_priority = 20
    statuses = (Status.DEACTIVATED,)
    verb = staticmethod(actions.reactivate_collaborator)
    log_action = "connexion.reactivate"
    confirmation = WHAT_REACTIVATING_DOES


class DeleteCollaborators(CollaboratorBulkAction):
    """Takes the place of Wagtail's, which asks Django's permissions and deletes rows."""

    display_name = _("Delete")
    action_type = "delete"
    aria_label = _("Delete the selected collaborators")
    action_priority = 30
    classes: ClassVar[set[str]] = {"serious"}
    permission = "delete"
    statuses = (Status.ACTIVE, Status.DEACTIVATED)
    verb = staticmethod(actions.delete_collaborator)
    log_action = "connexion.delete"
    confirmation = _(
        "Deleting is for good. To name a successor for their conversations, delete them one by one, or hand "
        "over first."
    )
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
