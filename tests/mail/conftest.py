"""A conversation with something due, and an SMTP server."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.cache import cache

from connexion_plugin.mail import outbox
from connexion_plugin.models import Conversation, Mail
from tests.factories.conversations import start
from tests.mail.smtp_server import SmtpServer


@pytest.fixture(autouse=True)
def no_outage() -> Iterator[None]:
    """What one test found out about its server is no concern of the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def smtp(settings) -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 20
    yield server
    server.stop()


@pytest.fixture
def conversation(alice, bob, alice_enrolment) -> Conversation:
    """Alice wrote to Bob, who reads English, and to somebody who has no account yet."""
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


def enqueue_codes(count: int) -> list[Mail]:
    return [
        outbox.enqueue(
            kind=Mail.Kind.CODE,
            to=f"person-{n}-{uuid4().hex[:6]}@example.org",
            language="fr",
            payload={"code": "K7QM-2XRT"},
        )
        for n in range(count)
    ]
