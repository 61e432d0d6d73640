"""Rate limits are counted in the cache, which lives longer than a test."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry a hash computed; this hasher's `verify` encodes too."""
    counted: list[str] = []
    original = MD5PasswordHasher.encode

    def count(self: MD5PasswordHasher, password: str, salt: str) -> str:
        counted.append(password)
        return original(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    return counted
