"""Where one was going, as an address of somebody who means no good has it (goals.md, fault 8)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import sign_in

ODD = ["foo", "\ufffd\ufffd", "http://[", "//evil.example", "javascript:alert(1)", "connexion:inbox"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("wanted", ODD)
def test_an_address_that_is_none_of_ours_leads_to_ours(bob, wanted):
    client = sign_in(Client(), bob)
    assert client.get(reverse("connexion:second_factor"), {"next": wanted}).status_code == 200
    answer = client.post(reverse("connexion:switch_language"), {"language": "en", "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("header", ["HTTP_REFERER", "HTTP_HX_CURRENT_URL"])
def test_a_head_that_names_no_address_breaks_nothing(dora, header):
    """Before the second factor, who sent something is led back to where it was sent from."""
    client = sign_in(Client(), dora)
    assert client.post(reverse("connexion:unread_counts"), **{header: "http://["}).status_code < 500
