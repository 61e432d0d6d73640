"""The page on which an administrator hands a collaborator's conversations over, and reads nothing of them (C13)."""

from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.log_actions import log

from connexion_plugin import exceptions
from connexion_plugin.actions import handing_over
from connexion_plugin.models import Collaborator
from connexion_plugin.wagtail_admin.one_collaborator import CollaboratorPage
from connexion_plugin.wagtail_admin.successors import SuccessorForm


class HandOverView(CollaboratorPage, FormView):  # type: ignore[type-arg]
    """GET shows what it touches and what is under way, POST calls the verb. Wagtail has set `model` and the policy."""

    template_name = "connexion_plugin/wagtail_admin/hand_over.html"
    form_class = SuccessorForm
    page_title = gettext_lazy("Hand over the conversations")

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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **kwargs,
            collaborator=self.object,
            preview=handing_over.preview_hand_over(collaborator=self.object),
            under_way=handing_over.under_way(self.object),
        )
        return context
