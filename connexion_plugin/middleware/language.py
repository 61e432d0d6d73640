"""Wagtail's admin has no language in its addresses: it speaks the one that the account remembers."""

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from connexion_plugin.routes import Writing, writing


def spoken(request: HttpRequest) -> AbstractContextManager[None]:
    """The person's language for a page of the admin; what one chose in Wagtail's own account page still wins."""
    if not request.path_info.startswith(_admin(writing())):
        return nullcontext()
    preferences = getattr(request.user, "connexion_preferences", None)
    return translation.override(preferences.language) if preferences else nullcontext()


@lru_cache(maxsize=32)
def _admin(_writing: Writing) -> str:
    return reverse("wagtailadmin_home")
