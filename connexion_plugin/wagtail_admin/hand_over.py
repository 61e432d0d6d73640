"""The page on which an administrator hands a collaborator's conversations over, and reads nothing of them (C13)."""

from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.log_actions import log

from connexion_plugin import exceptions
from connexion_plugin.actions import handing_over
from connexion_plugin.models import Collaborator
from connexion_plugin.wagtail_admin.successors import SuccessorForm


class HandOverView(BaseObjectMixin, PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[misc, type-arg]
    """GET shows what it touches and what is under way, POST calls the verb. Wagtail has set `model` and the policy."""

    template_name = "connexion_plugin/wagtail_admin/hand_over.html"
    form_class = SuccessorForm
    permission_policy = None
    permission_required = "change"
    index_url_name: str = ""
    edit_url_name: str = ""
    header_icon = "redirect"
    page_title = gettext_lazy("Hand over the conversations")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission_for_instance(self.permission_required, self.object):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "collaborator": self.object}

    def form_valid(self, form: SuccessorForm) -> HttpResponse:
        successor: Collaborator = form.cleaned_data["successor"]
        administrator = cast(AbstractBaseUser, self.request.user)
        try:
            handing_over.hand_over(collaborator=self.object, successor=successor, by=administrator)
        except exceptions.Refused as refusal:
            form.add_error("successor", str(refusal.sentence))
            return self.form_invalid(form)
        log(self.object, "connexion.hand_over", user=administrator)
        messages.success(
            self.request,
            _("The conversations of %(former)s go to %(successor)s; those who take part in them are told.")
            % {"former": self.object.address, "successor": successor.address},
        )
        return redirect(self.edit_url_name, self.object.pk)

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse(self.index_url_name), "label": _("Collaborators")},
            {"url": reverse(self.edit_url_name, args=[self.object.pk]), "label": str(self.object)},
            {"url": "", "label": str(self.page_title)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **kwargs,
            collaborator=self.object,
            preview=handing_over.preview_hand_over(collaborator=self.object),
            under_way=handing_over.under_way(self.object),
        )
        return context
