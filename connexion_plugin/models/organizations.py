"""Who offers conversations: organizations, and the collaborators they enrol (spec M1, M2)."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connexion_plugin.conf import settings as connexion_settings
from connexion_plugin.models.scope import OrganizationScopedManager, UnscopedManager

LANGUAGES = [("fr", _("French")), ("en", _("English"))]


class Organization(models.Model):
    """Owns collaborators and policies."""

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    telephone = models.CharField(
        _("telephone"), max_length=40, blank=True, help_text=_("Who answers when a participant needs help.")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="America/Toronto")
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="fr")
    default_expiry_days = models.PositiveSmallIntegerField(
        _("default life of a message, in days"),
        default=364,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    shortest_expiry_days = models.PositiveSmallIntegerField(
        _("shortest life, in days"), default=1, validators=[MinValueValidator(1)]
    )
    longest_expiry_days = models.PositiveSmallIntegerField(
        _("longest life, in days"), default=730, validators=[MaxValueValidator(3650)]
    )
    message_limit_bytes = models.PositiveBigIntegerField(
        _("documents of a message, in bytes"), default=1024**3, validators=[MinValueValidator(1024)]
    )
    storage_quota_bytes = models.PositiveBigIntegerField(
        _("all documents together, in bytes"),
        null=True,
        blank=True,
        help_text=_("Posted or not. Empty: no limit."),
    )
    requires_second_factor = models.BooleanField(_("participants must use a second factor"), default=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)

    objects = OrganizationScopedManager["Organization"](path="id")
    unscoped = UnscopedManager["Organization"]()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]
        permissions = [("administer_organization", "May administer the organization")]
        constraints = [
            models.CheckConstraint(
                name="organization_expiry_bounds_in_order",
                condition=models.Q(shortest_expiry_days__lte=models.F("default_expiry_days"))
                & models.Q(default_expiry_days__lte=models.F("longest_expiry_days")),
                violation_error_message=_("The default life must lie between the shortest and the longest."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def contact(self) -> str:
        """The telephone of whoever helps its participants; the service's where it has none, or nothing."""
        return self.telephone or connexion_settings.support_telephone

    @property
    def default_expiry(self) -> timedelta:
        return timedelta(days=self.default_expiry_days)


class Collaborator(models.Model):
    """A person enrolled by an organization: an address and a status, not an account (spec M2)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        DEACTIVATED = "deactivated", _("Deactivated")
        DELETED = "deleted", pgettext_lazy("collaborator", "Deleted")

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="collaborators", verbose_name=_("organization")
    )
    address = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(
        _("language of the invitation"), max_length=2, choices=LANGUAGES, default="fr"
    )
    status = models.CharField(
        _("status"), max_length=11, choices=Status.choices, default=Status.ACTIVE, editable=False
    )
    enrolled_at = models.DateTimeField(_("enrolled"), auto_now_add=True, editable=False)
    status_changed_at = models.DateTimeField(null=True, editable=False)

    objects = OrganizationScopedManager["Collaborator"]()
    unscoped = UnscopedManager["Collaborator"]()

    class Meta:
        verbose_name = _("collaborator")
        verbose_name_plural = _("collaborators")
        ordering = ["address"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "address"],
                # Deleting is for good: who is enrolled anew gets a new row, and the old one's conversations
                # stay frozen (M2).
                condition=~models.Q(status="deleted"),
                name="collaborator_once_an_organization",
                violation_error_message=_("This address is already enrolled in this organization."),
            ),
            models.CheckConstraint(
                # As personas: addresses compare without case.
                name="collaborator_address_in_lower_case",
                condition=models.Q(address=Lower("address")),
                violation_error_message=_("An address is stored in lower case."),
            ),
            models.CheckConstraint(
                name="collaborator_status_known",
                condition=models.Q(status__in=["active", "deactivated", "deleted"]),
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class StatusChange(models.Model):
    """One change of a collaborator's status: who, when; nobody can alter it (spec M6).

    The lines in each of the collaborator's conversations follow by the worker: a row that is not
    recorded yet is what `actions.freezing` still has to write (A2).
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collaborator = models.ForeignKey(Collaborator, on_delete=models.PROTECT, related_name="status_changes")
    before = models.CharField(max_length=11, choices=Collaborator.Status.choices, blank=True)
    after = models.CharField(max_length=11, choices=Collaborator.Status.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager["StatusChange"](path="collaborator__organization_id")
    unscoped = UnscopedManager["StatusChange"]()

    class Meta:
        default_permissions = ()
        ordering = ["at"]
        indexes = [
            # actions.freezing: what the worker has not written yet, oldest first.
            models.Index("at", condition=models.Q(recorded_at=None), name="status_change_unrecorded"),
        ]
