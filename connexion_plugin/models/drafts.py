"""What somebody has begun to write and not posted (spec C8)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from connexion_plugin.models.conversations import Participation
from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.models.organizations import Organization
from connexion_plugin.models.personas import Persona
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Draft(models.Model):
    """One a seat for a reply, one a persona for a new conversation; its author's alone.

    Everything typed is one sealed field. The key is wrapped by the epoch of the day on which the draft
    lapses, and stays the same from save to save: it wraps the keys of what was uploaded to it. The id is that
    of the form, and becomes the idempotency key of what is posted.
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A seat may pass to the next holder of its address: what was begun in it does not.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    participation = models.OneToOneField(
        Participation, null=True, on_delete=models.CASCADE, related_name="draft"
    )
    persona = models.OneToOneField(Persona, null=True, on_delete=models.CASCADE, related_name="draft")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    content_sealed = models.BinaryField()
    key = models.BinaryField()
    epoch = models.ForeignKey(EpochKey, on_delete=models.PROTECT, related_name="+")
    # Counts the saves: a page that was read before another one saved must not write over it.
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    lapses_at = models.DateTimeField()

    objects = GuardedManager["Draft"]()
    unscoped = UnscopedManager["Draft"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="draft_of_a_seat_or_of_a_persona",
                condition=Q(participation__isnull=True, persona__isnull=False)
                | Q(participation__isnull=False, persona__isnull=True),
            )
        ]
        indexes = [
            # actions.drafts: what has lapsed.
            models.Index(fields=["lapses_at"], name="draft_lapses"),
        ]
