"""In which order the tests run, which of them stay in one process, and which need a second database."""

import re
from typing import Any

import pytest
from django.test import TransactionTestCase
from xdist.scheduler import LoadScopeScheduling

# Those of one site share it: two processes would each make it, for a minute and a half.
SITE = re.compile(r"plugin_install/(?:test_(?P<wheel>wheel)\.py|.*\[(?P<site>7\.4|newest)\b)")


class OneProcessASite(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes where there is room, but those that share a site; what many share begins first."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What a test shares with others, or its own name. xdist's own groups are lost under pytest 9.2."""
    found = SITE.search(nodeid)
    return found["site"] or found["wheel"] if found else nodeid


def use_of_database(item: pytest.Item) -> int:
    """0: in a transaction that is undone. 1: emptied afterwards. 2: none."""
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    if fixtures & {"transactional_db", "live_server"} or (marker and marker.kwargs.get("transaction")):
        return 1
    case: Any = getattr(item, "cls", None)
    if marker or "db" in fixtures or (case and issubclass(case, TransactionTestCase)):
        return 0
    return 2


def put_in_order(items: list[pytest.Item]) -> None:
    """As pytest-django does: emptying a database takes away what its migrations wrote. What waits long begins early."""
    items.sort(key=lambda item: (use_of_database(item), not _waits_long(item)))


def _waits_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("faults") is not None or "browser/test_story" in item.nodeid
