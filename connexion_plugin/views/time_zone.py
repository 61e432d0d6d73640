"""In whose time zone dates are shown: the reader's where one is chosen, else the organization's (house.md)."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from connexion_plugin.models import Organization


def in_time_zone(request: HttpRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answers in the reader's zone, or the site's, and leaves nothing of it to the next request."""
    with timezone.override(_chosen(request)):
        return answer()


def show_times_of(request: HttpRequest, organization: Organization) -> None:
    """For the rest of this answer, unless the reader has chosen a zone."""
    zone = _zone(organization.time_zone)
    if zone is not None and _chosen(request) is None:
        timezone.activate(zone)


def _chosen(request: HttpRequest) -> ZoneInfo | None:
    preferences = getattr(request.user, "connexion_preferences", None)
    return _zone(preferences.time_zone) if preferences else None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        # A zone that this machine's database does not know (any more) must not cost anybody a page.
        return None
