"""The person's language, on a host that has no `LocaleMiddleware` and no language prefix as on one that has."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import translation

from connexion_plugin.models.organizations import LANGUAGES

OURS = tuple(code for code, _ in LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """What the address says, else what the account remembers, else what the browser remembers or asks for."""
    for ask in (_named_by_address, _remembered_by_account, translation.get_language_from_request):
        code = ask(request)
        if code and code[:2] in OURS:
            return code[:2]
    return OURS[0]


def in_language(request: HttpRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answers in the person's language, and leaves the host's own as it was for the next request."""
    language = language_of(request)
    if language == translation.get_language():
        return answer()
    with translation.override(language):
        response = answer()
        if isinstance(response, SimpleTemplateResponse):
            response.render()  # or it would be rendered after this, in the host's language
        return response


def _named_by_address(request: HttpRequest) -> str | None:
    return translation.get_language_from_path(request.path_info)


def _remembered_by_account(request: HttpRequest) -> str | None:
    preferences = getattr(request.user, "connexion_preferences", None)
    return preferences.language if preferences else None
