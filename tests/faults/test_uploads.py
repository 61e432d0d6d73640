"""Uploads with tus-js-client through a real gunicorn: wires cut, processes killed; the bytes are the same (D2).

`CONNEXION_FAULT_ROUNDS=50` makes a long run of it: twice as many cuts as rounds, and as many kills.
"""

import hashlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from contextlib import closing
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from benchmarks.gunicorn_server import Server
from tests.conftest import sign_in
from tests.factories.conversations import start
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.processes import ROOT, environment

ROUNDS = int(os.environ.get("CONNEXION_FAULT_ROUNDS", "5"))
MIB = 1024**2
CLIENT = ROOT / "tests/faults/tus_client.mjs"

pytestmark = [
    pytest.mark.faults,
    pytest.mark.spec("D2", "C8"),
    pytest.mark.skipif(shutil.which("node") is None, reason="tus-js-client needs Node.js, and there is none"),
    pytest.mark.skipif(
        not (ROOT / "node_modules/tus-js-client").exists(),
        reason="tus-js-client is not there: npm ci brings it into node_modules",
    ),
]


class Sender:
    """Bob, signed in on a real server, with a draft."""

    def __init__(self, server, client, conversation):
        self.server, self.conversation, self.key = server, conversation, uuid4()
        said = client.get(reverse("connexion:reply_draft", args=[conversation.pk, self.key])).json()
        self.headers = {
            "Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()),
            "X-CSRFToken": said["token"],
        }

    def command(self, file, *, address=None, **more):
        host, port = address or self.server.address
        where = reverse("connexion:reply_uploads", args=[self.conversation.pk, self.key])
        asked = {
            "endpoint": f"http://{host}:{port}{where}",
            "file": str(file),
            "name": "Plan cadastral.bin",
            "headers": self.headers,
            "chunkSize": 4 * MIB,
            **more,
        }
        return ["node", str(CLIENT), json.dumps(asked)]

    def send(self, file, **more):
        done = subprocess.run(
            self.command(file, **more), cwd=ROOT, capture_output=True, timeout=240 + 10 * ROUNDS, check=True
        )
        return json.loads(done.stdout)

    def ask(self, method, url, body=None, **headers):
        with closing(http.client.HTTPConnection(*self.server.address, timeout=60)) as connection:
            connection.request(method, url, body, {**self.headers, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def post_and_fetch(self):
        """Posts the draft, and downloads what the message carries."""
        form = reverse("connexion:post_message", args=[self.conversation.pk, self.key])
        body = urlencode({"text": "Voici.", "expires_in_days": 90})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, headers, _page = self.ask("POST", form, body, **kind)
        assert status == 302, status
        _status, _headers, window = self.ask("GET", headers["Location"])
        urls = re.findall(r'href="([^"]*/documents/[0-9a-f-]{36}/)"', window.decode())
        return [self.ask("GET", url)[2] for url in urls]


@pytest.fixture
def sender(alice, bob, alice_enrolment, shared_database, tmp_path):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    client = sign_in(Client(), bob)
    client.get("/")
    site = environment(shared_database(), 25)
    # The key store and the parts of this test's process.
    with Server("cms.wsgi", folder=tmp_path, environment=site) as server:
        yield Sender(server, client, conversation)


def document(folder, size):
    path = folder / "document.bin"
    dice = random.Random(size)
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(dice.randbytes(MIB))
        file.write(dice.randbytes(size % MIB))
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def digests(bodies):
    return [hashlib.sha256(body).hexdigest() for body in bodies]


@pytest.mark.parametrize("during_creation", [True, False])
def test_a_client_that_nobody_here_wrote_sends_documents_of_any_size(sender, tmp_path, during_creation):
    expected = []
    # This client cannot send an empty document with its creation.
    for size in (*([] if during_creation else [0]), 1, 65_536, 3 * MIB, 9 * MIB + 17):
        path, digest = document(tmp_path, size)
        told = sender.send(path, duringCreation=during_creation)
        assert "error" not in told, told
        expected.append(digest)
    assert digests(sender.post_and_fetch()) == expected


def test_requests_smaller_than_a_part_move_it_on(sender, tmp_path):
    path, digest = document(tmp_path, 5 * MIB + 3)
    assert "error" not in sender.send(path, chunkSize=300_001)
    assert digests(sender.post_and_fetch()) == [digest]


def test_cut_at_random_places_the_bytes_are_the_same(sender, tmp_path):
    path, digest = document(tmp_path, 24 * MIB)
    cuts = 2 * ROUNDS
    proxy = CuttingProxy(sender.server.address, cuts=cuts)
    told = sender.send(path, address=proxy.address)
    proxy.close()
    assert "error" not in told, told
    assert proxy.cuts == cuts
    assert digests(sender.post_and_fetch()) == [digest]


def test_killed_at_random_moments_the_bytes_are_the_same(sender, tmp_path):
    path, digest = document(tmp_path, 24 * MIB)
    dice = random.Random(20261127)
    # A wire slow enough that there is something under way at each kill.
    proxy = CuttingProxy(sender.server.address, cuts=0)
    sending = subprocess.Popen(
        sender.command(path, address=proxy.address, chunkSize=MIB), cwd=ROOT, stdout=subprocess.PIPE
    )
    kills = 0
    while kills < ROUNDS and sending.poll() is None:
        time.sleep(dice.uniform(0.1, 0.6))
        os.kill(sender.server.worker, signal.SIGKILL)
        kills += 1
        wait_for_another_worker(sender.server)
    output, _errors = sending.communicate(timeout=240 + 10 * ROUNDS)
    told = json.loads(output)
    proxy.close()
    assert "error" not in told, told
    assert kills >= min(ROUNDS, 2)
    assert digests(sender.post_and_fetch()) == [digest]


def test_two_clients_on_one_upload_do_not_spoil_it(sender, tmp_path):
    path, digest = document(tmp_path, 12 * MIB)
    status, headers, _body = sender.ask(
        "POST",
        reverse("connexion:reply_uploads", args=[sender.conversation.pk, sender.key]),
        **{"Tus-Resumable": "1.0.0", "Upload-Length": str(12 * MIB), "Upload-Metadata": "filename YQ=="},
    )
    assert status == 201
    url = "http://{}:{}{}".format(*sender.server.address, headers["Location"])
    told = []
    threads = [
        threading.Thread(target=lambda: told.append(sender.send(path, uploadUrl=url, chunkSize=MIB)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.get("error") for one in told] == [None, None]
    assert {423, 409} & {status for one in told for status in one["statuses"]}
    assert digests(sender.post_and_fetch()) == [digest]


def wait_for_another_worker(server):
    for _ in range(200):
        try:
            server.worker  # noqa: B018
            return
        except (IndexError, FileNotFoundError):
            time.sleep(0.05)
    raise AssertionError("gunicorn started no other worker")
