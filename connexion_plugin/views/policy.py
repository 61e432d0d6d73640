"""What every door of the portal says of itself: who may knock, by which methods, under which policy.

A view without a declaration fails `tests/test_doors.py`.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from connexion_plugin.database_room import telling_no_room
from connexion_plugin.exceptions import DatabaseFull, KeyStoreFault, Tampered
from connexion_plugin.views.errors import no_room, sealing_fault
from connexion_plugin.views.headers import closed
from connexion_plugin.views.language import in_language
from connexion_plugin.views.time_zone import in_time_zone

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


class Policy(StrEnum):
    """Who may knock; what they see is `access`'s to say."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


def door(
    policy: Policy, *methods: str, signed_out: Callable[..., HttpResponseBase] | None = None
) -> Callable[[View[Arguments]], View[Arguments]]:
    """Declares a view. Not signed in: the sign-in page, or what `signed_out` says before it; the same for what exists
    and what does not."""

    def declare(view: View[Arguments]) -> View[Arguments]:
        @wraps(view)
        def answer(
            request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            if policy is Policy.SIGNED_IN and not request.user.is_authenticated:
                return closed(signed_out(request) if signed_out else sign_in_first(request))
            if request.method not in allowed:
                return closed(HttpResponseNotAllowed(sorted(allowed)))
            ask = partial(view, request, *args, **kwargs)
            return closed(in_language(request, lambda: in_time_zone(request, lambda: _said(request, ask))))

        allowed = {*methods, *(["HEAD"] if "GET" in methods else [])}
        declaration: Any = answer
        declaration.connexion_policy = policy
        declaration.connexion_methods = frozenset(allowed)
        declared: View[Arguments] = declaration
        return declared

    return declare


def _said(request: HttpRequest, ask: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """What can be neither sealed nor unsealed, nor written, is said in words, whatever door it was behind."""
    try:
        with telling_no_room():
            return ask()
    except DatabaseFull:
        return no_room(request)
    except (KeyStoreFault, Tampered) as fault:
        return sealing_fault(request, fault)


def sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page, which ends where one wanted to go; for a POST, on the page that it was sent from."""
    wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else _page_of(request)
    return redirect_to_login(wanted)


def sign_in_for_a_file(request: HttpRequest) -> HttpResponseBase:
    """The same for a door of files. It ends on the page that had the link: a file would leave one on the sign-in page.

    Who asks for a piece has begun to fetch it, and would keep the sign-in page in the place of the file.
    """
    if "Range" in request.headers:
        sentence = _("You are no longer signed in. Sign in again, then continue the download.")
        return HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")
    return redirect_to_login(_page_of(request, otherwise=request.get_full_path()))


def _page_of(request: HttpRequest, *, otherwise: str = "/") -> str:
    """The page of ours that a form or a link stood on; the browser says which, and to our own pages alone."""
    page = request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(page) if here else None
    return urlunsplit(("", "", parts.path, parts.query, "")) if parts and parts.path else otherwise
