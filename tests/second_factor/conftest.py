"""Rate limits are counted in the cache, which lives longer than a test; a code lives half a minute."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def the_half_minute_lasts() -> Iterator[None]:
    """From when a code is computed until it is looked at, however long a loaded machine takes."""
    with time_machine.travel(timezone.now(), tick=False):
        yield
