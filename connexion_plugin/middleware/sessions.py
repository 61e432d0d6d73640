"""A session begun before its person was signed out everywhere ends at its next request (spec M5).

Works with any session back end: nothing has to be found and deleted. Each session carries the number that
its person's sessions had when it began; `actions.sessions.sign_out_everywhere` raises the number.
"""

from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest

from connexion_plugin.actions.sessions import session_generation

STAMP = "connexion_session_generation"


def stamp_session(*, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Receives Django's `user_logged_in`, whichever door the person came through."""
    if request is not None:
        request.session[STAMP] = session_generation(user_id=user.pk)


def end_revoked_session(request: HttpRequest) -> None:
    """Signs the request out when its session is of an earlier generation; the view sees nobody signed in."""
    if not request.user.is_authenticated:
        return
    # The related row stays on the person: who asks for the language after us pays no second statement.
    preferences = getattr(request.user, "connexion_preferences", None)
    if request.session.get(STAMP, 0) != (preferences.session_generation if preferences else 0):
        logout(request)
