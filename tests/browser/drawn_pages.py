"""Pages that a browser cannot bring about here: the product's own views draw them in a process of its own."""

import json
from collections.abc import Callable
from functools import partial
from unittest import mock
from uuid import NAMESPACE_URL, uuid4, uuid5

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions import searching
from connexion_plugin.models import AuthenticatorDevice, Conversation
from tests.browser import rare_states as told
from tests.conftest import sign_in

COLLABORATOR = "denis"


def draw_all() -> str:
    """The pages as JSON, by name and language. Development has pages of its own for what fails."""
    settings.DEBUG = False
    pages = {}
    for language in ("fr", "en"):
        with translation.override(language):
            for name, (status, draw) in DRAWN.items():
                response = draw()
                assert response.status_code == status, (name, response.status_code)
                pages[f"{name}/{language}"] = response.getvalue().decode()
    AuthenticatorDevice.objects.filter(user__username=COLLABORATOR).delete()  # whose codes nobody can tell
    return json.dumps(pages)


def _as(user_name: str) -> Client:
    user = get_user_model()._default_manager.get(username=user_name)
    return sign_in(Client(SERVER_NAME="localhost"), user, second_factor=user_name == COLLABORATOR)


def _no_address() -> HttpResponseBase:
    """Somebody whose address another person has confirmed since, or whom a command has made."""
    get_user_model()._default_manager.get_or_create(username="sans-adresse")
    return _as("sans-adresse").get(reverse("connexion:inbox"))


def _search_stopped(words: str) -> HttpResponseBase:
    """As in an inbox of thousands."""
    with mock.patch.object(searching, "search", partial(searching.search, look_at_most=2)):
        return _as("jean").get(reverse("connexion:inbox"), {"search": words})


def _not_found() -> HttpResponseBase:
    return _as("jean").get(reverse("connexion:conversation", args=[uuid4()]))


def _invited_in_vain() -> HttpResponseBase:
    """The conversation was handed over while its owner pasted addresses."""
    conversation = Conversation.unscoped.get(pk=uuid5(NAMESPACE_URL, f"connexion-demo:{told.HANDED_OVER}"))
    typed = "\n".join(f"voisine.{number}@vieux-port.example" for number in range(9))
    return _as(COLLABORATOR).post(reverse("connexion:invite", args=[conversation.pk]), {"addresses": typed})


DRAWN: dict[str, tuple[int, Callable[[], HttpResponseBase]]] = {
    "no-address": (200, _no_address),
    "search-stopped": (200, partial(_search_stopped, "e")),
    "search-stopped-with-nothing": (200, partial(_search_stopped, "zzz")),
    "not-found-signed-in": (404, _not_found),
    "invited-in-vain": (404, _invited_in_vain),
}
