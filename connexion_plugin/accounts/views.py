"""allauth's pages where they need a transaction, our cookie or our way of keeping the destination."""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.stagekit import stash_login
from allauth.account.models import EmailAddress
from allauth.account.stages import LoginStage
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from connexion_plugin.accounts import forms
from connexion_plugin.actions.personas import give_up_address

REMEMBER_SECONDS = 180 * 24 * 3600


class KeepsDestination:
    """A sign-in that waits for its code takes over the destination of the link that was clicked since (I4)."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> HttpResponseBase | None:
        if wanted := get_next_redirect_url(request):
            stage.login.redirect_url = wanted
            stash_login(request, stage.login)
        answer: HttpResponseBase | None = super()._redirect_to_pending_stage(request, stage)  # type: ignore[misc]
        return answer


class SignIn(KeepsDestination, allauth_views.LoginView):  # type: ignore[misc]
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Wagtail sends whoever lacks its admin here; sent back from here they would turn in circles."""
        if request.user.is_authenticated and not request.user.has_perm("wagtailadmin.access_admin"):
            wanted = request.GET.get("next", "")
            if wanted.startswith(reverse("wagtailadmin_home")):
                raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """*Mémoriser mes coordonnées* keeps what was typed, once the password was right (spec I1)."""
        response: HttpResponse = super().form_valid(form)
        if form.cleaned_data["remember_details"]:
            response.set_signed_cookie(
                forms.REMEMBER_COOKIE,
                form.cleaned_data["login"],
                max_age=REMEMBER_SECONDS,
                path=reverse("account_login"),
                secure=self.request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
        else:
            response.delete_cookie(forms.REMEMBER_COOKIE, path=reverse("account_login"), samesite="Lax")
        return response


class SignUp(KeepsDestination, allauth_views.SignupView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        """The account and the mail that it causes, in one transaction; the hash before it, as it takes 24 ms."""
        form.hash_password()
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response


class ConfirmAddress(allauth_views.ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    def _get_verify_form_class(self) -> type[forms.ConfirmForm]:
        return forms.ConfirmForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`destination` follows whoever begins again with another address."""
        destination = self.stage.login.redirect_url if self.stage else None
        context: dict[str, Any] = super().get_context_data(destination=destination, **kwargs)
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        """The address, its persona, the seats that waited and the session: all of it or nothing (I3)."""
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response


class Addresses(allauth_views.EmailView):  # type: ignore[misc]
    def get_form_class(self) -> type[forms.AddressForm]:
        return forms.AddressForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def _action_remove(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """The access leaves with the address, in the same transaction (spec I3)."""
        address = self._get_email_address(request)
        response: HttpResponse | None = super()._action_remove(request, *args, **kwargs)
        if address and address.verified and not EmailAddress.objects.filter(pk=address.pk).exists():
            give_up_address(user=address.user, address=address.email)
        return response


class PasswordReset(allauth_views.PasswordResetView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        """The destination travels in the mailed link; the page says the same whoever has the address."""
        limited: HttpResponse | None = ratelimit.consume_or_429(
            self.request, action="reset_password", key=form.cleaned_data["email"]
        )
        if limited:
            return limited
        form.save(self.request, destination=self.get_next_url())
        return redirect("account_reset_password_done")


class NewPassword(allauth_views.PasswordResetFromKeyView):  # type: ignore[misc]
    def get_form_class(self) -> type[forms.NewPasswordForm]:
        return forms.NewPasswordForm


class ChangePassword(allauth_views.PasswordChangeView):  # type: ignore[misc]
    def get_form_class(self) -> type[forms.ChangePasswordForm]:
        return forms.ChangePasswordForm


class SetPassword(allauth_views.PasswordSetView):  # type: ignore[misc]
    def get_form_class(self) -> type[forms.SetPasswordForm]:
        return forms.SetPasswordForm


class Reauthenticate(allauth_views.ReauthenticateView):  # type: ignore[misc]
    def get_form_class(self) -> type[forms.ReauthenticateForm]:
        return forms.ReauthenticateForm


def forgotten_user_name(request: HttpRequest) -> HttpResponse:
    """allauth has no page for it. Rate-limited as a reset is, by the same setting."""
    form = forms.ForgottenUserNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = f"user name {form.cleaned_data['email']}"
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="reset_password", key=key)
        if limited:
            return limited
        form.save()
        return redirect("connexion:forgotten_user_name_done")
    return render(request, "connexion_plugin/account/forgotten_user_name.html", {"form": form})


def forgotten_user_name_done(request: HttpRequest) -> HttpResponse:
    return render(request, "connexion_plugin/account/forgotten_user_name_done.html")
