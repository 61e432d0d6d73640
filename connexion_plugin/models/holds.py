"""A legal hold: an organization suspends the expiry of a collaborator's conversations, or of one of them (spec E3)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from connexion_plugin.models.organizations import Collaborator
from connexion_plugin.models.scope import OrganizationScopedManager, UnscopedManager


class LegalHold(models.Model):
    """Set and lifted by an administrator, who reads nothing. Its id names the epoch that the held keys are wrapped by.

    The conversations name it (`Conversation.hold`): that alone suspends expiry; keys and flags follow by the worker.
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collaborator = models.ForeignKey(Collaborator, on_delete=models.PROTECT, related_name="legal_holds")
    conversation_key = models.UUIDField(null=True)  # one conversation; None for all of the collaborator's
    set_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    # When every conversation was brought to what the hold, or its lifting, asks for; None while the worker is at it.
    followed_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager["LegalHold"](path="collaborator__organization_id")
    unscoped = UnscopedManager["LegalHold"]()

    class Meta:
        default_permissions = ()
        ordering = ["-set_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["collaborator"],
                condition=models.Q(conversation_key=None, lifted_at=None),
                name="legal_hold_once_a_collaborator",
                violation_error_message=_("These conversations are under a legal hold already."),
            ),
            models.UniqueConstraint(
                fields=["conversation_key"],
                condition=models.Q(conversation_key__isnull=False, lifted_at=None),
                name="legal_hold_once_a_conversation",
                violation_error_message=_("This conversation is under a legal hold already."),
            ),
        ]
        indexes = [
            # actions.holds: what the worker still has to follow.
            models.Index(
                fields=["set_at"], condition=models.Q(followed_at=None), name="legal_hold_not_followed"
            ),
        ]

    @property
    def is_active(self) -> bool:
        return self.lifted_at is None
