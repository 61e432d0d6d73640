"""Documents sent through a form and fetched again, by hand-written HTTP: what that takes and what it leaves."""

import hashlib
import http.client
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.gunicorn_server import Server

MIB = 1024**2
BOUNDARY = "----connexion-benchmark-boundary"
CANARY = b"PLAIN-BYTES-OF-THE-DOCUMENT"


@dataclass(frozen=True)
class Form:
    """Where to post, and what besides the document."""

    path: str
    fields: dict[str, str]
    cookies: dict[str, str]
    document_field: str = "documents"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Journey:
    """How a person comes to the form, and from the form's answer to the document's address."""

    form: Callable[[Server], Form]
    document_path: Callable[[Server, Form, Answer], str]


@dataclass
class Measured:
    """Bytes and seconds; memory is above what the idle worker had. What is timed of a download is thrown away as it
    comes."""

    size: int
    upload_seconds: float = 0.0
    download_seconds: float = 0.0
    upload_cpu: float = 0.0
    download_cpu: float = 0.0
    upload_memory: int = 0
    download_memory: int = 0
    written: int = 0
    temporary: int = 0
    plain_found: list[str] = field(default_factory=list)
    same_bytes: bool = False


# The document: never in memory whole, the same at each reading, with a canary in every 64 KiB


def document(size: int, seed: int = 0) -> Iterator[bytes]:
    noise = random.Random(seed).randbytes(MIB)
    for number in range((size + MIB - 1) // MIB):
        block = bytearray(noise)
        for place in range(0, MIB, 64 * 1024):
            block[place : place + len(CANARY) + 8] = CANARY + (number * MIB + place).to_bytes(8)
        yield bytes(block[: size - number * MIB])


def digest(size: int, seed: int = 0) -> str:
    total = hashlib.sha256()
    for block in document(size, seed):
        total.update(block)
    return total.hexdigest()


# HTTP by hand: nothing of the document is buffered on the client's side either


def ask(server: Server, path: str, cookies: dict[str, str] | None = None) -> Answer:
    with closing(http.client.HTTPConnection(*server.address, timeout=120)) as connection:
        connection.request("GET", path, headers=cookie_header(cookies or {}))
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())


def cookie_header(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


def send(server: Server, form: Form, size: int, seed: int = 0, name: str = "relevé d’été.bin") -> Answer:
    fields = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in form.fields.items()
    )
    head = (
        f'{fields}--{BOUNDARY}\r\nContent-Disposition: form-data; name="{form.document_field}"; '
        f'filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    return post(
        server, form, f"multipart/form-data; boundary={BOUNDARY}", head, document(size, seed), tail, size
    )


def post(
    server: Server, form: Form, content_type: str, head: bytes, body: Iterator[bytes], tail: bytes, size: int
) -> Answer:
    host = "{}:{}".format(*server.address)
    headers = {
        "Host": host,
        "Origin": f"http://{host}",
        "Content-Type": content_type,
        "Content-Length": str(len(head) + size + len(tail)),
        "Connection": "close",
        **cookie_header(form.cookies),
    }
    lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items())
    with socket.create_connection(server.address, timeout=120) as connection:
        connection.sendall(f"POST {form.path} HTTP/1.1\r\n{lines}\r\n".encode() + head)
        for block in body:
            connection.sendall(block)
        connection.sendall(tail)
        with closing(http.client.HTTPResponse(connection, method="POST")) as response:
            response.begin()
            return Answer(response.status, dict(response.getheaders()), response.read())


def fetch(server: Server, path: str, cookies: dict[str, str], *, hashed: bool = True) -> tuple[str, int]:
    """(SHA-256, bytes). Not hashed, only the server's side is timed."""
    total, count, buffer = hashlib.sha256(), 0, memoryview(bytearray(MIB))
    with closing(http.client.HTTPConnection(*server.address, timeout=120)) as connection:
        connection.request("GET", path, headers=cookie_header(cookies))
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}.")
        while length := response.readinto(buffer):
            count += length
            if hashed:
                total.update(buffer[:length])
    return total.hexdigest(), count


# Measuring


class Watch:
    """Looks at the temporary folder again and again; `most` is the largest sum of bytes it saw there."""

    def __init__(self, server: Server) -> None:
        self._server, self._over, self.most = server, threading.Event(), 0
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, self._server.open_temporary_bytes())

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def together(count: int, act: Callable[[int], object]) -> float:
    """Seconds until all have done it, each in its own thread."""
    failures: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            act(number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - start


def measure(server: Server, journey: Journey, size: int, at_once: int = 1) -> Measured:
    """Send `at_once` documents of `size` bytes together, fetch them together, look for what stayed."""
    measured = Measured(size)
    form = journey.form(server)
    # Code is loaded by a document of one byte, which needs no part: what is above that is the transfers'.
    path = journey.document_path(server, form, send(server, form, 1))
    fetch(server, path, form.cookies)
    idle = server.memory()
    forms = [journey.form(server) for _ in range(at_once)]
    paths: dict[int, str] = {}

    def upload(number: int) -> None:
        paths[number] = journey.document_path(
            server, forms[number], send(server, forms[number], size, number)
        )

    with Watch(server) as watch:
        before, cpu = server.bytes_written(), server.cpu_seconds()
        server.forget_peak()
        measured.upload_seconds = together(at_once, upload)
        measured.upload_cpu = server.cpu_seconds() - cpu
        measured.upload_memory = server.memory("VmHWM") - idle
        measured.written = server.bytes_written() - before
        server.forget_peak()
        cpu = server.cpu_seconds()
        measured.download_seconds = together(
            at_once, lambda number: fetch(server, paths[number], forms[number].cookies, hashed=False)
        )
        measured.download_cpu = server.cpu_seconds() - cpu
        measured.download_memory = server.memory("VmHWM") - idle
    measured.temporary = watch.most
    fetched: dict[int, str] = {}
    together(at_once, lambda n: fetched.update({n: fetch(server, paths[n], forms[n].cookies)[0]}))
    measured.same_bytes = fetched == {number: digest(size, number) for number in range(at_once)}
    return measured


def search(folder: Path) -> list[str]:
    """Files that hold a canary."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                kept = b""
                while piece := file.read(4 * MIB):
                    if CANARY in kept + piece:
                        found.append(str(path))
                        break
                    kept = piece[-len(CANARY) :]
    return found
