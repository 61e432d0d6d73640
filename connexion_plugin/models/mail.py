"""The outbox: what is due to whom, and each sending (spec N3)."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connexion_plugin.models.conversations import Participation
from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.models.messages import Message
from connexion_plugin.models.organizations import LANGUAGES
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Mail(models.Model):
    """One sending. What is secret in it (a code, a link) is sealed; the rest is found by its ids."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("A message waits")
        INVITATION = "invitation", _("Invitation of a collaborator")
        CODE = "code", _("Confirmation of an address")
        RESET = "reset", _("New password")
        USER_NAME = "user_name", _("Forgotten user name")
        ACCOUNT = "account", _("Something about the account")
        DELETED = "deleted", _("A conversation was deleted")
        WITHHELD = "withheld", _("A document is withheld")
        HAND_OVER = "hand_over", _("Conversations handed over")
        EXPIRING = "expiring", _("A message expires unopened")
        ASKED = "asked", _("More time asked for")
        ANSWERED = "answered", _("More time given or declined")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused for good")
        DROPPED = "dropped", _("No longer due")  # opened, withdrawn or expired before it went out

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    to = models.CharField(max_length=254)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    payload_sealed = models.BinaryField(default=bytes)
    key = models.BinaryField(default=bytes)
    epoch = models.ForeignKey(EpochKey, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    # A lease moves it to the lease's end: what a killed worker held is due again by itself.
    due_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True)
    fault = models.CharField(max_length=80, blank=True)  # the class or SMTP code of the last failure, no text
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = GuardedManager["Mail"]()
    unscoped = UnscopedManager["Mail"]()

    class Meta:
        default_permissions = ()
        indexes = [
            # outbox.claim: what is due, oldest first.
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="mail_due"),
        ]


class Notice(models.Model):
    """A fact: this message is due to this seat. Written with the message, turned into mails by the worker."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A post among 5,000 writes 5,000 of them, and pays for each index and each check of a constraint: those that it
    # writes are indexed by their message (below), the others by what the worker has made of them. That message and
    # seat exist no constraint says: one statement takes both from their rows, under the conversation's lock, nothing
    # deletes either, and `connexion_verify` looks.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="notices", db_index=False, db_constraint=False
    )
    participation = models.ForeignKey(
        Participation, on_delete=models.CASCADE, related_name="notices", db_index=False, db_constraint=False
    )
    mail = models.ForeignKey(
        Mail, null=True, on_delete=models.SET_NULL, related_name="notices", db_index=False
    )
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = GuardedManager["Notice"]()
    unscoped = UnscopedManager["Notice"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["message", "participation"], name="notice_once_a_reader")
        ]
        indexes = [
            # outbox.gather: what has no mail yet, oldest first.
            models.Index(
                fields=["created_at"],
                condition=models.Q(mail=None, settled_at=None),
                name="notice_ungathered",
            ),
            # access.notices: the last of a seat's, for its owner's page.
            models.Index(
                fields=["participation", "-created_at", "-id"],
                condition=models.Q(mail__isnull=False) | models.Q(settled_at__isnull=False),
                name="notice_gathered",
            ),
            # rendering and bounces: whose mail it is.
            models.Index(fields=["mail"], condition=models.Q(mail__isnull=False), name="notice_mailed"),
        ]
