"""The person's language, on a host that has no `LocaleMiddleware` and no language prefix as on one that has."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import translation

from connexion_plugin.models.organizations import LANGUAGES

OURS = tuple(code for code, _ in LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """What the address says, else what the account remembers, else what the browser remembers or asks for."""
    offered = (
        translation.get_language_from_path(request.path_info),
        _remembered_by_account(request),
        translation.get_language_from_request(request),
    )
    return next((code[:2] for code in offered if code and code[:2] in OURS), OURS[0])


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


def _remembered_by_account(request: HttpRequest) -> str | None:
    preferences = getattr(request.user, "connexion_preferences", None)
    return preferences.language if preferences else None
