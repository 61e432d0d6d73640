"""allauth's forms in our words; none tells whether an address has an account (spec I1, I6)."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal import flows
from allauth.account.models import EmailAddress, Login
from allauth.account.utils import get_next_redirect_url, user_pk_to_url_str
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from connexion_plugin import personas
from connexion_plugin.accounts import letters
from connexion_plugin.accounts.authentication import holder
from connexion_plugin.conf import settings
from connexion_plugin.models import Mail

REMEMBER_COOKIE = "connexion_details"


class Worded:
    """Labels instead of placeholders; `words` and `help_texts` by field."""

    words: dict[str, Any] = {}
    help_texts: dict[str, Any] = {}
    drop: tuple[str, ...] = ()
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.drop:
            self.fields.pop(name, None)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.words.get(name, field.label)
            field.help_text = self.help_texts.get(name, "")


class SignInForm(Worded, allauth_forms.LoginForm):  # type: ignore[misc]
    words = {"login": _("User name or e-mail address"), "password": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["login"].widget.attrs["autocapitalize"] = "none"
        self.fields["login"].widget.attrs["maxlength"] = "254"
        self.fields["remember_details"] = forms.BooleanField(label=_("Remember my details"), required=False)
        self.order_fields(["login", "remember_details", "password"])
        remembered = self.request.get_signed_cookie(REMEMBER_COOKIE, default="") if self.request else ""
        if remembered:
            self.fields["login"].initial = remembered
            self.fields["remember_details"].initial = True

    def user_credentials(self) -> dict[str, str]:
        """One of the two, never both: the back end tells them apart by the `@`."""
        login = self.cleaned_data["login"]
        return {"email" if "@" in login else "username": login, "password": self.cleaned_data["password"]}


class SignUpForm(Worded, allauth_forms.SignupForm):  # type: ignore[misc]
    words = {"email": _("E-mail address"), "username": _("User name"), "password1": _("Password")}
    help_texts = {
        "email": _("The one that received the notice, if a notice brought you here."),
        "username": _("For signing in. Without one, you sign in with your address."),
        "password1": _(
            "12 characters at least. A few words that only you would put together are easy to keep."
        ),
    }

    def validate_unique_email(self, value: str) -> str:
        """Only a confirmed address is taken: nobody keeps others out of their own by signing up with it."""
        self.account_already_exists = EmailAddress.objects.filter(email=value, verified=True).exists()
        return value

    def hash_password(self) -> None:
        """Whatever comes of it, and once (spec I6)."""
        self.hashed = make_password(self.cleaned_data["password1"])

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponseBase | None]:
        """The same writes for an address that has an account; then undone, and its holder is told by mail."""
        with transaction.atomic():
            user = self._open_account(request)
            if not self.account_already_exists:
                return user, None
            transaction.set_rollback(True)
        pretended = Login(
            email=self.cleaned_data["email"], signup=True, redirect_url=get_next_redirect_url(request)
        )
        return None, flows.login.perform_login(request, pretended)

    def _open_account(self, request: HttpRequest) -> AbstractBaseUser:
        user = get_user_model()()
        chosen = self.cleaned_data.get("username") or get_adapter(request).generate_unique_username([])
        setattr(user, user.USERNAME_FIELD, chosen)
        user.password = self.hashed
        user.save()
        EmailAddress.objects.create(user=user, email=self.cleaned_data["email"], primary=True, verified=False)
        personas.remember_language(user, letters.page_language())
        return user


class ConfirmForm(Worded, allauth_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    words = {"code": _("Code")}
    help_texts = {"code": _("Eight letters, as in the e-mail. The dash may be left out.")}

    def clean_code(self) -> str:
        """allauth's asks whether anybody has signed up with the address; only a confirmed one is taken."""
        code = allauth_forms.BaseConfirmCodeForm.clean_code(self)
        claims = EmailAddress.objects.filter(email=self.email, verified=True)
        if claims.exclude(user_id=self.user.pk if self.user else None).exists():
            raise get_adapter().validation_error("email_taken")
        return str(code)


class AddressForm(Worded, allauth_forms.AddEmailForm):  # type: ignore[misc]
    words = {"email": _("E-mail address")}
    help_texts = {"email": _("We send a code to it. Once confirmed, it has its own inbox.")}


class _FromVerifiedAddress(Worded, forms.Form):
    """Asks for an address, and answers by mail only; the page says the same whoever has it."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    words = {"email": _("E-mail address")}

    def clean_email(self) -> str:
        return personas.normalise(self.cleaned_data["email"])


class ResetForm(_FromVerifiedAddress):
    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """A link by mail to the address's verified holder; to anybody else, that no account has it.

        For an address without an account a token is made for nobody: the same statements.
        """
        address: str = self.cleaned_data["email"]
        user = holder(address)
        whoever = user or _nobody()
        token = allauth_forms.default_token_generator.make_token(whoever)
        page = reverse(
            "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(whoever), "key": token}
        )
        query = "?" + urlencode({"next": kwargs["destination"]}) if kwargs.get("destination") else ""
        if user:
            letters.send(Mail.Kind.RESET, address, link=settings.site_url + page + query)
        else:
            letters.tell("unknown_account", address)
        return address


def _nobody() -> AbstractBaseUser:
    """An account that is not there, whatever the host's keys are made of."""
    model = get_user_model()
    return model(pk=model._meta.pk.to_python(0))


class ForgottenUserNameForm(_FromVerifiedAddress):
    def save(self) -> None:
        """The user name by mail to the address's verified holder; to anybody else, that no account has it."""
        address = self.cleaned_data["email"]
        user = holder(address)
        if user:
            letters.send(Mail.Kind.USER_NAME, address, user_name=user.get_username())
        else:
            letters.tell("unknown_account", address)


class NewPasswordForm(Worded, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    words = {"password1": _("New password")}
    help_texts = SignUpForm.help_texts
    drop = ("password2",)


class ChangePasswordForm(Worded, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    words = {"oldpassword": _("Current password"), "password1": _("New password")}
    help_texts = SignUpForm.help_texts
    drop = ("password2",)


class SetPasswordForm(Worded, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    words = {"password1": _("New password")}
    help_texts = SignUpForm.help_texts
    drop = ("password2",)


class ReauthenticateForm(Worded, allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    words = {"password": _("Password")}
