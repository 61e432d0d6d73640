"""One document on its way into an answer of Bob's."""

import pytest

from tests.views.uploads.sending import Sending


@pytest.fixture(autouse=True)
def only_what_a_test_stores(storage_of_its_own):
    """So that a test sees what it left."""


@pytest.fixture
def sending(reader, conversation):
    return Sending(reader, conversation)
