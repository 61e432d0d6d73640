"""A reader who asks for more time with a message (spec E2)."""

import uuid

from django.db import models

from connexion_plugin.models.conversations import Participation
from connexion_plugin.models.messages import Message
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class TimeRequest(models.Model):
    """One seat asks once for each expiry of a message; the conversation's owner answers all who ask together."""

    class State(models.TextChoices):
        OPEN = "open"
        GRANTED = "granted"
        DECLINED = "declined"

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed by the constraint below.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="time_requests", db_index=False
    )
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="time_requests")
    expires_at = models.DateTimeField()  # the expiry that was too soon: who was declined asks no second time
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = GuardedManager["TimeRequest"]()
    unscoped = UnscopedManager["TimeRequest"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["message", "participation", "expires_at"], name="time_request_once_an_expiry"
            ),
            models.CheckConstraint(
                name="time_request_answered_or_open",
                condition=models.Q(state="open", answered_at=None)
                | (~models.Q(state="open") & models.Q(answered_at__isnull=False)),
            ),
        ]
