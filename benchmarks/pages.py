"""Requests against running servers, one after the other in turn, and the medians of what they took."""

import http.client
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks.gunicorn_server import Server

SEED = 20261124
TOKEN = "a" * 32  # a form's token and its cookie agree; that is all that Django asks of them


class Visitor:
    """A browser with one connection that stays open, behind a proxy that speaks TLS."""

    def __init__(self, server: Server, cookies: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection(*server.address, timeout=120)
        cookie = "; ".join(f"{name}={value}" for name, value in {**cookies, "csrftoken": TOKEN}.items())
        host = "{}:{}".format(*server.address)
        self._headers = {
            "Cookie": cookie,
            "X-Forwarded-Proto": "https",
            "Origin": f"https://{host}",
            "Referer": f"https://{host}/",
        }

    def ask(self, path: str, fields: Mapping[str, str] | None = None) -> http.client.HTTPResponse:
        headers = dict(self._headers)
        body = None
        if fields is not None:
            body = urlencode({**fields, "csrfmiddlewaretoken": TOKEN})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("POST" if fields is not None else "GET", path, body, headers)
        answer = self._connection.getresponse()
        self.text = answer.read().decode()
        return answer

    def send(self, path: str, content_type: str, body: Iterator[bytes], length: int) -> int:
        """A body that comes piece by piece; the status of the answer."""
        headers = {**self._headers, "Content-Type": content_type, "Content-Length": str(length)}
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


@dataclass
class Page:
    """One thing that is asked for again and again; `path` gives its address, anew each time."""

    name: str
    visitor: Visitor
    path: Callable[[], str]
    fields: Mapping[str, str] | None = None
    requests: int = 60  # a round
    expected: int = 200
    rounds: list[list[float]] = field(default_factory=list)

    def measure(self) -> float:
        path = self.path()
        began = time.perf_counter()
        answer = self.visitor.ask(path, self.fields)
        seconds = time.perf_counter() - began
        if answer.status != self.expected:
            raise RuntimeError(f"{self.name}: {path} answered {answer.status}, not {self.expected}.")
        return seconds

    @property
    def medians(self) -> list[float]:
        return [statistics.median(found) for found in self.rounds]

    @property
    def median(self) -> float:
        return statistics.median(seconds for found in self.rounds for seconds in found)

    @property
    def fastest(self) -> float:
        """What a busy machine let through undisturbed."""
        return min(seconds for found in self.rounds for seconds in found)


def fixed(path: str) -> Callable[[], str]:
    return lambda: path


def posting(path: str) -> Callable[[], str]:
    """Each post under an idempotency key of its own."""
    return lambda: path.format(uuid4())


def each(paths: Sequence[str]) -> Callable[[], str]:
    """One after the other, none twice: a message is opened for the first time once."""
    left: Iterator[str] = iter(paths)
    return lambda: next(left)


def measure(pages: Sequence[Page], *, rounds: int, warm_up: int = 5) -> None:
    """In turn, a request of each: what slows the machine down for a while slows down all of them.

    In an order that changes: who comes after a page of the same server finds the processor's caches warm.
    """
    turn, shuffle = list(pages), random.Random(SEED).shuffle
    for page in pages:
        for _ in range(warm_up):
            page.measure()
    for _ in range(rounds):
        for page in pages:
            page.rounds.append([])
        for number in range(max(page.requests for page in pages)):
            shuffle(turn)
            for page in turn:
                if number < page.requests:
                    page.rounds[-1].append(page.measure())


@dataclass(frozen=True)
class Ratio:
    """Of two pages' medians, round by round: the middle of the rounds and their range; and of their fastest answers."""

    value: float
    lowest: float
    highest: float
    of_fastest: float


def ratio(ours: Page, floor: Page) -> Ratio:
    found = [a / b for a, b in zip(ours.medians, floor.medians, strict=True)]
    return Ratio(statistics.median(found), min(found), max(found), ours.fastest / floor.fastest)
