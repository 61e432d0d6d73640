"""How many notices a second go through the queue to a local SMTP sink (goals.md: at least 400 with two workers).

    DATABASE_URL=postgres://postgres@127.0.0.1/connexion_bench_notices python -m benchmarks.notices

The database is made, and dropped at the end. Everything is real but the sink, which takes what it is sent
and keeps nothing: `connexion_worker` on two workers, one conversation of 5,000 participants, fsync on.
"""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
READERS = int(os.environ.get("BENCH_READERS", "5000"))
DEFAULT_URL = "postgres://postgres@127.0.0.1/connexion_bench_notices"


class Sink(asyncio.Protocol):
    """The least that an SMTP server may do, so that it is not what is measured."""

    taken: "Synchronized[int]"
    recipients: Counter[bytes] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.rest, self.in_data = b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while True:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            line, found, rest = self.rest.partition(end)
            if not found:
                return
            self.rest = rest
            self.transport.write(self.answer(line))

    def answer(self, line: bytes) -> bytes:
        if self.in_data:
            self.in_data = False
            with self.taken.get_lock():
                self.taken.value += 1
            return b"250 taken\r\n"
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_data = True
            return b"354 go on\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"


def serve(port: "Synchronized[int]", taken: "Synchronized[int]") -> None:
    async def forever() -> None:
        Sink.taken = taken
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(forever())


def prepare() -> None:
    """In a process of its own, with Django set up: one conversation, its notices ungathered."""
    import django

    django.setup()
    from django.core.management import call_command
    from django_q.models import OrmQ

    call_command("migrate", verbosity=0)
    call_command("connexion_keys", "init", verbosity=0)
    from tests.factories import enrol, make_organization, make_person
    from tests.factories.conversations import start

    organization = make_organization("Étude Tremblay")
    enrolment = enrol(organization, "alice@etude-tremblay.example", name="Alice Tremblay")
    make_person("Alice Tremblay", "alice@etude-tremblay.example")
    start(enrolment, to=[f"person-{n}@example.org" for n in range(READERS)])
    OrmQ.objects.all().delete()


def measure(env: dict[str, str], taken: "Synchronized[int]") -> tuple[float, float]:
    """Notices a second, from the tenth taken to the last; and seconds from the command to the last."""
    began = time.monotonic()
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "connexion_worker", "--look", "1"],
        cwd=ROOT,
        env=env,
        stderr=subprocess.DEVNULL,
    )
    try:
        while taken.value < 10:
            time.sleep(0.002)
        first, already = time.monotonic(), taken.value
        while taken.value < READERS:
            assert time.monotonic() - began < 300, f"{taken.value} of {READERS} after five minutes"
            time.sleep(0.002)
        ended = time.monotonic()
        time.sleep(1)  # for what would come twice
    finally:
        worker.send_signal(signal.SIGINT)
        worker.wait(30)
    return (READERS - already) / (ended - first), ended - began


def run(url: str) -> tuple[float, int]:
    """Notices a second, and how many came twice; in a database of its own, which is dropped at the end."""
    name = urlsplit(url).path.lstrip("/")
    server = url.removesuffix(name) + "postgres"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    port, taken = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    sink = multiprocessing.Process(target=serve, args=(port, taken), daemon=True)
    sink.start()
    while not port.value:
        time.sleep(0.01)
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "DATABASE_URL": url,
            "CONNEXION_VAR": folder,
            "CONNEXION_VAR_OF": os.environ.get("PYTEST_XDIST_WORKER", "main"),
            "EMAIL_PORT": str(port.value),
            "QUEUE_WORKERS": "2",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        }
        code = "from benchmarks.notices import prepare; prepare()"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        a_second, _seconds = measure(env, taken)
    sink.terminate()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    return a_second, taken.value - READERS


def main() -> None:
    a_second, twice = run(os.environ.get("DATABASE_URL", DEFAULT_URL))
    print(f"notices: {a_second:.0f} a second with two workers, {twice} twice")


if __name__ == "__main__":
    main()
