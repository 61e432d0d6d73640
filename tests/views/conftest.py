"""A conversation of Alice's, Bob who reads it, and a storage that holds nothing yet."""

import pytest
from django.test import Client

from tests.conftest import sign_in
from tests.factories.conversations import start


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


@pytest.fixture
def storage_of_its_own(settings, tmp_path):
    (tmp_path / "parts").mkdir()
    parts = {**settings.STORAGES["connexion"], "OPTIONS": {"location": tmp_path / "parts"}}
    settings.STORAGES = {**settings.STORAGES, "connexion": parts}
