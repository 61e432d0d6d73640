"""A migrated database, made once and copied by each test process: two hundred migrations take a quarter of a minute.

It is known by what its migrations say; another one is made when any of them changes. Django still runs `migrate` on
every copy, which finds nothing to do. On SQLite it is a file of pytest's cache; on PostgreSQL a database of the
server, one a checkout. `pytest --cache-clear` forgets the first, `CONNEXION_FRESH_DATABASE=1` neither looks nor copies.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django
from django.apps import apps
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def template(folder: Path) -> str:
    """The template, made when it is missing: on SQLite the path of a file in `folder`, on PostgreSQL a name."""
    with _alone(folder / "lock"):
        return _postgresql_template() if connection.vendor == "postgresql" else str(_sqlite_template(folder))


def copy_for_the_tests(folder: Path) -> Callable[[], None]:
    """Has Django make its test database from the template. Call what it gives when the tests are over."""
    found = template(folder)
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = found
        return lambda: None
    return _fill_from(found)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Of several processes one makes it, and the others wait."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest() -> str:
    """Of every migration that is installed, and of what runs them."""
    digest = hashlib.sha256(f"{django.VERSION} {sqlite3.sqlite_version}".encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--run-syncdb", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "cms.settings.test", "DATABASE_URL": url},
        check=True,
    )


# SQLite: the copy fills the database that Django has just named, before it opens it


def _sqlite_template(folder: Path) -> Path:
    template = folder / f"{_digest()}.sqlite3"
    if not template.exists():
        for old in folder.glob("*.sqlite3*"):
            old.unlink()
        making = folder / "making.sqlite3"
        _migrate(f"sqlite:///{making}")
        with closing(sqlite3.connect(making)) as database:
            database.execute("VACUUM INTO ?", [str(template.with_suffix(".whole"))])
        template.with_suffix(".whole").rename(template)
        for left in folder.glob("making.*"):
            left.unlink()
    return template


def _fill_from(template: str) -> Callable[[], None]:
    creation: Any = connection.creation
    make_empty = creation._create_test_db
    held: list[sqlite3.Connection] = []  # a database in memory lives as long as somebody holds it

    def make_full(*arguments: Any, **options: Any) -> str:
        name: str = make_empty(*arguments, **options)
        if creation.is_in_memory_db(name):
            held.append(sqlite3.connect(name, uri=True, check_same_thread=False))
            with closing(sqlite3.connect(template)) as source:
                source.backup(held[0])
        else:
            shutil.copy(template, name)
        return name

    creation._create_test_db = make_full
    return lambda: [one.close() for one in held] and None


# PostgreSQL copies a database by itself


def _postgresql_template() -> str:
    checkout = f"connexion_template_{hashlib.sha256(bytes(ROOT)).hexdigest()[:8]}"
    template = f"{checkout}_{_digest()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [checkout])
        known = {name for (name,) in cursor.fetchall()}
        if template not in known:
            for name in known:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{checkout}"')
            _migrate(_url(checkout))
            cursor.execute(f'ALTER DATABASE "{checkout}" RENAME TO "{template}"')
    return template


def _url(name: str) -> str:
    server = connection.settings_dict
    who = quote(server["USER"] or "", safe="")
    if server["PASSWORD"]:
        who += ":" + quote(server["PASSWORD"], safe="")
    host = server["HOST"] or "127.0.0.1"
    return f"postgres://{who}@{host}:{server['PORT'] or 5432}/{name}"
