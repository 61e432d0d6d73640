"""Answers the plugin's question: which section explains this screen, in this language? (spec H3)"""

import time
from functools import lru_cache
from typing import Any

from django.db.models.signals import post_delete
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from site_content.models import GuidePage

REMEMBERED_SECONDS = 30


def help_url(screen: str, language: str) -> str | None:
    """The address of the first section whose editor ticked this screen; None when nobody did.

    Costs no query in most calls: every screen asks, so each process remembers the addresses for
    30 seconds, and forgets them at once when it publishes a page itself.
    """
    try:
        known_language = get_supported_content_language_variant(language)
    except LookupError:
        return None
    return _addresses(known_language, int(time.monotonic() // REMEMBERED_SECONDS)).get(screen)


@lru_cache(maxsize=8)
def _addresses(language: str, period: int) -> dict[str, str]:
    """Screen to address. `period` changes every 30 seconds, and the answer with it."""
    addresses: dict[str, str] = {}
    for page in GuidePage.objects.live().public().filter(locale__language_code=language).order_by("path"):
        url = page.url
        for section in page.sections if url else ():
            for screen in section.screens:
                addresses.setdefault(screen, f"{url}#{section.anchor}")
    return addresses


def forget(**signal: Any) -> None:
    _addresses.cache_clear()


def follow_changes() -> None:
    """Called once when the applications are ready."""
    for change in (page_published, page_unpublished, page_slug_changed, post_page_move):
        change.connect(forget, dispatch_uid="site_content.help_links")
    post_delete.connect(forget, sender=GuidePage, dispatch_uid="site_content.help_links")
