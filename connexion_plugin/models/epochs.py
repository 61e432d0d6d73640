"""Epoch keys: one an organization and UTC day of expiry; the key is in the key store (sealing.md)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

HAS_NO_HOLD = Q(hold__isnull=True)
NOT_DESTROYED = ~Q(state="destroyed")


class EpochKey(models.Model):
    """What the database knows of an epoch key: whose, until when, in which file, and whether it still is.

    `organization` is empty for the installation's own (mails, the standing key), `day` for what no
    calendar ends: a hold's key, and the standing key that seals second-factor seeds. Only `sealing`
    reads or writes these rows. No request is served from them, hence the plain manager.
    """

    class State(models.TextChoices):
        ACTIVE = "active"  # may wrap and unwrap
        MARKED = "marked"  # its day is over: wraps nothing more, waits for its destruction
        DESTROYED = "destroyed"  # for good

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        "connexion_plugin.Organization", null=True, on_delete=models.PROTECT, related_name="+"
    )
    day = models.DateField(null=True)
    hold = models.UUIDField(null=True)
    file_id = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now)
    marked_at = models.DateTimeField(null=True)
    # What the key store has itself seen pass since the mark, in steps of under two hours.
    observed_seconds = models.PositiveIntegerField(default=0)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            # A destroyed key leaves its place: a key that was lost with its store may be made anew.
            models.UniqueConstraint(
                fields=["organization", "day"],
                condition=Q(organization__isnull=False, day__isnull=False) & HAS_NO_HOLD & NOT_DESTROYED,
                name="epoch_once_an_organization_and_day",
            ),
            models.UniqueConstraint(
                fields=["day"],
                condition=Q(organization__isnull=True, day__isnull=False) & HAS_NO_HOLD & NOT_DESTROYED,
                name="epoch_once_an_installation_day",
            ),
            models.UniqueConstraint(
                # Among active rows the state is one and the same value: at most one row.
                fields=["state"],
                condition=Q(organization__isnull=True, day__isnull=True, state="active") & HAS_NO_HOLD,
                name="epoch_one_standing_key",
            ),
            models.UniqueConstraint(
                fields=["hold"],
                condition=Q(hold__isnull=False) & NOT_DESTROYED,
                name="epoch_once_a_hold",
            ),
            models.CheckConstraint(
                name="epoch_of_an_organization_has_an_end",
                condition=Q(organization__isnull=True) | Q(day__isnull=False) | Q(hold__isnull=False),
            ),
            models.CheckConstraint(
                name="epoch_hold_has_no_day", condition=Q(hold__isnull=True) | Q(day__isnull=True)
            ),
            models.CheckConstraint(
                name="epoch_state_has_its_moments",
                condition=Q(state="active", marked_at__isnull=True, destroyed_at__isnull=True)
                | Q(state="marked", marked_at__isnull=False, destroyed_at__isnull=True)
                | Q(state="destroyed", destroyed_at__isnull=False),
            ),
        ]
        indexes = [
            # destruction.mark and destruction.destroy: the few that are not simply waiting for their day.
            models.Index("state", "day", condition=~Q(state="destroyed"), name="epoch_by_state_and_day"),
        ]
