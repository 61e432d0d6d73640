"""The page on which an administrator sets legal holds on a collaborator's conversations, and lifts them (spec E3).

It shows references, dates and numbers, and nothing of what was written.
"""

import re
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
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
from connexion_plugin.actions import holds
from connexion_plugin.models import LegalHold

REFERENCE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class HoldForm(forms.Form):
    """All the collaborator's conversations, or the one whose address or reference was pasted."""

    reference = forms.CharField(
        label=gettext_lazy("One conversation only"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "Paste its reference from the list below, or its address in the portal. Left empty, the hold is on "
            "all the collaborator's conversations, those to come included."
        ),
    )

    def clean_reference(self) -> UUID | None:
        words = self.cleaned_data["reference"].strip()
        if not words:
            return None
        found = REFERENCE.search(words)
        if found is None:
            raise ValidationError(_("There is no reference in this. Paste it whole."))
        return UUID(found.group())


class HoldView(BaseObjectMixin, PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[misc, type-arg]
    """GET shows what stands and what a hold would touch; POST sets one, or lifts the one whose id is sent."""

    template_name = "connexion_plugin/wagtail_admin/holds.html"
    form_class = HoldForm
    permission_policy = None
    permission_required = "change"
    index_url_name: str = ""
    edit_url_name: str = ""
    header_icon = "lock"
    page_title = gettext_lazy("Legal holds")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission_for_instance(self.permission_required, self.object):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        hold = self._standing().filter(pk=_uuid(request.POST.get("lift", ""))).first()
        if hold is None:
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        holds.lift_hold(hold=hold, by=self._administrator)
        log(self.object, "connexion.lift_hold", user=self._administrator)
        messages.success(request, _("The hold is lifted: what is past its hour expires now."))
        return redirect(request.path)

    def form_valid(self, form: HoldForm) -> HttpResponse:
        try:
            holds.set_hold(
                collaborator=self.object,
                conversation_id=form.cleaned_data["reference"],
                by=self._administrator,
            )
        except exceptions.Refused as refusal:
            form.add_error("reference", str(refusal.sentence))
            return self.form_invalid(form)
        log(self.object, "connexion.set_hold", user=self._administrator)
        messages.success(self.request, _("The hold is set: nothing there expires until it is lifted."))
        return redirect(self.request.path)

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
            preview=holds.preview_hold(self.object),
            standing=self._standing(),
            conversations=holds.to_choose_from(self.object),
        )
        return context

    @property
    def _administrator(self) -> AbstractBaseUser:
        return cast(AbstractBaseUser, self.request.user)

    def _standing(self) -> Any:
        return LegalHold.objects.filter(collaborator=self.object.pk, lifted_at=None)


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
