"""What is known of a seat's address beside the seat: refused, bounced, to be moved (spec I7, N4)."""

import uuid

from django.conf import settings
from django.db import models

from connexion_plugin.models.conversations import Participation
from connexion_plugin.models.mail import Mail
from connexion_plugin.models.organizations import Organization
from connexion_plugin.models.personas import Persona
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Refusal(models.Model):
    """The holder of an address wants no further invitation of an organization. It ends with their holding it."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed by the constraint below.
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="+", db_index=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    refused_at = models.DateTimeField()

    objects = GuardedManager["Refusal"]()
    unscoped = UnscopedManager["Refusal"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["persona", "organization"], name="refusal_once_an_organization")
        ]


class Bounce(models.Model):
    """A mail to a seat came back for good. `code` is what the server said, in numbers (mail.faults)."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="bounces")
    mail = models.OneToOneField(Mail, null=True, on_delete=models.SET_NULL, related_name="+")
    address = models.CharField(max_length=254)
    code = models.CharField(max_length=80)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True)  # when the conversation's activity had its line

    objects = GuardedManager["Bounce"]()
    unscoped = UnscopedManager["Bounce"]()

    class Meta:
        default_permissions = ()
        indexes = [
            # actions.bounces.record: what has no line yet.
            models.Index(fields=["at"], condition=models.Q(recorded_at=None), name="bounce_unrecorded"),
        ]


class Correction(models.Model):
    """An address that the owner corrected: at which the seat waited until the line of this very moment (A2).

    Beside the history, which holds ids: without it every line about the seat would name the right address alone, the
    one that says that a notice came back included.
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed by the constraint below.
    participation = models.ForeignKey(
        Participation, on_delete=models.CASCADE, related_name="corrections", db_index=False
    )
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="+")  # the mistaken one
    at = models.DateTimeField()

    objects = GuardedManager["Correction"]()
    unscoped = UnscopedManager["Correction"]()

    class Meta:
        default_permissions = ()
        constraints = [
            # access.history: whom a line was about, by its moment.
            models.UniqueConstraint(fields=["participation", "at"], name="correction_once_a_moment")
        ]


class SeatMove(models.Model):
    """A participant asks to sit there through another of their addresses; the owner settles it."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="moves")
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="+")  # where to
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = GuardedManager["SeatMove"]()
    unscoped = UnscopedManager["SeatMove"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["participation"], condition=models.Q(settled_at=None), name="seat_move_asked_once"
            )
        ]
