"""What the account writes by mail, put into the outbox with what causes it (spec N3).

Each is written in the language of the address's holder, else in that of the page, and costs the same
statements whether the address has an account or not (spec I6).
"""

from collections.abc import Callable, Mapping

from django.utils import translation
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from connexion_plugin.mail import links, outbox
from connexion_plugin.models import Mail, Preferences

About = Mapping[str, str]
Letter = tuple[str, str, str, str]  # subject, paragraphs, name of the page to link to, the button's words


def page_language() -> str:
    """`fr` or `en`: what the page is read in."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def language_for(address: str) -> str:
    """One statement whether somebody holds the address or not."""
    chosen = Preferences.objects.filter(user__emailaddress__email=address, user__emailaddress__verified=True)
    return chosen.values_list("language", flat=True).first() or page_language()


def send(kind: Mail.Kind, address: str, **payload: str) -> None:
    """A code, a link or a user name."""
    outbox.enqueue(kind=kind, to=address, language=language_for(address), payload=payload)


def tell(event: str, address: str, **about: str) -> None:
    """Something happened to the account, or to somebody's attempt; `event` is a key of EVENTS."""
    language = language_for(address)
    with translation.override(language):
        subject, text, page, button = EVENTS[event]({"address": address, **about})
    payload = {
        "subject": subject,
        "text": text,
        "link": links.absolute_url(page, language=language),
        "button": button,
    }
    outbox.enqueue(kind=Mail.Kind.ACCOUNT, to=address, language=language, payload=payload)


def _account_already_exists(about: About) -> Letter:
    return (
        _("You already have a Connexion account"),
        _(
            "Somebody has just tried to open an account with this address, which already has one.\n\n"
            "If it was you, sign in instead. If you have forgotten your password, choose a new one from the "
            "sign-in page. If it was not you, nothing has to be done: nothing has changed."
        ),
        "account_login",
        pgettext("session", "Sign in"),
    )


def _unknown_account(about: About) -> Letter:
    return (
        _("No Connexion account has this address"),
        _(
            "Somebody has just asked for a new password or a user name with this address. No account has "
            "confirmed it.\n\n"
            "If it was you, try with another of your addresses: the one that receives your notices. If it was "
            "not you, nothing has to be done."
        ),
        "account_login",
        pgettext("session", "Sign in"),
    )


def _password_changed(about: About) -> Letter:
    return (
        _("Your Connexion password has changed"),
        _(
            "The password of your account has just been changed.\n\n"
            "If it was not you, choose a new one at once: whoever did this is then signed out."
        ),
        "account_reset_password",
        _("Choose a new password"),
    )


def _address_removed(about: About) -> Letter:
    return (
        _("An address has left your Connexion account"),
        _(
            "The address %(deleted_email)s has just been removed from your account, with the conversations that "
            "were addressed to it.\n\n"
            "If it was not you, choose a new password at once."
        )
        % {"deleted_email": about.get("deleted_email", "")},
        "account_email",
        _("See my addresses"),
    )


def _main_address_changed(about: About) -> Letter:
    return (
        _("The main address of your Connexion account has changed"),
        _("Your main address is now %(to_email)s.\n\nIf it was not you, choose a new password at once.")
        % {"to_email": about.get("to_email", "")},
        "account_email",
        _("See my addresses"),
    )


def _second_factor_set(about: About) -> Letter:
    return (
        _("Your Connexion account asks for a second factor"),
        _(
            "An authenticator app has just been set up for your account. Your other sessions are closed.\n\n"
            "If it was not you, choose a new password at once, then call us."
        ),
        "connexion:second_factor",
        _("See my second factor"),
    )


def _second_factor_removed(about: About) -> Letter:
    return (
        _("Your Connexion account no longer asks for a second factor"),
        _(
            "The second factor of your account has just been removed. Your other sessions are closed.\n\n"
            "If it was not you, choose a new password at once, then call us."
        ),
        "connexion:second_factor",
        _("See my second factor"),
    )


def _recovery_codes_made(about: About) -> Letter:
    return (
        _("New recovery codes for your Connexion account"),
        _(
            "New recovery codes have just been made for your account; the earlier ones no longer work.\n\n"
            "If it was not you, choose a new password at once, then call us."
        ),
        "connexion:second_factor",
        _("See my second factor"),
    )


# By the last word of allauth's template, and our own.
EVENTS: dict[str, Callable[[About], Letter]] = {
    "account_already_exists": _account_already_exists,
    "unknown_account": _unknown_account,
    "password_changed": _password_changed,
    "password_set": _password_changed,
    "password_reset": _password_changed,
    "email_deleted": _address_removed,
    "email_changed": _main_address_changed,
    "second_factor_set": _second_factor_set,
    "second_factor_removed": _second_factor_removed,
    "recovery_codes_made": _recovery_codes_made,
}
