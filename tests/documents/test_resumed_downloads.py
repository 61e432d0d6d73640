"""Downloads that are cut at random places and resumed by a client that no one here wrote (spec D3)."""

import hashlib
import os
import random
import shutil
import socket
import subprocess
import threading
from contextlib import closing, suppress

import pytest

from benchmarks import small_site, transfers
from benchmarks.gunicorn_server import Server

pytestmark = [
    pytest.mark.spec("D3"),
    pytest.mark.skipif(not shutil.which("curl"), reason="curl is missing: apt-get install curl"),
]
MIB = 1024**2
SIZE = 12 * MIB + 12_345
CUTS = int(os.environ.get("CONNEXION_FAULT_ROUNDS", "8"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(small_site.APPLICATION, folder=tmp_path_factory.mktemp("server")) as server:
        yield server


class CuttingRelay:
    """Between client and server: passes so many bytes of the answer, then cuts."""

    def __init__(self, server):
        self._server = server
        self.passes = None  # None: all
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "{}:{}".format(*self._listener.getsockname())
        threading.Thread(target=self._run, daemon=True).start()

    def close(self):
        self._listener.close()

    def _run(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with client, socket.create_connection(self._server.address, timeout=30) as origin:
                    origin.sendall(client.recv(65536))
                    self._pass_on(origin, client, self.passes)

    def _pass_on(self, origin, client, left):
        with suppress(OSError):
            while piece := origin.recv(65536):
                if left is not None and len(piece) > left:
                    client.sendall(piece[:left])
                    return
                client.sendall(piece)
                left = None if left is None else left - len(piece)


def curl(url, target, *options):
    command = ["curl", "--silent", "--show-error", "--fail", "--http1.1", "-H", "Connection: close", *options]
    return subprocess.run([*command, "-C", "-", "-o", str(target), url], capture_output=True, timeout=120)


def test_a_download_cut_at_random_places_and_resumed_has_the_same_bytes(server, tmp_path):
    form = small_site.small_site_form(server)
    path = small_site.small_site_document(server, form, transfers.send(server, form, SIZE))
    dice, target, cuts = random.Random(4471), tmp_path / "document", 0
    with closing(CuttingRelay(server)) as relay:
        url = f"http://{relay.address}{path}"
        while cuts < CUTS:
            target.unlink(missing_ok=True)
            # Several cuts to a document, sometimes within the head or at the very end.
            for _ in range(dice.randint(1, 6)):
                have = target.stat().st_size if target.exists() else 0
                relay.passes = dice.choice([0, 100, dice.randint(0, SIZE - have), SIZE - have - 1])
                cut = curl(url, target)
                cuts += 1
                if cut.returncode == 0:
                    break
            relay.passes = None
            whole = curl(url, target)
            assert whole.returncode == 0, whole
            assert hashlib.sha256(target.read_bytes()).hexdigest() == transfers.digest(SIZE)


def test_who_resumes_another_document_than_the_one_begun_gets_it_whole(server, tmp_path):
    """curl knows no If-Range by itself; told it, the half of the one is not joined to the half of the other."""
    form = small_site.small_site_form(server)
    first = small_site.small_site_document(server, form, transfers.send(server, form, MIB, seed=1))
    etag = transfers.ask(server, first).headers["ETag"]
    form = small_site.small_site_form(server)
    second = small_site.small_site_document(server, form, transfers.send(server, form, MIB, seed=2))
    target = tmp_path / "document"
    address = "http://{}:{}".format(*server.address)
    for path in (first, second):
        command = ["curl", "--silent", "-D", "-", "-o", str(target), "-H", f"If-Range: {etag}"]
        command += ["-H", "Range: bytes=1000-", f"{address}{path}"]
        head = subprocess.run(command, capture_output=True, timeout=60).stdout.decode()
        expected, begin = ("206", 1000) if path == first else ("200", 0)
        assert head.split()[1] == expected
        assert len(target.read_bytes()) == MIB - begin


def test_curl_fetches_nothing_twice_and_nothing_of_another(server, tmp_path):
    """By the options of its own: it keeps the entity tag in a file and asks by it."""
    form = small_site.small_site_form(server)
    path = small_site.small_site_document(server, form, transfers.send(server, form, MIB, seed=3))
    url, target, tag = "http://{}:{}{}".format(*server.address, path), tmp_path / "document", tmp_path / "tag"

    def said(*options):
        command = [
            "curl",
            "--silent",
            "--show-error",
            "--max-time",
            "30",
            "-w",
            "%{http_code} %{size_download}",
        ]
        done = subprocess.run([*command, *options, url], capture_output=True, timeout=60, check=True)
        return done.stdout.decode()

    assert said("-o", str(target), "--etag-save", str(tag)) == f"200 {MIB}"
    whole = target.read_bytes()
    assert said("-o", str(target), "--etag-compare", str(tag)) == "304 0"
    assert target.read_bytes() == whole
    etag = tag.read_text().strip()
    assert said("-o", str(target), "-H", f"If-Match: {etag}", "-r", "5-9") == "206 5"
    assert target.read_bytes() == whole[5:10]
    assert said("-o", os.devnull, "-H", 'If-Match: "other"', "-r", "5-9") == "412 0"
    assert said("--head", "-o", os.devnull, "-H", f"If-None-Match: {etag}") == "304 0"
    # One connection: a 304 has no body that the next answer could be taken for.
    command = ["curl", "--silent", "-w", "%{http_code} ", "-H", f"If-None-Match: {etag}"]
    command += ["-o", os.devnull, url, "-o", os.devnull, url, "--next", "--silent", "-w", "%{http_code}"]
    done = subprocess.run([*command, "-o", str(target), url], capture_output=True, timeout=60, check=True)
    assert done.stdout.decode() == "304 304 200"
    assert target.read_bytes() == whole
