"""A small client of clamd: a document goes to it in pieces, as it is unsealed, and never to a file (spec D4).

The protocol is INSTREAM of clamd(8). By default clamd answers ERROR beyond StreamMaxLength and, silently, OK
beyond its other limits; `scanner_trust` finds out about the second.
"""

import re
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from connexion_plugin.conf import Address, settings
from connexion_plugin.exceptions import ConnexionError

LONGEST_ANSWER_BYTES = 4096
FRAME_BYTES = 256 * 1024  # what may take the timeout to be sent
BREATH_SECONDS = 5.0  # how often a caller that waits for an answer says that it lives

_FOUND = re.compile(r"stream: (?P<name>\S.*) FOUND")
# Not an infection: clamd did not look at all of it, or could not.
_NOT_LOOKED_AT = re.compile(r"Heuristics\.(?:Limits\.Exceeded|Encrypted)\b")


class ScannerFault(ConnexionError):
    """clamd is down, hung, dropped the connection, met an error of its own or spoke nonsense."""


class Outcome(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"  # larger, deeper or longer than clamd looks, or encrypted


@dataclass(frozen=True)
class Verdict:
    """`name` is the signature that matched, or the limit that was met; it tells nothing of the document."""

    outcome: Outcome
    name: str = ""


class Clamd:
    """One document's way through clamd; a context manager. Raises ScannerFault anywhere inside."""

    def __init__(
        self, address: Address, *, timeout: float | None = None, patience: float | None = None
    ) -> None:
        self._address = address
        self._timeout = settings.scanner_timeout_seconds if timeout is None else timeout
        self._patience = settings.scanner_answer_seconds if patience is None else patience
        self._early: Verdict | None = None

    def __enter__(self) -> Self:
        try:
            self._socket = self._connected()
            self._socket.settimeout(self._timeout)
        except OSError as error:
            raise ScannerFault(f"no connection: {type(error).__name__}") from error
        try:
            self._socket.sendall(b"zINSTREAM\0")
        except OSError as error:
            self._socket.close()
            raise ScannerFault(f"cut: {type(error).__name__}") from error
        return self

    def _connected(self) -> socket.socket:
        if not isinstance(self._address, str):
            return socket.create_connection(self._address, timeout=self._timeout)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self._timeout)
            connection.connect(self._address)
        except OSError:
            connection.close()
            raise
        return connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def feed(self, piece: bytes, alive: Callable[[], None] = lambda: None) -> None:
        """The next bytes; `alive` is called on the way. What comes after an early answer (a limit was met) is not sent
        any more."""
        whole = memoryview(piece)
        for start in range(0, len(whole), FRAME_BYTES):
            if self._early:
                return
            self._feed_frame(whole[start : start + FRAME_BYTES])
            alive()

    def _feed_frame(self, frame: memoryview) -> None:
        if not self._has_answered():
            try:
                self._socket.sendall(len(frame).to_bytes(4) + frame)
            except OSError as error:
                # It closed, or answered and reads no more, so that what is sent waits: it may have said why.
                if not self._has_answered():
                    raise ScannerFault(f"cut: {type(error).__name__}") from error
            else:
                return
        self._early = self._early_answer()

    def verdict(self, alive: Callable[[], None] = lambda: None) -> Verdict:
        """After the last piece. `alive` is called every few seconds, and may raise to give up."""
        if not self._early and self._has_answered():
            self._early = self._early_answer()
        if self._early:
            return self._early
        try:
            self._socket.sendall(bytes(4))
        except OSError as error:
            raise ScannerFault(f"cut: {type(error).__name__}") from error
        return _read(self._answer(alive))

    def _has_answered(self) -> bool:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def _early_answer(self) -> Verdict:
        """Before it was given the end: it may have met a limit, or a virus; it cannot have found nothing."""
        verdict = _read(self._answer(lambda: None))
        if verdict.outcome is Outcome.CLEAN:
            raise ScannerFault("it found nothing in what it had not read")
        return verdict

    def _answer(self, alive: Callable[[], None]) -> str:
        said, deadline = b"", time.monotonic() + self._patience
        while not said.endswith(b"\0") and len(said) <= LONGEST_ANSWER_BYTES:
            rest = deadline - time.monotonic()
            if rest <= 0:
                raise ScannerFault("no answer in time")
            alive()
            self._socket.settimeout(min(rest, BREATH_SECONDS))
            try:
                piece = self._socket.recv(LONGEST_ANSWER_BYTES)
            except TimeoutError:
                continue
            except OSError as error:
                raise ScannerFault(f"cut: {type(error).__name__}") from error
            if not piece:
                raise ScannerFault("it hung up")
            said += piece
        return said.rstrip(b"\0").decode(errors="replace")


def _read(answer: str) -> Verdict:
    if answer == "stream: OK":
        return Verdict(Outcome.CLEAN)
    if match := _FOUND.fullmatch(answer):
        name = match["name"]
        return Verdict(Outcome.UNSCANNABLE if _NOT_LOOKED_AT.match(name) else Outcome.INFECTED, name)
    if answer == "INSTREAM size limit exceeded. ERROR":
        return Verdict(Outcome.UNSCANNABLE, "StreamMaxLength")
    # What it says may quote anything; only the kind is told on.
    raise ScannerFault("an error of its own" if answer.endswith("ERROR") else "nonsense")
