"""Conversations and the seats in them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.models.holds import LegalHold
from connexion_plugin.models.organizations import Collaborator, Organization
from connexion_plugin.models.personas import Persona
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Conversation(models.Model):
    """Private, one title, one owner. That it is frozen is derived: `access.state_of` (B4)."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    collaborator = models.ForeignKey(Collaborator, on_delete=models.PROTECT, related_name="conversations")
    title_sealed = models.BinaryField()
    title_key = models.BinaryField()
    title_epoch = models.ForeignKey(EpochKey, on_delete=models.PROTECT, related_name="+")
    # The latest expiry of its messages, with which the title expires (E3); None while a legal hold suspends it.
    # `actions.titles` says what follows from it, and every row of an inbox reads it.
    title_expires_at = models.DateTimeField(null=True)
    title_emptied_at = models.DateTimeField(null=True)  # when the sweep came to it
    last_sequence = models.PositiveIntegerField(default=0)
    last_line = models.PositiveIntegerField(default=0)
    last_hash = models.BinaryField(default=bytes)
    activity_at = models.DateTimeField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)  # for everyone (C12): since then the row is a tombstone
    # Since when nobody holds the owner's seat; written by `actions.ownership` alone, read by every inbox (B4).
    ownerless_since = models.DateTimeField(null=True)
    hides_participants = models.BooleanField(default=False)
    # Suspends the expiry of what had not reached its hour when it was set (E3); lifted, it stays named until the
    # keys are back under their days.
    hold = models.ForeignKey(
        LegalHold, null=True, on_delete=models.PROTECT, related_name="conversations", db_index=False
    )
    # What was past its hour at this moment its hold does not keep: when it was set, or the conversation came under it.
    kept_since = models.DateTimeField(null=True)
    # Since when the seats' rows lag behind `activity_at`: in a conversation of many the worker moves them (B2).
    rows_behind_since = models.DateTimeField(null=True)

    objects = GuardedManager["Conversation"]()
    unscoped = UnscopedManager["Conversation"]()

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_conversation", "May read the conversation"),
            ("reply_conversation", "May post in the conversation"),
            ("own_conversation", "Owns the conversation"),
        ]
        constraints = [
            models.CheckConstraint(
                name="conversation_emptied_title_holds_nothing",
                condition=models.Q(title_emptied_at=None) | models.Q(title_sealed=b"", title_key=b""),
                violation_error_message=_("An emptied title holds neither words nor key."),
            ),
            models.CheckConstraint(
                name="conversation_deleted_has_no_title",
                condition=models.Q(deleted_at=None) | models.Q(title_emptied_at__isnull=False),
                violation_error_message=_("A deleted conversation has no title."),
            ),
            models.CheckConstraint(
                name="conversation_title_expires_unless_held",
                condition=models.Q(title_expires_at__isnull=False)
                | models.Q(title_emptied_at__isnull=False)
                | models.Q(hold__isnull=False),
                violation_error_message=_("A title without an expiry is under a legal hold."),
            ),
            models.CheckConstraint(
                name="conversation_held_since_a_moment",
                condition=models.Q(hold=None) | models.Q(kept_since__isnull=False),
                violation_error_message=_("A legal hold keeps a conversation from some moment on."),
            ),
        ]
        indexes = [
            # actions.holds: the conversations of one hold.
            models.Index(fields=["hold"], condition=models.Q(hold__isnull=False), name="conversation_held"),
            # actions.dates: conversations whose rows are to follow an opening.
            models.Index(
                fields=["rows_behind_since"],
                condition=models.Q(rows_behind_since__isnull=False),
                name="conversation_rows_behind",
            ),
            # actions.expiry: titles that the sweep has still to empty, by their hour.
            models.Index(
                fields=["title_expires_at"],
                condition=models.Q(title_emptied_at=None),
                name="conversation_title_not_emptied",
            ),
        ]


