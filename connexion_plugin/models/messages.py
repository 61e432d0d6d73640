"""Messages, and what was opened of them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from connexion_plugin.models.conversations import Conversation, Participation
from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Message(models.Model):
    """Plain text, sealed by its own key, wrapped by the epoch key of the day it expires (sealing.md)."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Both are indexed by the constraints below.
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    sender = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    # The seat's when it was posted: to whoever holds the seat later, it is somebody else's message (I3).
    sender_tenure = models.PositiveSmallIntegerField(default=0, db_default=0)
    sequence = models.PositiveIntegerField()
    text_sealed = models.BinaryField()
    key = models.BinaryField()
    epoch = models.ForeignKey(EpochKey, on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # The worker has brought it under a legal hold's key, or not back yet: the sweep passes it by. Whether a hold keeps
    # it is asked of the hold (`models.suspension`), which may be lifted meanwhile.
    is_held = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)  # since then the row is a tombstone
    # Of how many days ahead its readers were last warned; None again when the expiry moves (`actions.warnings`).
    warned_days_ahead = models.PositiveSmallIntegerField(null=True)
    idempotency_key = models.UUIDField()
    documents_count = models.PositiveIntegerField(default=0)
    documents_bytes = models.PositiveBigIntegerField(default=0)

    objects = GuardedManager["Message"]()
    unscoped = UnscopedManager["Message"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "sequence"], name="message_sequence_without_twins"
            ),
            models.UniqueConstraint(fields=["sender", "idempotency_key"], name="message_posted_once"),
            models.CheckConstraint(
                name="message_expires_after_it_was_posted",
                condition=models.Q(expires_at__gt=models.F("posted_at")),
                violation_error_message=_("A message expires after it is posted."),
            ),
            models.CheckConstraint(
                name="message_emptied_holds_nothing",
                condition=models.Q(emptied_at=None) | models.Q(text_sealed=b"", key=b""),
                violation_error_message=_("An emptied message holds neither text nor key."),
            ),
        ]
        indexes = [
            # access.with_soonest_expiry: the next message of a conversation to expire.
            models.Index(fields=["conversation", "expires_at"], name="message_expiry"),
            # access.posted_by_holder_of: whether a form was submitted before, through whichever seat.
            models.Index(fields=["idempotency_key"], name="message_by_key"),
            # actions.expiry: what the sweep has still to empty, the oldest expiry first.
            models.Index(
                fields=["expires_at"], condition=models.Q(emptied_at=None), name="message_not_emptied"
            ),
        ]

    def is_by(self, *seats: Participation) -> bool:
        """Whether who holds one of these seats wrote it: not an earlier holder of the same seat."""
        return (self.sender_id, self.sender_tenure) in {(seat.pk, seat.tenure) for seat in seats}


class Opening(models.Model):
    """That a seat opened a message; a row at the first opening, none before (goals.md: 5,000 readers).

    It is its holder's at that time: whoever holds the seat after them opens for themselves.
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed by the constraint below.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="openings", db_index=False)
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="openings")
    tenure = models.PositiveSmallIntegerField(default=0, db_default=0)  # of the seat, when it opened
    opened_at = models.DateTimeField()

    objects = GuardedManager["Opening"]()
    unscoped = UnscopedManager["Opening"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["message", "participation", "tenure"], name="opening_once_a_holder"
            )
        ]
