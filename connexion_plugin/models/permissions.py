"""guardian's direct foreign keys: a permission row dies with its object (access.md).

guardian's generic rows outlive what they point to, and give access to the next row with that key.
"""

from django.db import models
from guardian.models import UserObjectPermissionBase

from connexion_plugin.models.conversations import Conversation
from connexion_plugin.models.organizations import Organization


class ConversationPermission(UserObjectPermissionBase):  # type: ignore[misc]
    """`view`, `reply` or `own` of one person on one conversation; written by `access` alone."""

    wagtail_reference_index_ignore = True
    content_object = models.ForeignKey(Conversation, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):  # type: ignore[misc]
        abstract = False
        default_permissions = ()


class OrganizationPermission(UserObjectPermissionBase):  # type: ignore[misc]
    """`administer` of one person on one organization; written by `access` alone."""

    wagtail_reference_index_ignore = True
    content_object = models.ForeignKey(Organization, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):  # type: ignore[misc]
        abstract = False
        default_permissions = ()
