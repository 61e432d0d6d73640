"""Default deny after signing in, whatever door one came through (spec I5, access.md)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import resolve, reverse
from django.utils.cache import add_never_cache_headers

from connexion_plugin.second_factor.exemption import is_exempt
from connexion_plugin.second_factor.requirements import Standing, standing_of

# Wagtail's pages and their pictures are public content. They are served as to nobody: what a page keeps for
# certain people stays shut until the second factor was shown.
PUBLIC_ROUTES = {"wagtail_serve"}
PUBLIC_MODULES = {"django.views.static"}


class SecondFactorMiddleware:
    """After authentication, django-otp's and allauth's middlewares, before ScopeMiddleware.

    Whoever must show a second factor (by what they are, or because they have one) and has not in this session
    reaches only the doors that are exempt. Verified sessions cost no statement.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        if user.is_authenticated and getattr(user, "otp_device", None) is None:
            request.connexion_standing = standing_of(user)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        standing: Standing | None = getattr(request, "connexion_standing", None)
        if standing is None or not (standing.is_required or standing.has_device):
            return None
        if not request.user.is_authenticated or is_exempt(view):
            return None
        if _is_public(request, view):
            request.user = AnonymousUser()
            return None
        return _refusal(request, standing)


def _is_public(request: HttpRequest, view: Callable[..., Any]) -> bool:
    match = request.resolver_match
    return view.__module__ in PUBLIC_MODULES or (match is not None and match.view_name in PUBLIC_ROUTES)


def _refusal(request: HttpRequest, standing: Standing) -> HttpResponseBase:
    page = "connexion:second_factor" if standing.has_device else "connexion:second_factor_setup"
    there = f"{reverse(page)}?{urlencode({'next': _destination(request)})}"
    answer: HttpResponseBase
    if request.headers.get("HX-Request") == "true":
        answer = HttpResponse(status=403, headers={"HX-Redirect": there})
    elif request.method in {"GET", "HEAD"}:
        answer = HttpResponseRedirect(there)
    else:
        # Never a redirect: a script that posts would take the page behind it for success.
        answer = resolve(reverse("connexion:second_factor_needed")).func(request, continue_url=there)
    add_never_cache_headers(answer)
    return answer


def _destination(request: HttpRequest) -> str:
    """The page that was asked for; for anything that was sent, the page that it was sent from."""
    if request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers:
        return request.get_full_path()
    try:
        sent_from = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    except ValueError:  # a header may say anything
        return reverse("connexion:inbox")
    if sent_from.netloc != request.get_host():
        return reverse("connexion:inbox")
    return sent_from.path + (f"?{sent_from.query}" if sent_from.query else "")
