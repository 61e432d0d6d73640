"""What administrators did: append-only, chained by hash, one chain an organization (spec M6)."""

import uuid
from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connexion_plugin.exceptions import AppendOnly
from connexion_plugin.models.organizations import Collaborator, Organization
from connexion_plugin.models.scope import OrganizationScopedManager, UnscopedManager


class AdministrativeAct(models.Model):
    """One act; `actions.record.append_act` writes it, nothing alters it.

    The chain holds opaque keys: who did it (`by_key`), to whom, and `details`, which name policies and numbers
    and never a title, a text, a file name or a person. The names live beside the chain.
    """

    class Verb(models.TextChoices):
        FOUNDED = "founded", _("Organization made")
        POLICIES_SET = "policies_set", _("Policies set")
        ENROLLED = "enrolled", pgettext_lazy("administration", "Enrolled")
        IMPORTED = "imported", _("Collaborators imported")
        CHANGED = "changed", pgettext_lazy("administration", "Changed")
        DEACTIVATED = "deactivated", pgettext_lazy("administration", "Deactivated")
        REACTIVATED = "reactivated", pgettext_lazy("administration", "Reactivated")
        DELETED = "deleted", pgettext_lazy("administration", "Deleted")
        HANDED_OVER = "handed_over", _("Conversations handed over")
        HELD = "held", _("Legal hold set")
        HOLD_LIFTED = "hold_lifted", _("Legal hold lifted")
        EXPORTED = "exported", _("Exported")

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        # Indexed by the constraint below.
        Organization,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("organization"),
        db_index=False,
    )
    number = models.PositiveIntegerField(_("number"))
    verb = models.CharField(_("act"), max_length=12, choices=Verb.choices)
    at = models.DateTimeField(_("date"))
    # Not a foreign key: an account that is deleted must not change what stands here.
    by_key = models.CharField(max_length=40, blank=True)
    by_name = models.CharField(_("who"), max_length=200, blank=True)
    collaborator = models.ForeignKey(
        Collaborator,
        null=True,
        on_delete=models.PROTECT,
        related_name="administrative_acts",
        verbose_name=_("collaborator"),
    )
    successor = models.ForeignKey(Collaborator, null=True, on_delete=models.PROTECT, related_name="+")
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    hash = models.BinaryField()

    objects = OrganizationScopedManager["AdministrativeAct"]()
    unscoped = UnscopedManager["AdministrativeAct"]()

    class Meta:
        default_permissions = ()
        verbose_name = _("administrative act")
        verbose_name_plural = _("administrative acts")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="administrative_act_number_once")
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("An administrative act is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("An administrative act is never deleted.")


class RecordHead(models.Model):
    """Where an organization's record ends: whoever appends holds this row, and a cut end is found by it."""

    wagtail_reference_index_ignore = True

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    last_number = models.PositiveIntegerField(default=0)
    last_hash = models.BinaryField(default=bytes)

    objects = OrganizationScopedManager["RecordHead"]()
    unscoped = UnscopedManager["RecordHead"]()

    class Meta:
        default_permissions = ()
