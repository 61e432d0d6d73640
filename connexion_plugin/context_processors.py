"""What every page of the portal needs: whom to call, and where this screen is explained."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from connexion_plugin import personas
from connexion_plugin.conf import settings
from connexion_plugin.help import help_url

# Which section of the help explains which route (spec H3); content editors choose the section.
_ROUTES = {
    "inbox": ("connexion:inbox",),
    "conversation": (
        *("connexion:conversation", "connexion:message", "connexion:open_message", "connexion:openings"),
        *("connexion:print_conversation", "connexion:readers", "connexion:leave"),
        *("connexion:download", "connexion:download_conversation"),
    ),
    "compose": (
        *("connexion:post_message", "connexion:reply_draft", "connexion:discard_draft"),
        "connexion:withdraw_message",
    ),
    "expiry": (
        *("connexion:change_expiry", "connexion:ask_for_time"),
        *("connexion:grant_time", "connexion:decline_time"),
    ),
    "people": (
        *("connexion:invite", "connexion:correct_address", "connexion:change_reply", "connexion:settle_move"),
        *("connexion:remove_participant", "connexion:readmit_participant"),
        *("connexion:close", "connexion:reopen", "connexion:delete"),
    ),
    "activity": ("connexion:activity", "connexion:print_activity"),
    "start": ("connexion:start_conversation", "connexion:start_conversation_draft", "connexion:start_draft"),
    "address-book": (
        *("connexion:address_book", "connexion:add_contact", "connexion:change_contact"),
        *("connexion:import_contacts", "connexion:export_contacts", "connexion:write_to_contacts"),
        *("connexion:delete_contacts", "connexion:restore_contacts"),
    ),
    "sign-in": ("account_login", "account_logout", "account_inactive"),
    "sign-up": ("account_signup",),
    "confirm-address": ("account_email_verification_sent",),
    "forgotten": (
        *("connexion:forgotten_user_name", "connexion:forgotten_user_name_done"),
        *("account_reset_password", "account_reset_password_done"),
        *("account_reset_password_from_key", "account_reset_password_from_key_done"),
    ),
    "second-factor": (
        *("connexion:second_factor", "connexion:second_factor_setup", "connexion:second_factor_needed"),
        *("connexion:second_factor_remove", "connexion:recovery_codes"),
    ),
    "account": (
        *("account_email", "connexion:invitations", "connexion:move_seat"),
        *("account_change_password", "account_set_password", "account_reauthenticate"),
    ),
}
SCREENS = {route: screen for screen, routes in _ROUTES.items() for route in routes}


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
