"""Addresses as people use them, and what an account prefers (spec I2, I3)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from connexion_plugin.models.organizations import LANGUAGES
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Persona(models.Model):
    """An e-mail address that was invited or verified; `user` holds it while it is verified.

    allauth's verified addresses are the truth; `personas.py` carries them here in the same
    transaction, because an invitation must have a row to lock and to wait at (spec I3).
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.CharField(max_length=254, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="connexion_personas"
    )
    language = models.CharField(max_length=2, choices=LANGUAGES, default="fr")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager["Persona"]()
    unscoped = UnscopedManager["Persona"]()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                # Addresses compare without case: they are stored so.
                name="persona_address_in_lower_case",
                condition=models.Q(address=models.functions.Lower("address")),
                violation_error_message=_("An address is stored in lower case."),
            )
        ]


class Preferences(models.Model):
    """What an account remembers: its language, its time zone, its rows a page."""

    wagtail_reference_index_ignore = True

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="connexion_preferences",
    )
    language = models.CharField(max_length=2, choices=LANGUAGES, default="fr")
    time_zone = models.CharField(max_length=60, blank=True)
    rows_a_page = models.PositiveSmallIntegerField(default=10)
    # A session begun under an earlier number is signed out at its next request (M5).
    session_generation = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
