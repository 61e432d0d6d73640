"""Addresses written by pattern are those that the resolver writes, in each language and under each prefix."""

from uuid import uuid4

import pytest
from django.urls import NoReverseMatch, clear_script_prefix, reverse, set_script_prefix
from django.utils import translation

from connexion_plugin.routes import address_of, addresses_of


@pytest.fixture
def under_a_prefix():
    set_script_prefix("/portal/")
    yield
    clear_script_prefix()


DOORS = [("inbox", 0), ("inbox", 1), ("conversation", 1), ("withdraw_message", 2), ("start_conversation", 0)]


@pytest.mark.parametrize(("door", "count"), DOORS)
def test_a_door_has_the_address_that_the_resolver_gives_it(door, count):
    for language in ("fr", "en", "fr"):
        ids = [uuid4() for _ in range(count)]
        with translation.override(language):
            due = reverse(f"connexion:{door}", args=ids)
            assert address_of(door, *ids) == addresses_of(door, ids=count)(*ids) == due


def test_a_prefix_is_part_of_it(under_a_prefix):
    assert address_of("inbox") == reverse("connexion:inbox")
    assert address_of("inbox").startswith("/portal/")


def test_a_door_that_there_is_not_has_none():
    with pytest.raises(NoReverseMatch):
        address_of("no_such_door")
