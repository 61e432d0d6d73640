"""Documents through a real gunicorn with threads: what is in memory, what is on disk, what a fault looks like."""

import http.client
import socket
import time
from contextlib import closing

import pytest

from benchmarks import small_site, transfers
from benchmarks.gunicorn_server import Server
from connexion_plugin.documents import mounts

MIB = 1024**2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(folder):
    with Server(small_site.APPLICATION, folder=folder) as server:
        yield server


def stored(folder):
    """The folders of documents. The mark of the mount stands beside them, from the first document on."""
    parts = folder / "parts"
    return {path.name for path in parts.iterdir()} - {mounts.MARK} if parts.exists() else set()


@pytest.mark.spec("D1")
def test_a_transfer_takes_little_memory_and_leaves_no_plain_byte_on_disk(server, folder):
    measured = transfers.measure(server, small_site.SMALL_SITE, 100 * MIB)
    assert measured.same_bytes
    assert max(measured.upload_memory, measured.download_memory) <= 16 * MIB
    # Sealing adds 28 bytes to 64 KiB: whatever else was written would have been plain.
    assert measured.written < 1.01 * 100 * MIB
    assert measured.temporary == 0
    assert transfers.search(folder) == []


@pytest.mark.spec("D1")
def test_eight_transfers_at_once_take_little_memory(server):
    measured = transfers.measure(server, small_site.SMALL_SITE, 32 * MIB, 8)
    assert measured.same_bytes
    assert max(measured.upload_memory, measured.download_memory) <= 128 * MIB


def test_the_search_for_plain_bytes_finds_them(tmp_path):
    (tmp_path / "plain").write_bytes(bytes(5 * MIB) + b"".join(transfers.document(MIB)))
    assert transfers.search(tmp_path) == [str(tmp_path / "plain")]


def test_a_client_that_goes_away_leaves_no_part(server, folder):
    before, form = stored(folder), small_site.small_site_form(server)

    def goes_away(size):
        yield from transfers.document(size // 2)
        assert stored(folder) - before
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        transfers.post(server, form, *multipart(), goes_away(40 * MIB), b"", 40 * MIB)
    for _ in range(1200):  # a minute, where the machine is busy
        if stored(folder) == before:
            break
        time.sleep(0.05)
    assert stored(folder) == before


def multipart():
    boundary = transfers.BOUNDARY
    return (
        f"multipart/form-data; boundary={boundary}",
        f'--{boundary}\r\nContent-Disposition: form-data; name="documents"; filename="a"\r\n\r\n'.encode(),
    )


@pytest.mark.spec("D3")
def test_a_fault_under_way_cuts_the_connection_before_the_announced_length(server, folder):
    form, before = small_site.small_site_form(server), stored(folder)
    path = small_site.small_site_document(server, form, transfers.send(server, form, 21 * MIB))
    (document,) = stored(folder) - before
    part = folder / "parts" / document / "3"
    sealed = bytearray(part.read_bytes())
    sealed[1_000_000] ^= 1
    part.write_bytes(sealed)

    with closing(http.client.HTTPConnection(*server.address, timeout=30)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        assert (response.status, response.length) == (200, 21 * MIB)
        with pytest.raises(http.client.IncompleteRead) as cut:
            response.read()
    assert cut.value.partial == b"".join(transfers.document(12 * MIB))

    with closing(http.client.HTTPConnection(*server.address, timeout=30)) as connection:
        connection.request("GET", path, headers={"Range": f"bytes={16 * MIB}-"})
        response = connection.getresponse()
        assert response.status == 206
        assert response.read() == b"".join(transfers.document(21 * MIB))[16 * MIB :]


def test_a_download_that_is_given_up_frees_its_thread(server):
    form = small_site.small_site_form(server)
    path = small_site.small_site_document(server, form, transfers.send(server, form, 30 * MIB))
    for _ in range(12):
        with socket.create_connection(server.address, timeout=30) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            connection.recv(1000)
    assert transfers.ask(server, "/post/").status == 200
