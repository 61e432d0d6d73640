"""A download that is cut again and again and taken up with `curl -C -`; and a document of 1 GiB, there and back (D3)."""

import hashlib
import random
import shutil
import subprocess
from uuid import uuid4

import pytest

from benchmarks import transfers
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.sending import IS_FULL, MIB, ROUNDS, document, needs_client

pytestmark = [pytest.mark.faults, *needs_client]
SIZE = 1024 * MIB if IS_FULL else 24 * MIB


@pytest.mark.spec("D3")
@pytest.mark.fault(11, rounds=ROUNDS)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: apt-get install curl")
def test_a_download_cut_at_random_places_and_resumed_by_curl_is_the_same(sender, tmp_path):
    path, digest = document(tmp_path, SIZE)
    assert "error" not in sender.send(path)
    (url,) = sender.post()
    proxy = CuttingProxy(sender.server.address, cuts=ROUNDS, most=SIZE // ROUNDS, up=False)
    got, tries = tmp_path / "got.bin", 0
    command = ["curl", "--silent", "--fail", "-C", "-", "--output", str(got)]
    command += [
        "--header",
        f"Cookie: {sender.headers['Cookie']}",
        "http://{}:{}{}".format(*proxy.address, url),
    ]
    while subprocess.run(command, timeout=120).returncode != 0:
        tries += 1
        assert tries <= 2 * ROUNDS, "curl does not come to an end"
    proxy.close()
    assert proxy.cuts == tries == ROUNDS
    with got.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == digest


@pytest.mark.spec("D1", "D2", "D3")
@pytest.mark.fault(11, rounds=ROUNDS)
def test_a_large_document_takes_little_memory_there_and_back_and_nothing_plain_stays(
    begin_sending, tmp_path, tmp_path_factory, record_property
):
    sender = begin_sending(PARTS_FOLDER=str(tmp_path / "parts"))
    # The plain document is kept where nothing is searched.
    path, digest = document(tmp_path_factory.mktemp("plain"), SIZE)
    server, small = sender.server, tmp_path_factory.mktemp("small") / "small"
    small.write_bytes(b"a")
    # Code is loaded by a document that needs no part: what is above that is the transfers'.
    assert "error" not in sender.send(small)
    assert len(sender.post_and_fetch()) == 1
    sender.key = uuid4()
    idle, written = server.memory(), server.bytes_written()
    server.forget_peak()
    assert "error" not in sender.send(path)
    up, written = server.memory("VmHWM") - idle, server.bytes_written() - written
    (url,) = sender.post()[-1:]
    server.forget_peak()
    assert sender.digest_of(url) == digest
    dice = random.Random(20261127)
    with path.open("rb") as plain:
        for _ in range(ROUNDS):
            start = dice.randrange(SIZE)
            stop = min(SIZE, start + dice.randint(1, 2 * MIB))
            plain.seek(start)
            with sender.asked("GET", url, Range=f"bytes={start}-{stop - 1}") as answer:
                assert answer.status == 206
                assert answer.read() == plain.read(stop - start)
    down = server.memory("VmHWM") - idle
    record_property("memory", f"+ {up / MIB:.1f} MiB up, + {down / MIB:.1f} MiB down")
    assert max(up, down) <= 16 * MIB
    # Sealing adds 28 bytes to 64 KiB, a commit a few hundred: whatever else was written would have been plain.
    assert written < 1.02 * SIZE
    assert transfers.search(tmp_path) == []
