"""Addresses of the portal's doors, for pages that write dozens of them: the resolver is asked once for each door."""

from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

Writing = tuple[str | None, str, str]


def address_of(door: str, *ids: UUID) -> str:
    """What `reverse` answers for `connexion:door` and the ids that its route takes, all of them UUIDs.

    Raises NoReverseMatch.
    """
    return _pattern(door, len(ids), writing()).format(*ids)


def addresses_of(door: str, *, ids: int) -> Callable[..., str]:
    """The same as a function of so many ids, for the rows of a list."""
    return _pattern(door, ids, writing()).format


def path_of_ours(request: HttpRequest, wanted: str) -> str:
    """Where somebody wants to go next, if that is a path of this site; else nothing.

    What does not begin as a path, Django's `redirect` takes for the name of a route.
    """
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


def writing() -> Writing:
    """What an address depends on beside its door: the language, and a host's own URLs and prefix."""
    return get_language(), get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()


@lru_cache(maxsize=512)
def _pattern(door: str, count: int, writing: Writing) -> str:
    stand_ins = [UUID(int=number) for number in range(1, count + 1)]
    pattern = reverse(f"connexion:{door}", args=stand_ins)
    for stand_in in stand_ins:
        pattern = pattern.replace(str(stand_in), "{}")
    return pattern
