"""What every page of the portal needs: whom to call, and where this screen is explained."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from connexion_plugin import personas
from connexion_plugin.conf import settings
from connexion_plugin.help import help_url

# Which section of the help explains which route (spec H3); content editors choose the section.
SCREENS = {
    "connexion:inbox": "inbox",
    "connexion:conversation": "conversation",
    "connexion:readers": "conversation",
    "connexion:invite": "conversation",
    "connexion:openings": "conversation",
    "connexion:post_message": "compose",
    "connexion:start_conversation": "start",
    "connexion:start_conversation_draft": "start",
    "connexion:discard_draft": "compose",
    "connexion:activity": "activity",
    "connexion:print_activity": "activity",
    "connexion:second_factor": "second-factor",
    "connexion:second_factor_setup": "second-factor",
    **dict.fromkeys(
        (
            *("connexion:address_book", "connexion:add_contact", "connexion:change_contact"),
            "connexion:import_contacts",
        ),
        "address-book",
    ),
    "account_login": "sign-in",
    "account_signup": "sign-up",
    "account_email_verification_sent": "confirm-address",
    "account_reset_password": "forgotten",
    "connexion:forgotten_user_name": "forgotten",
    "account_email": "account",
    "connexion:invitations": "account",
    "connexion:move_seat": "account",
    "connexion:correct_address": "conversation",
    "connexion:recovery_codes": "second-factor",
}


def connexion(request: HttpRequest) -> dict[str, Any]:
    """`help_url`, `support_telephone` and `account_name`, computed only where a template asks."""
    match = getattr(request, "resolver_match", None)
    screen = SCREENS.get(match.view_name if match else "", "inbox")
    return {
        "help_url": lambda: help_url(screen, get_language() or "fr"),
        "support_telephone": settings.support_telephone,
        "account_name": lambda: account_name(request),
    }


def account_name(request: HttpRequest) -> str:
    """How the account menu calls its owner: by name, else by an address; a generated user name says nothing.

    The address is asked for once a session.
    """
    user = request.user
    if not user.is_authenticated:
        return ""
    name: str = user.get_full_name() if hasattr(user, "get_full_name") else ""
    if name.strip():
        return name
    if "connexion_account_name" not in request.session:
        addresses = personas.verified_addresses(user)
        request.session["connexion_account_name"] = addresses[0] if addresses else user.get_username()
    known: str = request.session["connexion_account_name"]
    return known
