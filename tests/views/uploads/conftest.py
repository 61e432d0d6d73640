"""One document on its way into an answer of Bob's."""

from types import SimpleNamespace

import pytest
from django.test import Client

from connexion_plugin.documents import limits, uploads
from connexion_plugin.documents.parts import sealed_storage
from tests.conftest import sign_in
from tests.factories.conversations import start
from tests.views.uploads.sending import Sending, stored

FLOOR = 1024**2


@pytest.fixture(autouse=True)
def only_what_a_test_stores(storage_of_its_own):
    """So that a test sees what it left."""


@pytest.fixture
def sending(reader, conversation):
    return Sending(reader, conversation)


@pytest.fixture
def disk(monkeypatch, settings):
    """`disk.holds(so many)` above its floor: what is stored takes of them."""
    settings.CONNEXION = {**settings.CONNEXION, "FREE_SPACE_FLOOR_BYTES": FLOOR}
    disk = SimpleNamespace(bytes=0)

    def usage(folder):
        storage = sealed_storage()
        parts = [f"{folder}/{part}" for folder in stored() for part in storage.listdir(folder)[1]]
        return SimpleNamespace(free=FLOOR + disk.bytes - sum(map(storage.size, parts)))

    monkeypatch.setattr(limits, "shutil", SimpleNamespace(disk_usage=usage))
    disk.holds = lambda above: setattr(disk, "bytes", above)
    return disk


@pytest.fixture
def other(bob, alice, alice_enrolment):
    """Alice answers elsewhere, at the same time."""
    return Sending(sign_in(Client(), alice), start(alice_enrolment, to=["bob@example.org"]))


@pytest.fixture
def at_part(monkeypatch):
    """`at_part(number, look)`: looks when the form writes that part; gives what it saw."""
    keep = uploads.keep_part

    def looks(number, look):
        seen, written = [], []

        def look_and_keep(*part):
            written.append(part)
            if len(written) == number:
                seen.append(look())
            keep(*part)

        monkeypatch.setattr(uploads, "keep_part", look_and_keep)
        return seen

    return looks
