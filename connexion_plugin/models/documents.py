"""Documents of a message: sealed parts in `STORAGES["connexion"]`, all else about them sealed here."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.models.messages import Message
from connexion_plugin.models.organizations import Organization
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
    # When the worker is to read it, for its digest and for the scanner; None once it has. A lease moves it to
    # the lease's end: what a killed worker held is due again by itself.
    check_due_at = models.DateTimeField(null=True, default=timezone.now)
    check_lease = models.UUIDField(null=True)
    check_tries = models.PositiveSmallIntegerField(default=0)

    objects = GuardedManager["Attachment"]()
    unscoped = UnscopedManager["Attachment"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="attachment_position_once"),
            models.CheckConstraint(
                name="attachment_clean_was_read",
                condition=~models.Q(scan="clean") | ~models.Q(digest_sealed=b""),
                violation_error_message=_("A document that was found clean has its fingerprint."),
            ),
        ]
        indexes = [
            # scan_leases.claim: what is to be read, oldest first.
            models.Index(
                fields=["check_due_at"],
                condition=models.Q(check_due_at__isnull=False),
                name="attachment_to_check",
            ),
            # scan_leases.take_up: nothing, where documents are scanned.
            models.Index(
                fields=["scan"], condition=models.Q(scan="not_scanned"), name="attachment_not_scanned"
            ),
        ]


class StoredParts(models.Model):
    """Says that parts were begun under an id, before the first is written; a sweep removes what no
    attachment came to own. The row goes when the message that carries the document is posted."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, editable=False)
    begun_at = models.DateTimeField()
    # The sweep removes them at this moment, or was killed: no message can come to own them any more.
    is_given_up = models.BooleanField(default=False, db_default=False)

    objects = GuardedManager["StoredParts"]()
    unscoped = UnscopedManager["StoredParts"]()

    class Meta:
        default_permissions = ()


class Reservation(models.Model):
    """Room that the documents of a form take while its body comes in: no other row says so (`actions.room`).

    A row a request. It is renewed while bytes come, goes with the request, and counts no more once it has ended: a
    process that was killed held it.
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # None where only the body says which of several it is for.
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="+")
    length = models.PositiveBigIntegerField()
    # What of it the storage does not hold yet, at most: so much of the disk is kept free for it (`actions.on_its_way`).
    unwritten = models.PositiveBigIntegerField(default=0, db_default=0)
    ends_at = models.DateTimeField()

    objects = GuardedManager["Reservation"]()
    unscoped = UnscopedManager["Reservation"]()

    class Meta:
        default_permissions = ()


class StorageMark(models.Model):
    """That the storage of documents was marked as this installation's (`documents.mounts`); one row at most.

    No request is served from it, hence the plain manager.
    """

    wagtail_reference_index_ignore = True

    number = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    installation = models.UUIDField(default=uuid.uuid4, editable=False)
    # None while the mark is being made. Afterwards a storage without it is another, or is not there.
    made_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="storage_mark_once", condition=models.Q(number=1)),
        ]
