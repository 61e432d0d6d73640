"""A database that processes share, an SMTP server, and many notices that are due."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection

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