class Participation(models.Model):
    """One persona's seat in one conversation; carries what the inbox sorts and counts by (goals.md)."""

    class Role(models.TextChoices):
        OWNER = "owner", pgettext_lazy("conversation", "Owner")
        PARTICIPANT = "participant", _("Participant")

    class Seat(models.TextChoices):
        WAITING = "waiting", _("Invited")  # nobody has verified the address yet, or taken the seat
        TAKEN = "taken", _("Takes part")
        RELEASED = "released", _("Address given up")  # waits for the owner, not for the next holder (I3)
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Removed")

    LIVING = (Seat.WAITING, Seat.TAKEN)

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed by the constraints and indexes below: every index more is 5,000 entries more in a post among 5,000.
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="participations", db_index=False
    )
    persona = models.ForeignKey(
        Persona, on_delete=models.PROTECT, related_name="participations", db_index=False
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="connexion_participations",
        db_index=False,
    )
    # Which of its holders, one after the other, this one is: what an earlier one opened and wrote through the
    # seat is not theirs (I3). `actions.seats.pass_to` alone counts it on.
    tenure = models.PositiveSmallIntegerField(default=0, db_default=0)
    held_since = models.DateTimeField(null=True)  # by its present holder, where there was another before
    role = models.CharField(max_length=11, choices=Role.choices, default=Role.PARTICIPANT)
    seat = models.CharField(max_length=8, choices=Seat.choices, default=Seat.WAITING)
    may_reply = models.BooleanField(default=True)
    sees_after = models.PositiveIntegerField(
        default=0
    )  # the sequence before the first message this seat sees
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(null=True)
    in_inbox = models.BooleanField(default=True)
    unopened_count = models.PositiveIntegerField(default=0)
    last_posted_sequence = models.PositiveIntegerField(default=0)
    activity_at = models.DateTimeField()

    objects = GuardedManager["Participation"]()
    unscoped = UnscopedManager["Participation"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["conversation", "persona"], name="participation_once_a_persona"),
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(role="owner"), name="participation_one_owner"
            ),
            models.CheckConstraint(
                name="participation_taken_by_somebody",
                # An account that is deleted releases its seats first (`actions.personas.give_up_account`).
                condition=~models.Q(seat="taken") | models.Q(joined_at__isnull=False, holder__isnull=False),
            ),
        ]
        indexes = [
            # access.inbox: one persona's rows, newest activity first, by keyset; counting them reads the index
            # alone. Not partial, and the holder first: it finds all seats of a person, too (access.seats,
            # second_factor.requirements, the deletion of an account), without a second index.
            models.Index(
                fields=["holder", "persona", "in_inbox", "seat", "-activity_at", "-id"],
                name="participation_inbox",
            ),
            # The counts of the tabs: personas' rows that hold something unread. Without it PostgreSQL takes the
            # one above, and reads on until it has found a hundred. The last two make each entry another: of equal
            # ones PostgreSQL merges thousands into lists, and takes them apart again, at each post.
            models.Index(
                fields=["holder", "persona", "-activity_at", "-id"],
                condition=models.Q(in_inbox=True, seat="taken")
                & (models.Q(unopened_count__gt=0) | models.Q(entered_at=None)),
                name="participation_unread",
            ),
            # actions.personas: the seats of an address that nobody holds, or somebody held.
            models.Index(
                fields=["persona"],
                condition=~models.Q(seat="taken"),
                name="participation_not_taken",
            ),
        ]

    @property
    def is_owner(self) -> bool:
        return self.role == self.Role.OWNER

    @property
    def is_awaited(self) -> bool:
        """Whether nobody has come in through it yet. Whether its address has an account shows nowhere before (I6)."""
        return self.seat in self.LIVING and self.entered_at is None and not self.is_owner

    @property
    def is_unread(self) -> bool:
        return self.unopened_count > 0 or self.entered_at is None
