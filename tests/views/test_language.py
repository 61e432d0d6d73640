"""Each person reads their own language, with a prefix in the address or without."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.utils import translation

from connexion_plugin.views.language import in_language, language_of


def request_to(path: str, *, user: Any = None, asks: str = "", cookie: str = "") -> Any:
    request = RequestFactory(HTTP_ACCEPT_LANGUAGE=asks).get(path)
    request.user = user or AnonymousUser()
    if cookie:
        request.COOKIES["django_language"] = cookie
    return request


def test_the_address_decides(settings: Any) -> None:
    assert language_of(request_to("/en/connexion/", asks="fr")) == "en"


@pytest.mark.django_db
def test_without_a_prefix_the_account_remembers(bob: Any) -> None:
    assert language_of(request_to("/connexion/", user=bob, asks="fr", cookie="fr")) == "en"


def test_without_an_account_the_browser_remembers() -> None:
    assert language_of(request_to("/connexion/", asks="fr", cookie="en")) == "en"


@pytest.mark.parametrize(
    ("asks", "language"), [("fr-CA,fr;q=0.9", "fr"), ("en-CA", "en"), ("es, en;q=0.5", "en")]
)
def test_without_a_memory_the_browser_asks(asks: str, language: str) -> None:
    assert language_of(request_to("/connexion/", asks=asks)) == language


def test_a_host_in_a_third_language_falls_back_on_french(settings: Any) -> None:
    settings.LANGUAGES = [("es", "Español"), ("fr", "Français"), ("en", "English")]
    settings.LANGUAGE_CODE = "es"

    assert language_of(request_to("/connexion/", asks="es")) == "fr"


def test_a_page_that_is_rendered_late_is_in_that_language_too_and_the_hosts_comes_back() -> None:
    template = engines["django"].from_string("{% load i18n %}{% get_current_language as here %}{{ here }}")
    request = request_to("/connexion/", asks="en")

    with translation.override("fr"):
        response = in_language(request, lambda: TemplateResponse(request, template))

        assert translation.get_language() == "fr"
    assert response.content == b"en"
