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


class Upload(models.Model):
    """A document on its way into a draft (spec D2); its id becomes that of the attachment.

    `state_sealed` is a pause of `sealing.resuming` while it comes, and the manifest once it is whole. The
    offset is what a client may rely on: the bytes before it are durable. While a request brings bytes, it holds
    the lease; a lease that is not renewed belongs to a process that died.
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="uploads")
    key = models.BinaryField()  # wrapped by the draft's
    name_sealed = models.BinaryField()
    metadata_sealed = models.BinaryField(default=bytes)  # what its client calls it, given back to it alone
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    state_sealed = models.BinaryField(default=bytes)
    tail = models.CharField(
        max_length=40, blank=True
    )  # the object that holds what is after the last whole part
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # while it is not complete
    completed_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    objects = GuardedManager["Upload"]()
    unscoped = UnscopedManager["Upload"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="upload_not_longer_than_announced", condition=Q(offset__lte=models.F("length"))
            ),
            models.CheckConstraint(
                name="upload_complete_is_whole",
                condition=Q(completed_at__isnull=True) | Q(offset=models.F("length")),
            ),
        ]
        indexes = [
            # actions.uploads: what nobody goes on with.
            models.Index(
                fields=["expires_at"], condition=Q(completed_at__isnull=True), name="upload_unfinished"
            ),
        ]

    @property
    def is_complete(self) -> bool:
        return self.completed_at is not None
