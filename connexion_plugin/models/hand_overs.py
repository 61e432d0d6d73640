"""That the conversations of a departing collaborator go to a successor (spec C13)."""

import uuid

from django.conf import settings
from django.db import models

from connexion_plugin.models.organizations import Collaborator
from connexion_plugin.models.scope import OrganizationScopedManager, UnscopedManager


class HandOver(models.Model):
    """An administrator's act, and how far the worker has carried it.

    What is still to be handed over is read from the conversations themselves; this row says only that the
    worker has come to the end, and up to which persona the participants have been told.
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collaborator = models.ForeignKey(Collaborator, on_delete=models.PROTECT, related_name="hand_overs")
    successor = models.ForeignKey(Collaborator, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)  # nothing more will be handed over by it
    told_up_to = models.UUIDField(null=True)  # the personas are told in the order of their ids
    told_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager["HandOver"](path="collaborator__organization_id")
    unscoped = UnscopedManager["HandOver"]()

    class Meta:
        default_permissions = ()
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["collaborator"],
                condition=models.Q(finished_at=None),
                name="hand_over_one_at_a_time",
            ),
            models.CheckConstraint(
                name="hand_over_told_once_finished",
                condition=models.Q(told_at=None) | models.Q(finished_at__isnull=False),
            ),
        ]
        indexes = [
            # actions.handing_over: what the worker has still to do, oldest first.
            models.Index("at", condition=models.Q(told_at=None), name="hand_over_due"),
        ]
