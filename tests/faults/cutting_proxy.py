"""A wire that breaks: forwards to a server, and cuts connections after a random number of bytes."""

import random
import socket
import threading
from contextlib import suppress


class CuttingProxy:
    """Cuts `cuts` connections, each after between `least` and `most` bytes of what the client sends; then none.

    What the proxy has read and not sent on yet is lost, as on a wire.
    """

    def __init__(self, to, *, cuts, least=20_000, most=3_000_000, seed=20261127):
        self.to, self.cuts_left, self.cuts = to, cuts, 0
        self._range, self._dice = (least, most), random.Random(seed)
        self._threads = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(30)

    def _accept(self):
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=[client], daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, client):
        with client, socket.create_connection(self.to) as server:
            back = threading.Thread(target=self._pump, args=[server, client, None], daemon=True)
            back.start()
            after = self._dice.randint(*self._range) if self.cuts_left > 0 else None
            if self._pump(client, server, after):
                self.cuts, self.cuts_left = self.cuts + 1, self.cuts_left - 1
            # Wakes whoever still reads from either end.
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join()

    def _pump(self, source, target, after):
        """True when it stopped because of the cut."""
        passed = 0
        with suppress(OSError):
            while piece := source.recv(16_384):
                passed += len(piece)
                if after is not None and passed > after:
                    return self.cuts_left > 0
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        return False
