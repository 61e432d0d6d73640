"""The product as `make run` starts it, with a real SMTP server to receive its e-mail."""

import email
import email.policy
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60


@dataclass
class PostOffice:
    """Keeps what arrived, in the order of arrival."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Any] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.envelopes.append(envelope)
        return "250 Kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]

    def wait_for(self, address: str, number: int = 1) -> EmailMessage:
        """The `number`th mail to this address, once it has come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self.to(address)
            if len(found) >= number:
                return found[number - 1]
            time.sleep(0.1)
        raise AssertionError(f"mail {number} to {address} did not come; there are {len(self.to(address))}")


@dataclass
class Running:
    """Where the product answers, and what it has sent."""

    url: str
    post_office: PostOffice
    environment: dict[str, str]
    log: Path

    def manage(self, *arguments: str, **environment: str) -> str:
        """Runs a command as the site operator would."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def local(self, link: str) -> str:
        """A link of an e-mail, as it stands."""
        assert link.startswith(self.url), link
        return link


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"https?://\S+", text_of(mail))
    assert found, text_of(mail)
    return found.group().rstrip(".)")


def code_in(mail: EmailMessage) -> str:
    """The confirmation code, alone on its line."""
    found = re.search(r"^\s*([A-Z0-9]{3,4}[- ]?[A-Z0-9]{3,4})\s*$", text_of(mail), re.MULTILINE)
    assert found, text_of(mail)
    return found.group(1).strip()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(folder: Path, database_url: str = "") -> Iterator[Running]:
    """Starts `bin/run` on a fresh folder and database, and ends it whole."""
    post_office = PostOffice()
    controller = Controller(post_office, hostname="127.0.0.1", port=free_port())
    controller.start()
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}},
        "CONNEXION_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(controller.port),
        "DEFAULT_FROM_EMAIL": "avis@connexion.example",
        "TIME_ZONE": "America/Toronto",
        "PYTHONUNBUFFERED": "1",
    }
    if database_url:
        environment["DATABASE_URL"] = database_url
    log = folder / "run.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "bin/run"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_it_answers(process, environment["SITE_URL"], log)
        yield Running(environment["SITE_URL"], post_office, environment, log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
        controller.stop()


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + 2 * PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if "Connexion answers" in log.read_text():
            urlopen(url + "/", timeout=20).close()
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-5000:])


def with_database(database_url: str, name: str) -> str:
    """The same server's URL with another database."""
    return urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
