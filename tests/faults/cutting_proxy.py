"""A wire that breaks: forwards to a server, and makes a fault after a random number of bytes."""

import random
import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class CuttingProxy:
    """Makes `cuts` faults, one a connection, after between `least` and `most` of its bytes; then none.

    `up` counts what the client sends, else what the server does. The fault itself is that the connection is
    cut; `fault(target)` may do worse first. What the proxy has read and not sent on yet is lost, as on a wire.
    Each connection goes to the next of the `targets`: behind one address there may be several nodes.
    """

    def __init__(
        self,
        *targets: tuple[str, int],
        cuts: int,
        least: int = 1,
        most: int = 3_000_000,
        up: bool = True,
        fault: Callable[[int], None] = lambda target: None,
        seed: int = 20261127,
    ) -> None:
        self.targets, self.cuts_left, self.cuts = targets, cuts, 0
        self._range, self._dice, self._up, self._fault = (least, most), random.Random(seed), up, fault
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(30)

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            target = len(self._threads) % len(self.targets)
            thread = threading.Thread(target=self._serve, args=[client, target], daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, client: socket.socket, target: int) -> None:
        with client, suppress(OSError), socket.create_connection(self.targets[target]) as server:
            after = self._dice.randint(*self._range) if self.cuts_left > 0 else None
            up, down = (after, None) if self._up else (None, after)
            back = threading.Thread(target=self._pump, args=[server, client, down, target], daemon=True)
            back.start()
            self._pump(client, server, up, target)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket, after: int | None, number: int) -> None:
        passed = 0
        with suppress(OSError):
            while piece := source.recv(16_384):
                passed += len(piece)
                if after is not None and passed > after and self._is_due():
                    self._fault(number)
                    break
                target.sendall(piece)
            else:
                target.shutdown(socket.SHUT_WR)
                return
        # Wakes whoever still reads from either end.
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _is_due(self) -> bool:
        with self._lock:
            if self.cuts_left > 0:
                self.cuts, self.cuts_left = self.cuts + 1, self.cuts_left - 1
                return True
        return False
