"""The address book: whom a collaborator writes to (spec B6)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from connexion_plugin.models.organizations import LANGUAGES, Collaborator
from connexion_plugin.models.scope import GuardedManager, UnscopedManager


class Contact(models.Model):
    """One line of the address book of one person in one enrolment: the next holder of the enrolment's address
    does not inherit it, as a seat is not inherited (I3).

    The address stands in clear, as a persona's does: it is compared. Name and note are sealed (sealing.md).
    """

    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Indexed by the constraint below.
    collaborator = models.ForeignKey(Collaborator, on_delete=models.CASCADE, related_name="+", db_index=False)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=2, choices=LANGUAGES, default="fr")
    details_sealed = models.BinaryField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)  # can be brought back until the sweep forgets it

    objects = GuardedManager["Contact"]()
    unscoped = UnscopedManager["Contact"]()

    class Meta:
        default_permissions = ()
        constraints = [
            # Also the order of the list: actions.contacts pages by it.
            models.UniqueConstraint(
                fields=["collaborator", "holder", "address"],
                condition=models.Q(deleted_at=None),
                name="contact_once_a_book",
                violation_error_message=_("This address is already in the address book."),
            ),
            models.CheckConstraint(
                name="contact_address_in_lower_case",
                condition=models.Q(address=models.functions.Lower("address")),
                violation_error_message=_("An address is stored in lower case."),
            ),
        ]
        indexes = [
            # actions.contacts.forget_deleted: what nobody brought back.
            models.Index(
                fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="contact_deleted"
            ),
        ]
