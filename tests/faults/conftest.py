"""A database that processes share, an SMTP server, and somebody who sends documents to real web servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from benchmarks.gunicorn_server import Server
from connexion_plugin.models import Collaborator
from tests.conftest import sign_in
from tests.factories.conversations import start
from tests.faults.processes import environment
from tests.faults.sending import Sender
from tests.mail.smtp_server import SmtpServer


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    cache.clear()
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shared_database(transactional_db, tmp_path: Path) -> Callable[[], str]:
    """Call it once the rows are there: its URL, for processes. On SQLite it is a copy of the test's, in a file."""

    def url() -> str:
        if connection.vendor == "postgresql":
            parts = connection.settings_dict
            return f"postgres://{parts['USER']}@{parts['HOST']}:{parts['PORT'] or 5432}/{parts['NAME']}"
        path = tmp_path / "shared.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        return f"sqlite:///{path}"

    return url


@pytest.fixture
def begin_sending(
    alice: Any, bob: Any, alice_enrolment: Collaborator, shared_database: Callable[[], str], tmp_path: Path
) -> Iterator[Callable[..., Sender]]:
    """`begin_sending(nodes=2, PARTS_FOLDER=…)`: Bob on that many gunicorns, on one database and one storage.

    Keys and, unless the environment names another folder, parts are those of this test's process.
    """
    with ExitStack() as stack:

        def begin(*, nodes: int = 1, **more: str) -> Sender:
            conversation = start(alice_enrolment, to=["bob@example.org"])
            client = sign_in(Client(), bob)
            client.get("/")
            site = {**environment(shared_database(), 25), **more}
            servers = []
            for number in range(nodes):
                folder = tmp_path / f"node-{number}"
                folder.mkdir()
                servers.append(stack.enter_context(Server("cms.wsgi", folder=folder, environment=site)))
            return Sender(servers, client, conversation)

        yield begin


@pytest.fixture
def sender(begin_sending: Callable[..., Sender]) -> Sender:
    return begin_sending()
