"""Rate limits are counted in the cache, which lives longer than a test."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()
