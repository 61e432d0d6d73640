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


def answer(address: str) -> int:
    """Its status; 0 where nobody listens."""
    try:
        return requests.get(address, timeout=20).status_code
    except requests.ConnectionError:
        return 0


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def run(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`bin/run` as `make run` starts it, with a demo of its own; ended whatever the test finds."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_"))
    }
    with (tmp_path / "said").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "bin/run"],
            cwd=ROOT,
            env={**inherited, "PORT": str(port), "CONNEXION_VAR": str(tmp_path / "var")},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        yield process
    if process.poll() is None:
        process.terminate()
        process.wait(30)


@pytest.mark.faults
def test_it_answers_once_it_is_prepared_and_one_interrupt_ends_all_of_it(
    run: subprocess.Popen[bytes], port: int, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    answers = set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and run.poll() is None and "answers at" not in said.read_text():
        answers.add(answer(f"http://127.0.0.1:{port}/fr/connexion/"))
        time.sleep(0.1)

    assert answers <= {0, 200}
    address = said.read_text().partition("answers at ")[2].split()[0]
    assert f"{address}fr/connexion/mailbox/" in said.read_text()
    assert requests.get(address, timeout=20).status_code == 200
    assert len(processes_with(str(tmp_path))) > 3

    os.killpg(run.pid, signal.SIGINT)  # as a terminal does

    assert run.wait(60) == 0
    assert processes_with(str(tmp_path)) == []


def test_a_port_that_is_taken_is_said_before_anything_is_prepared(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = {**os.environ, "PORT": str(port), "CONNEXION_VAR": str(tmp_path / "var")}
        answer = subprocess.run(
            [sys.executable, "bin/run"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )

    assert answer.returncode == 1
    assert f"port {port}" in answer.stderr
    assert not (tmp_path / "var").exists()
