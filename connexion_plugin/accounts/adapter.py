"""allauth's hooks: mail through our outbox, addresses and access in one transaction, our own words."""

from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from connexion_plugin import access, personas
from connexion_plugin.accounts import letters, sentences
from connexion_plugin.actions.accounts import new_user_name
from connexion_plugin.actions.personas import take_up_address
from connexion_plugin.models import Mail


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {**DefaultAccountAdapter.error_messages, **sentences.ERRORS}

    # Mail

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Everything that allauth sends goes through the outbox, whose templates are ours (spec N3)."""
        event = template_prefix.rsplit("/", 1)[-1]
        if "code" in context:
            letters.send(Mail.Kind.CODE, email, code=str(context["code"]))
        elif event in letters.EVENTS:
            about = {name: str(context[name]) for name in ("deleted_email", "to_email") if name in context}
            letters.tell(event, email, **about)
        # What is left (an address confirmed, on this very page) deserves no mail.

    # Addresses

    def clean_email(self, email: str) -> str:
        """An address is kept in the one form in which personas compare it."""
        cleaned: str = super().clean_email(email)
        return personas.normalise(cleaned)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """The address becomes a persona, and what waited for it is there, in one transaction (spec I3)."""
        with transaction.atomic():
            # Two accounts that confirm one address at the same moment meet here.
            personas.locked([email_address.email])
            confirmed: bool = super().confirm_email(request, email_address)
            if confirmed:
                EmailAddress.objects.filter(email=email_address.email, verified=False).delete()
                take_up_address(user=email_address.user, address=email_address.email)
        return confirmed

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """An account without a confirmed address could never be entered again."""
        if not super().can_delete_email(email_address):
            return False
        others = EmailAddress.objects.filter(user_id=email_address.user_id, verified=True).exclude(
            pk=email_address.pk
        )
        return not email_address.verified or others.exists()

    # Proving that it is still oneself

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        """The password, and nothing that whoever reads one's mail could do too (allauth 65.22 brought codes)."""
        if not user.is_authenticated or not user.has_usable_password():
            return []
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    # User names

    def clean_username(self, username: str, shallow: bool = False) -> str:
        if "@" in username:
            raise ValidationError(sentences.USER_NAME_WITH_AT, code="user_name_with_at")
        try:
            cleaned: str = super().clean_username(username, shallow=shallow)
        except ValidationError as error:
            # Django's own sentence lists the @ among what is allowed.
            if getattr(error, "message", None) == UnicodeUsernameValidator.message:
                raise ValidationError(sentences.USER_NAME_SIGNS, code=error.code) from error
            raise
        return cleaned

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        return new_user_name()

    # Where one lands

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The inbox; Wagtail's admin for those who administer and converse with nobody."""
        user: Any = request.user
        governs = access.is_operator(user) or access.is_administrator(user)
        if governs and not access.is_collaborator(user) and not _converses(user):
            with suppress(NoReverseMatch):
                return reverse("wagtailadmin_home")
        return reverse("connexion:inbox")

    get_signup_redirect_url = get_login_redirect_url

    # Words

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message is None and message_template is not None:
            sentence = sentences.MESSAGES.get(message_template)
            message = str(sentence) % (message_context or {}) if sentence else None
        if message:
            messages.add_message(request, level, message, extra_tags=extra_tags)


def _converses(user: AbstractBaseUser) -> bool:
    return any(access.inbox(user, persona).exists() for persona in personas.of(user))
