"""`make run`: web and worker together from nothing, and one Ctrl-C ends both."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def processes_with(word: str) -> list[int]:
    """Who runs with this word in its environment."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word.encode() in environ.read_bytes():
                found.append(int(environ.parent.name))
        except OSError:  # it ended, or is not ours
            continue
    return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`bin/run` as `make run` starts it, with a demo of its own; ended whatever the test finds."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_"))
    }
    with (tmp_path / "said").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "bin/run"],
            cwd=ROOT,
            env={**inherited, "PORT": str(free_port()), "CONNEXION_VAR": str(tmp_path / "var")},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        yield process
    if process.poll() is None:
        process.terminate()
        process.wait(30)


@pytest.mark.faults
def test_one_interrupt_ends_web_and_worker_and_leaves_no_process(
    run: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    said = tmp_path / "said"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and run.poll() is None and "answers at" not in said.read_text():
        time.sleep(0.1)

    address = said.read_text().partition("answers at ")[2].split()[0]
    assert f"{address}fr/connexion/mailbox/" in said.read_text()
    assert requests.get(address, timeout=20).status_code == 200
    assert len(processes_with(str(tmp_path))) > 3

    os.killpg(run.pid, signal.SIGINT)  # as a terminal does

    assert run.wait(60) == 0
    assert processes_with(str(tmp_path)) == []
