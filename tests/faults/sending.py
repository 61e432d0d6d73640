"""Bob on real servers, with tus-js-client, which nobody here wrote: documents into a draft, and back out of it."""

import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from benchmarks import transfers
from benchmarks.gunicorn_server import Server
from connexion_plugin.models import Conversation
from tests.faults.processes import ROOT

ROUNDS = int(os.environ.get("CONNEXION_FAULT_ROUNDS", "3"))
# `make faults` sends documents of the size that is promised (spec D1); a few MiB find the same faults sooner.
IS_FULL = ROUNDS >= 50
MIB = 1024**2
CLIENT = ROOT / "tests/faults/tus_client.mjs"
SECONDS = 900 if IS_FULL else 240

needs_client = [
    pytest.mark.skipif(shutil.which("node") is None, reason="tus-js-client needs Node.js, and there is none"),
    pytest.mark.skipif(
        not (ROOT / "node_modules/tus-js-client").exists(),
        reason="tus-js-client is not there: npm ci brings it into node_modules",
    ),
]


class Sender:
    """Bob, signed in on one node or several behind one address, with a draft."""

    def __init__(self, nodes: list[Server], client: Client, conversation: Conversation) -> None:
        self.nodes, self.conversation, self.key = nodes, conversation, uuid4()
        said = client.get(reverse("connexion:reply_draft", args=[conversation.pk, self.key])).json()
        self.headers = {
            "Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()),
            "X-CSRFToken": said["token"],
        }

    @property
    def server(self) -> Server:
        return self.nodes[0]

    def uploads_url(self) -> str:
        return reverse("connexion:reply_uploads", args=[self.conversation.pk, self.key])

    def command(self, file: Path, *, address: tuple[str, int] | None = None, **more: object) -> list[str]:
        host, port = address or self.server.address
        asked = {
            "endpoint": f"http://{host}:{port}{self.uploads_url()}",
            "file": str(file),
            "name": "Plan cadastral.bin",
            "headers": self.headers,
            "chunkSize": 4 * MIB,
            **more,
        }
        return ["node", str(CLIENT), json.dumps(asked)]

    def send(self, file: Path, **more: object) -> dict[str, object]:
        """What the client said in the end: `url`, the `statuses` it met, `error` if it gave up."""
        command = self.command(file, **more)  # type: ignore[arg-type]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=SECONDS, check=True)
        told: dict[str, object] = json.loads(done.stdout)
        return told

    def ask(
        self, method: str, url: str, body: str | bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        with self.asked(method, url, body, **headers) as answer:
            return answer.status, answer.headers, answer.read()

    @contextmanager
    def asked(
        self, method: str, url: str, body: str | bytes | None = None, **headers: str
    ) -> Iterator[http.client.HTTPResponse]:
        with closing(http.client.HTTPConnection(*self.server.address, timeout=60)) as connection:
            connection.request(method, url, body, {**self.headers, **headers})
            yield connection.getresponse()

    def begin(self, length: int) -> str:
        """An upload of this length, none of which is there yet: its path."""
        status, headers, _body = self.ask(
            "POST",
            self.uploads_url(),
            **{"Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": "filename YQ=="},
        )
        assert status == 201, status
        return str(headers["Location"])

    def offset(self, path: str) -> int:
        status, headers, _body = self.ask("HEAD", path, **{"Tus-Resumable": "1.0.0"})
        assert status == 200, status
        return int(headers["Upload-Offset"])

    def bring(self, path: str, offset: int, body: bytes) -> tuple[int, str]:
        """One PATCH: its status and its sentence."""
        kind = "application/offset+octet-stream"
        tus = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": kind}
        status, _headers, said = self.ask("PATCH", path, body, **tus)
        return status, said.decode()

    def post(self) -> list[str]:
        """Posts the draft; the paths of the documents that the message carries."""
        form = reverse("connexion:post_message", args=[self.conversation.pk, self.key])
        body = urlencode({"text": "Voici.", "expires_in_days": 90})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, headers, _page = self.ask("POST", form, body, **kind)
        assert status == 302, status
        return self.documents_at(headers["Location"])

    def documents_at(self, window: str) -> list[str]:
        _status, _headers, page = self.ask("GET", window)
        return re.findall(r'href="([^"]*/documents/[0-9a-f-]{36}/)"', page.decode())

    def digest_of(self, path: str) -> str:
        """SHA-256 of a download; a piece of it in memory."""
        found = hashlib.sha256()
        with self.asked("GET", path) as answer:
            assert answer.status == 200, answer.status
            while piece := answer.read(MIB):
                found.update(piece)
        return found.hexdigest()

    def post_and_fetch(self) -> list[str]:
        """Posts the draft, and downloads what the message carries: the SHA-256 of each."""
        return [self.digest_of(path) for path in self.post()]


def document(folder: Path, size: int) -> tuple[Path, str]:
    """A file of this size with a canary in every 64 KiB, and its SHA-256."""
    path, digest = folder / "document.bin", hashlib.sha256()
    with path.open("wb") as file:
        for block in transfers.document(size):
            file.write(block)
            digest.update(block)
    return path, digest.hexdigest()
