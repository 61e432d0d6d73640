"""Real processes to kill: they run on a database of their own, and are known by their group."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(database_url: str, smtp_port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "DATABASE_URL": database_url,
        "EMAIL_PORT": str(smtp_port),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "TEST_DB_SUFFIX": "",
    }


class Worker:
    """`connexion_worker`, as an operator starts it."""

    def __init__(self, env: dict[str, str], log: Path, patience: float = 5) -> None:
        self._heads: set[int] = set()
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "manage.py",
                    "connexion_worker",
                    "--look",
                    "0.3",
                    "--patience",
                    str(patience),
                ],
                cwd=ROOT,
                env=env,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def children(self) -> list[int]:
        """Everything below the command: the head of the cluster's group and all in that group.

        The head may be dead while its children live, so earlier heads are remembered.
        """
        table = _table()
        self._heads |= {pid for pid, parent, _group in table if parent == self.process.pid}
        return [pid for pid, _parent, group in table if group in self._heads and pid != self.process.pid]

    def is_running_tasks(self) -> bool:
        return len(self.children()) >= 6  # head, sentinel, two workers, monitor, pusher

    def stop(self, number: int = signal.SIGTERM, seconds: float = 30) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def kill_all(self) -> None:
        for pid in [self.process.pid, *self.children()]:
            kill(pid)
        self.process.wait(10)


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """How long it took; fails after `seconds`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - began


def _table() -> list[tuple[int, int, int]]:
    """(pid, parent, group) of every process that lives; those that are dead and not yet buried are left out."""
    rows = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] not in "ZX":
            rows.append((int(stat.parent.name), int(fields[1]), int(fields[2])))
    return rows
