"""What the pages about one collaborator share: who is let in, and the way back."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.base import BaseObjectMixin


class OneCollaboratorMixin:
    """Before a view of Wagtail's that has loaded `object` through the scoped manager."""

    header_icon = "group"

    def dispatch(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission_for_instance(self.permission_required, self.object):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def get_page_subtitle(self: Any) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self: Any) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse(self.index_url_name), "label": _("Collaborators")},
            {"url": reverse(self.edit_url_name, args=[self.object.pk]), "label": str(self.object)},
            {"url": "", "label": str(self.page_title)},
        ]


class Loaded(BaseObjectMixin, PermissionCheckedMixin, WagtailAdminTemplateMixin):  # type: ignore[misc]
    """Wagtail sets `model`, the policy and the names of the addresses."""

    permission_policy = None
    permission_required = "change"
    index_url_name: str = ""
    edit_url_name: str = ""


class CollaboratorPage(OneCollaboratorMixin, Loaded):
    """A page of our own about one collaborator, to put before Django's view."""
