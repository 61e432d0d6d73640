"""A database of its own for each size, filled; and what a process needs to serve it."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent


class Site:
    """One size of the data: a database, a key store, and the servers that are started on them."""

    def __init__(self, size: str, factor: int, *, server: str, folder: Path, is_kept: bool = False) -> None:
        self.size, self.factor = size, factor
        self.server = server
        self.name = f"connexion_bench_{size}_{factor}x_{folder.name if is_kept else os.getpid()}"
        self.folder = folder / f"{size}-{factor}x"
        self.folder.mkdir(parents=True, exist_ok=is_kept)
        self._filled = self.folder / "filled.json"  # what a site that is kept holds already
        self._is_kept = is_kept
        self.environment = {
            **self.settings(self.folder, folder / "static"),
            "DATABASE_URL": f"{server.rpartition('/')[0]}/{self.name}",
        }

    @staticmethod
    def settings(folder: Path, static: Path) -> dict[str, str]:
        """What a production site is told by its environment."""
        return {
            "CONNEXION_VAR": str(folder),
            "STATIC_ROOT": str(static),
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "SECRET_KEY": "only-for-measurements-0123456789abcdefghijklmnopqrstuvwxyz",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "https://127.0.0.1",
            "CONNEXION_MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }

    def __enter__(self) -> "Site":
        if self._filled.exists():
            return self
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}"')
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_kept and self._filled.exists():
            return
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)')

    def run(self, *arguments: str) -> str:
        """A Python process of this site; what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return done.stdout

    def _tidy(self) -> None:
        """What earlier runs left: notices that no worker sent, and the dead rows of posts among thousands."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("TRUNCATE connexion_plugin_notice")
            connection.execute("VACUUM FULL ANALYZE connexion_plugin_participation")
            connection.execute("CHECKPOINT")

    def fill(self, *options: str) -> None:
        if self._filled.exists():
            self.run("manage.py", "migrate", "--verbosity", "0")
            self._tidy()
        else:
            self._filled.write_text(self.run("-m", "benchmarks.data", self.size, str(self.factor), *options))
        filled: dict[str, Any] = json.loads(self._filled.read_text())
        self.found: dict[str, str] = filled["found"]
        self.cookies: dict[str, dict[str, str]] = filled["cookies"]
