"""A key store of each test's own, and a clock that only the test moves."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as django_settings

from connexion_plugin.sealing import destruction
from connexion_plugin.sealing.folder import FolderKeyStore
from connexion_plugin.sealing.stores import key_store

MASTER_KEY = bytes(range(32))
NEW_MASTER_KEY = bytes(range(32, 64))
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def base64_of(key):
    return base64.urlsafe_b64encode(key).decode()


@pytest.fixture
def use_store(settings):
    """Point the plugin at a folder and a master key; gives the store that it then opens."""

    def use(folder, master_key=MASTER_KEY, previous=()):
        settings.CONNEXION = {
            **django_settings.CONNEXION,
            "KEY_STORE": str(folder),
            "MASTER_KEY": base64_of(master_key),
            "PREVIOUS_MASTER_KEYS": tuple(base64_of(key) for key in previous),
        }
        return key_store()

    return use


@pytest.fixture
def store(tmp_path, use_store):
    FolderKeyStore.initialize(tmp_path / "keys", MASTER_KEY)
    return use_store(tmp_path / "keys")


class Clock:
    """The time of everything, moved by hand."""

    def __init__(self, traveller):
        self.traveller = traveller

    @property
    def now(self):
        return datetime.now(UTC)

    def jump(self, distance):
        self.traveller.move_to(self.now + distance)

    def run(self, distance):
        """Let time pass as it does under a living worker: a turn every hour. Gives the last turn."""
        turn = destruction.take_turn(now=self.now)
        for _ in range(distance // HOUR):
            self.jump(HOUR)
            turn = destruction.take_turn(now=self.now)
        return turn


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield Clock(traveller)
