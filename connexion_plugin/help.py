"""Where a screen's *Aide* leads (spec H3), asked of the site around the plugin.

The plugin has no pages of its own. The site names a function in `CONNEXION["HELP_URL_RESOLVER"]`, called as
`resolver(screen, language)`, which answers with an address, or None where nothing explains that screen.
"""

from collections.abc import Callable
from typing import cast

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connexion_plugin.conf import settings

Resolver = Callable[[str, str], str | None]

SCREENS: dict[str, str | Promise] = {
    "inbox": _("Inbox"),
    "conversation": _("Conversation window"),
    "compose": _("Add a message"),
    "expiry": _("When a message expires"),
    "people": _("Invite, remove, close, delete"),
    "start": _("Start a conversation"),
    "address-book": _("Address book"),
    "activity": _("Activities of a conversation"),
    "sign-in": pgettext_lazy("session", "Sign in"),
    "sign-up": _("Open an account"),
    "confirm-address": _("Confirm an address with a code"),
    "forgotten": _("Forgotten user name or password"),
    "second-factor": _("Second factor"),
    "account": _("Account and addresses"),
}

# Screens that came later: until an editor has ticked them, what explained them before goes on doing so.
_UNTIL_TICKED = {"expiry": "conversation", "people": "conversation"}


def screen_choices() -> list[tuple[str, str | Promise]]:
    """The screens as choices. A function, so that a new screen asks no migration of the site's own pages."""
    return list(SCREENS.items())


def help_url(screen: str, language: str) -> str | None:
    """The address of the section that explains this screen, in this language; None when there is none.

    Raises ValueError for a screen that does not exist: a slip in a template should not wait for a reader.
    """
    if screen not in SCREENS:
        raise ValueError(f"{screen!r} is not a screen. The screens are: {', '.join(SCREENS)}.")
    path = settings.help_url_resolver
    if path is None:
        return None
    resolver = cast(Resolver, import_string(path))
    nearest = _UNTIL_TICKED.get(screen, screen)
    return resolver(screen, language) or (resolver(nearest, language) if nearest != screen else None)
