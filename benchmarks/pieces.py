"""A document sent by pieces, each durable: by tus 1.0 into a draft of the real site, and to the floor beside it."""

import base64
import http.client
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from urllib.parse import urlencode

from benchmarks.gunicorn_server import Server
from benchmarks.transfers import MIB, Answer, Form, cookie_header, document

PIECE_MIB = 8  # goals.md: what a request of a slow line may bring
# As `upload-sender.js` has it: the first piece, and then what passes in half a second, within these.
FIRST_MIB, LARGE_MIB, LARGEST_MIB, BRIEF_SECONDS, QUICK_SECONDS = 4, 8, 32, 0.5, 4.0


def send(server: Server, form: Form, size: int, *, piece_mib: int | None = PIECE_MIB, seed: int = 0) -> float:
    """Seconds from the creation to the answer to the last piece; without `piece_mib` in pieces as the page's."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "X-CSRFToken": form.fields["csrfmiddlewaretoken"],
        **cookie_header(form.cookies),
    }
    blocks = document(size, seed)
    began = time.perf_counter()
    with closing(http.client.HTTPConnection(*server.address, timeout=120)) as connection:
        name = base64.b64encode("relevé d’été.bin".encode()).decode()
        about = {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
        path = _asked(connection, "POST", f"{form.path}uploads/", {**headers, **about}, 201)["Location"]
        offset, piece = 0, piece_mib or FIRST_MIB
        while offset < size:
            length, asked = min(piece * MIB, size - offset), time.perf_counter()
            about = {
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
                "Content-Length": str(length),
            }
            _asked(connection, "PATCH", path, {**headers, **about}, 204, islice(blocks, piece))
            offset += length
            piece = piece_mib or _next_mib(length, time.perf_counter() - asked)
    return time.perf_counter() - began


def _next_mib(length: int, seconds: float) -> int:
    """The page's next piece after one of that length; in whole MiB, as the document comes."""
    if seconds >= QUICK_SECONDS:
        return FIRST_MIB
    return min(LARGEST_MIB, max(LARGE_MIB, int(length / seconds * BRIEF_SECONDS / MIB)))


def send_plain(server: Server, size: int) -> float:
    """The floor of durable pieces: nothing sealed, no database, each in a file of its own and awaited on the disk."""
    blocks, began = document(size), time.perf_counter()
    with closing(http.client.HTTPConnection(*server.address, timeout=120)) as connection:
        for offset in range(0, size, PIECE_MIB * MIB):
            about = {"Content-Length": str(min(PIECE_MIB * MIB, size - offset))}
            _asked(connection, "PUT", f"/raw/{offset}/", about, 200, islice(blocks, PIECE_MIB))
    return time.perf_counter() - began


def post(server: Server, form: Form) -> Answer:
    """Posts the draft with what was sent to it."""
    host = "{}:{}".format(*server.address)
    with closing(http.client.HTTPConnection(*server.address, timeout=120)) as connection:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{host}"}
        connection.request("POST", form.path, urlencode(form.fields), {**kind, **cookie_header(form.cookies)})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())


def _asked(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    body: Iterator[bytes] | None = None,
) -> http.client.HTTPMessage:
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    if response.status != status:
        raise RuntimeError(f"{method} {path} answered {response.status}.")
    return response.headers
