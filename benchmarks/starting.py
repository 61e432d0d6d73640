"""From a server's command to its first answer, and the memory of its worker: ours, and a new Wagtail site's."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gunicorn_server import Server

MIB = 1024**2


@dataclass(frozen=True)
class Start:
    """Seconds to the first answer; bytes of the worker after some requests."""

    seconds: float
    memory: int


def start(
    application: str, path: str, *, folder: Path, environment: Mapping[str, str], headers: Mapping[str, str]
) -> Start:
    folder.mkdir(exist_ok=True)
    began = time.perf_counter()
    compiled = {**environment, "PYTHONDONTWRITEBYTECODE": ""}  # at its first start, as what pip installs is
    with Server(application, folder=folder, environment=compiled) as server:
        seconds = 0.0
        for _ in range(20):
            connection = http.client.HTTPConnection(*server.address, timeout=60)
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            answer.read()
            connection.close()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}.")
            seconds = seconds or time.perf_counter() - began
        return Start(seconds, server.memory())


def new_wagtail_site(folder: Path) -> dict[str, str]:
    """`wagtail start`, migrated on SQLite; the environment that serves it."""
    folder.mkdir()
    environment = {
        "DJANGO_SETTINGS_MODULE": "floor.settings.dev",
        "PYTHONPATH": str(folder),
        "CONNEXION_VAR": str(folder),
    }
    everything = {**os.environ, **environment}
    for name in ("DATABASE_URL", "STATIC_ROOT"):
        everything.pop(name, None)
    wagtail = str(Path(sys.executable).parent / "wagtail")
    for command in (
        [wagtail, "start", "floor", str(folder)],
        [sys.executable, str(folder / "manage.py"), "migrate", "--verbosity", "0"],
    ):
        subprocess.run(command, cwd=folder, env=everything, check=True, stdout=subprocess.DEVNULL)
    return environment
