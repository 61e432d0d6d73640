"""Many at once: 50 people for a minute, and an inbox beside four slow uploads (goals.md).

A person asks for the next page as soon as the last has come, over a connection that stays open: an inbox, a window,
the counts of the tabs, and now and then a post. An upload is the real form with a document, sealed as it comes, at
2 MB a second.
"""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from benchmarks.pages import TOKEN, Visitor

PIECE = 64 * 1024
UPLOADS = 4
UPLOAD_RATE = 2_000_000  # bytes a second, each
BOUNDARY = "----connexion-benchmark-boundary"
WORDS = {"text": "Bonjour, voici l’acte de vente.", "expires_in_days": "364"}


@dataclass
class Crowd:
    """What the people at once were answered: seconds of each page, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[98]


def at_once(people: Sequence[tuple[Visitor, list[str], str]], *, seconds: float) -> Crowd:
    """`people`: who, the addresses they read, and where they post (a `{}` for the idempotency key)."""
    crowd, ends_at = Crowd(), time.monotonic() + seconds

    def live(visitor: Visitor, pages: list[str], post: str) -> None:
        number = 0
        while time.monotonic() < ends_at:
            number += 1
            is_post = number % 20 == 0
            path = post.format(uuid4()) if is_post else pages[number % len(pages)]
            began = time.perf_counter()
            try:
                status = visitor.ask(path, WORDS if is_post else None).status
            except OSError as error:
                crowd.errors.append(f"{path}: {error}")
                return
            crowd.seconds.append(time.perf_counter() - began)
            if status != (302 if is_post else 200):
                crowd.errors.append(f"{path}: {status}")

    threads = [threading.Thread(target=live, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return crowd


def beside_uploads(
    reader: Visitor, inbox: str, uploaders: Sequence[Visitor], post: str, *, requests: int
) -> tuple[float, float]:
    """Median seconds of the inbox, idle and while the uploads run; three rounds of each in turn."""
    idle, busy = [], []
    for _ in range(3):
        idle += [_timed(reader, inbox) for _ in range(requests)]
        over = threading.Event()
        threads = [threading.Thread(target=_upload, args=(one, post, over)) for one in uploaders]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        busy += [_timed(reader, inbox) for _ in range(requests)]
        over.set()
        for thread in threads:
            thread.join()
    return statistics.median(idle), statistics.median(busy)


def _timed(visitor: Visitor, path: str) -> float:
    began = time.perf_counter()
    if visitor.ask(path).status != 200:
        raise RuntimeError(f"{path} was not answered.")
    return time.perf_counter() - began


def _upload(visitor: Visitor, post: str, over: threading.Event) -> None:
    """Documents one after the other, each of ten seconds at most, until `over`."""
    fields = {**WORDS, "csrfmiddlewaretoken": TOKEN}
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="documents"; filename="plan.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    tail, size = f"\r\n--{BOUNDARY}--\r\n", UPLOAD_RATE * 10
    while not over.is_set():
        status = visitor.send(
            post.format(uuid4()),
            f"multipart/form-data; boundary={BOUNDARY}",
            _slowly(head.encode(), size, tail.encode(), over),
            len(head.encode()) + size + len(tail),
        )
        if status != 302:
            raise RuntimeError(f"An upload was answered {status}.")


def _slowly(head: bytes, size: int, tail: bytes, over: threading.Event) -> Iterator[bytes]:
    """At the rate, until nobody needs it slow any more."""
    yield head
    began, sent, piece = time.monotonic(), 0, bytes(PIECE)
    while sent < size:
        yield piece[: size - sent]
        sent += PIECE
        if not over.is_set():
            time.sleep(max(began + sent / UPLOAD_RATE - time.monotonic(), 0))
    yield tail
