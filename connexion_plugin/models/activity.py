"""The history of a conversation: append-only, chained by hash (spec A1, A2)."""

import uuid
from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from connexion_plugin.exceptions import AppendOnly
from connexion_plugin.models.conversations import Conversation, Participation
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Activity(models.Model):
    """One line. It holds opaque ids; the names live at the participations they point to."""

    class Verb(models.TextChoices):
        CREATED = "created", _("Conversation started")
        POSTED = "posted", _("Message posted")
        OPENED = "opened", _("Message opened")
        INVITED = "invited", _("Invited")
        JOINED = "joined", _("Joined")
        DOWNLOADED = "downloaded", _("Document downloaded")
        REMOVED = "removed", _("Removed")
        LEFT = "left", _("Left")
        REPLY_GIVEN = "reply_given", _("Given the right to reply")
        REPLY_TAKEN = "reply_taken", _("Limited to reading")
        CLOSED = "closed", _("Conversation closed")
        REOPENED = "reopened", _("Conversation reopened")
        RELEASED = "released", _("Address given up")
        READMITTED = "readmitted", _("Admitted again")
        FROZEN = "frozen", _("Made read-only")
        THAWED = "thawed", _("Opened again")
        WITHDRAWN = "withdrawn", _("Message withdrawn")
        EXPIRED = "expired", _("Message expired")
        HELD = "held", _("Placed under a legal hold")
        HOLD_LIFTED = "hold_lifted", _("Legal hold lifted")
        ASKED = "asked", _("More time asked for")
        GRANTED = "granted", _("More time given")
        DECLINED = "declined", _("More time declined")
        LENGTHENED = "lengthened", _("Expiry put off")
        SHORTENED = "shortened", _("Expiry brought forward")
        DELETED = "deleted", _("Conversation deleted for everyone")
        BOUNCED = "bounced", _("Notice came back")
        CORRECTED = "corrected", _("Address corrected")
        MOVE_ASKED = "move_asked", _("Asked to move to another address")
        MOVED = "moved", _("Moved to another address")
        MOVE_REFUSED = "move_refused", _("Not moved to another address")
        WITHHELD = "withheld", _("Infected document withheld")
        HANDED_OVER = "handed_over", _("Conversation handed over")

    # Only these move the conversation's date (spec A2).
    MOVING = (Verb.CREATED, Verb.POSTED, Verb.OPENED)

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed by the constraint below.
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="activities", db_index=False
    )
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=12, choices=Verb.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(Participation, null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(Participation, null=True, on_delete=models.PROTECT, related_name="+")
    message_id = models.UUIDField(null=True)
    attachment_id = models.UUIDField(null=True)
    count = models.PositiveIntegerField(default=1)
    hash = models.BinaryField()

    objects = GuardedManager["Activity"]()
    unscoped = UnscopedManager["Activity"]()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="activity_number_once")
        ]
        indexes = [
            # access.hand_over_of, actions.handing_over: the few lines of this kind among many.
            models.Index(
                fields=["conversation", "at"],
                condition=models.Q(verb="handed_over"),
                name="activity_handed_over",
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not (self._state.adding or kwargs.get("force_insert")):
            raise AppendOnly("A line of activity is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("A line of activity is never deleted.")
