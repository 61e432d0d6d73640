"""Documents of a message: sealed parts in `STORAGES["connexion"]`, all else about them sealed here."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.models.messages import Message
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Attachment(models.Model):
    """One document of a message. Name, manifest and digest are sealed by its key (sealing.md)."""

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", _("Not scanned")
        WAITING = "waiting", _("Waiting for the scan")
        CLEAN = "clean", _("Scanned, clean")
        INFECTED = "infected", _("Infected")
        FAILED = "failed", _("Could not be scanned")

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    name_sealed = models.BinaryField()
    manifest_sealed = models.BinaryField()
    digest_sealed = models.BinaryField(default=bytes)
    key = models.BinaryField()
    epoch = models.ForeignKey(EpochKey, on_delete=models.PROTECT, related_name="+")
    size = models.PositiveBigIntegerField()
    scan = models.CharField(max_length=11, choices=Scan.choices, default=Scan.NOT_SCANNED)

    objects = GuardedManager["Attachment"]()
    unscoped = UnscopedManager["Attachment"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="attachment_position_once")
        ]


class StoredParts(models.Model):
    """Says that parts were begun under an id, before the first is written; a sweep removes what no
    attachment came to own. The row goes when the message that carries the document is posted."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, editable=False)
    begun_at = models.DateTimeField()

    objects = GuardedManager["StoredParts"]()
    unscoped = UnscopedManager["StoredParts"]()

    class Meta:
        default_permissions = ()
