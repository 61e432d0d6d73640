"""What is due to a seat by e-mail beside the message that waits (which is `mail.Notice`)."""

import uuid

from django.db import models

from connexion_plugin.models.conversations import Participation
from connexion_plugin.models.mail import Mail
from connexion_plugin.models.messages import Message
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class SeatNotice(models.Model):
    """A fact that its seat is told once: written by the verb or the worker, turned into mails by the worker."""

    class Kind(models.TextChoices):
        DELETED = "deleted"
        EXPIRING = "expiring"  # unopened
        ASKED = "asked"  # for more time, of the owner
        GRANTED = "granted"
        DECLINED = "declined"

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="seat_notices")
    # Which message, unless it is of all; of one that expires unopened on which day (UTC), how many days ahead.
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="seat_notices")
    expires_on = models.DateField(null=True)
    days_ahead = models.PositiveSmallIntegerField(null=True)
    mail = models.ForeignKey(Mail, null=True, on_delete=models.SET_NULL, related_name="seat_notices")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = GuardedManager["SeatNotice"]()
    unscoped = UnscopedManager["SeatNotice"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["participation"],
                condition=models.Q(kind="deleted"),
                name="seat_notice_deleted_once",
            ),
            models.UniqueConstraint(
                # An expiry that is put off to another day is another one to warn of.
                fields=["message", "participation", "expires_on", "days_ahead"],
                condition=models.Q(kind="expiring"),
                name="seat_notice_warned_once",
            ),
            models.CheckConstraint(
                name="seat_notice_says_what_expires",
                condition=models.Q(kind="expiring", expires_on__isnull=False, days_ahead__isnull=False)
                | (~models.Q(kind="expiring") & models.Q(expires_on=None, days_ahead=None)),
            ),
            models.CheckConstraint(
                name="seat_notice_is_of_a_message_or_of_all",
                condition=models.Q(kind="deleted", message=None)
                | (~models.Q(kind="deleted") & models.Q(message__isnull=False)),
            ),
        ]
        indexes = [
            # seat_notices.gather: what has no mail yet, oldest first.
            models.Index(
                fields=["created_at"],
                condition=models.Q(mail=None, settled_at=None),
                name="seat_notice_ungathered",
            ),
        ]
