"""What a password costs: Argon2id at 19 MiB, 2 passes, 1 lane, few at once (access.md)."""

import threading
import time

import pytest
from django.contrib.auth.hashers import check_password, make_password

from connexion_plugin.accounts import authentication

pytestmark = pytest.mark.spec("I6")


@pytest.fixture
def argon(settings):
    settings.PASSWORD_HASHERS = ["connexion_plugin.accounts.authentication.Argon2id"]


def test_the_parameters_are_those_of_the_specification(argon):
    hashed = make_password("quatre mots tout a fait ordinaires")
    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("quatre mots tout a fait ordinaires", hashed)
    assert not check_password("quatre mots", hashed)


def test_a_burst_waits_in_line(argon, monkeypatch):
    at_work: list[int] = []
    most: list[int] = []

    def slow(self, password, salt):
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.01)
        at_work.pop()
        return "argon2$"

    monkeypatch.setattr(authentication.Argon2PasswordHasher, "encode", slow)
    hasher = authentication.Argon2id()
    crowd = [threading.Thread(target=hasher.encode, args=("a", "b")) for _ in range(12)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert max(most) <= authentication.HASHES_AT_ONCE
