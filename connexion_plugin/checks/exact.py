"""Settings of which every other value opens a door, or shuts the right one (access.md)."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register

from connexion_plugin.checks.findings import Apps, error

ABSENT = "absent"


@dataclass(frozen=True)
class Exact:
    """A setting that must have one value, and what goes wrong with another."""

    number: str
    name: str
    value: Any
    otherwise: str


EXACT = (
    Exact("E005", "LOGIN_URL", "account_login", "people are sent to another sign-in page"),
    Exact("E005", "WAGTAILADMIN_LOGIN_URL", "account_login", "Wagtail's admin has a door of its own"),
    Exact("E005", "WAGTAIL_FRONTEND_LOGIN_URL", "account_login", "private pages have a door of their own"),
    Exact("E006", "LOGIN_REDIRECT_URL", "connexion:inbox", "signing in does not end on the inbox"),
    Exact("E007", "ANONYMOUS_USER_NAME", None, "guardian creates an account for nobody"),
    Exact("E007", "GUARDIAN_MONKEY_PATCH_USER", False, "guardian adds methods to the user model"),
    Exact("E008", "WAGTAIL_PASSWORD_RESET_ENABLED", False, "Wagtail sends resets to unverified addresses"),
    Exact("E008", "WAGTAIL_PASSWORD_MANAGEMENT_ENABLED", False, "passwords change without a second factor"),
    Exact("E008", "WAGTAIL_EMAIL_MANAGEMENT_ENABLED", False, "addresses change without verification"),
    Exact("E008", "WAGTAILUSERS_PASSWORD_ENABLED", False, "who edits users can take somebody's seat"),
    Exact(
        "E009",
        "ACCOUNT_ADAPTER",
        "connexion_plugin.accounts.adapter.AccountAdapter",
        "codes and resets do not go through the outbox",
    ),
    Exact(
        "E009",
        "ACCOUNT_FORMS",
        {
            "login": "connexion_plugin.accounts.forms.SignInForm",
            "signup": "connexion_plugin.accounts.forms.SignUpForm",
            "reset_password": "connexion_plugin.accounts.forms.ResetForm",
        },
        "the time of an answer tells whether an address has an account",
    ),
    Exact("E009", "ACCOUNT_LOGIN_METHODS", {"username", "email"}, "one of the two cannot be typed"),
    Exact("E009", "ACCOUNT_SIGNUP_FIELDS", ["email*", "username", "password1*"], "sign-up asks otherwise"),
    Exact("E009", "ACCOUNT_EMAIL_VERIFICATION", "mandatory", "an address counts before it is verified"),
    Exact("E009", "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED", True, "a mail scanner confirms addresses"),
    Exact("E009", "ACCOUNT_REAUTHENTICATION_REQUIRED", True, "an open session is enough to add an address"),
    Exact("E009", "ACCOUNT_REAUTHENTICATION_METHODS", {"password"}, "an open mailbox is enough to add one"),
    Exact(
        "E009",
        "SESSION_SERIALIZER",
        "connexion_plugin.sealing.sessions.SealedSerializer",
        "the codes that were mailed can be read from the sessions",
    ),
    Exact(
        "E009",
        "DEFAULT_EXCEPTION_REPORTER_FILTER",
        "connexion_plugin.exception_reports.NoContentFilter",
        "what people type reaches exception reports",
    ),
    Exact("E009", "ACCOUNT_USER_MODEL_EMAIL_FIELD", None, "who edits User.email receives the reset"),
)


@register()
def check_exact_settings(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    return [
        error(
            wanted.number,
            f"{wanted.name} is not {wanted.value!r}: {wanted.otherwise}.",
            f"{wanted.name} = {wanted.value!r}",
        )
        for wanted in EXACT
        if getattr(settings, wanted.name, ABSENT) != wanted.value
    ]
