"""The links in notices: not secrets, bound to their message (spec I4, N1)."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from connexion_plugin.mail import links


def url(message_id, address="bob@example.org", language="fr"):
    return urlsplit(links.message_url(message_id=message_id, address=address, language=language))


@pytest.mark.spec("N1")
def test_the_link_is_absolute_and_names_its_message(settings):
    settings.CONNEXION = {**settings.CONNEXION, "SITE_URL": "https://portail.example.ca/"}
    message_id = uuid4()
    link = url(message_id)
    assert (link.scheme, link.netloc) == ("https", "portail.example.ca")
    assert str(message_id) in link.path


@pytest.mark.spec("I4")
@pytest.mark.parametrize(
    "address", ["bob@example.org", "hélène+dossier@exemple.québec", "a" * 60 + "@" + "b" * 180 + ".ca"]
)
def test_the_link_carries_the_address_that_it_was_meant_for(address):
    message_id = uuid4()
    (token,) = parse_qs(url(message_id, address).query)["for"]
    assert links.read_address(message_id=message_id, token=token) == address


def test_the_same_mail_has_the_same_link_every_time():
    message_id = uuid4()
    assert url(message_id) == url(message_id)


@pytest.mark.spec("I4")
def test_an_address_signed_for_another_message_is_not_read():
    token = links.sign_address(message_id=uuid4(), address="bob@example.org")
    assert links.read_address(message_id=uuid4(), token=token) is None


@pytest.mark.parametrize("token", ["", "x", ":", "ImJvYiI:forged", "é" * 10, "A" * 100_000, "\x00"])
def test_what_we_did_not_sign_is_not_read(token):
    assert links.read_address(message_id=uuid4(), token=token) is None


def test_an_address_that_was_altered_is_not_read():
    message_id = uuid4()
    token = links.sign_address(message_id=message_id, address="bob@example.org")
    other = links.sign_address(message_id=message_id, address="charlie@example.org")
    forged = token.split(":")[0] + ":" + other.split(":")[1]
    assert links.read_address(message_id=message_id, token=forged) is None
