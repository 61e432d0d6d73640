"""A real clamd with a signature database of one line; and one that misbehaves as told."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PROGRAM = shutil.which("clamd") or "/usr/sbin/clamd"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
# Small, so that tests can pass them; one like the other, as `docs/operate.md` wants them.
AS_ADVISED = {
    "StreamMaxLength": "24M",
    "MaxFileSize": "20M",
    "MaxScanSize": "20M",
    "AlertExceedsMax": "yes",
    "PCREMaxFileSize": "20M",
    "MaxHTMLNormalize": "20M",
    "MaxHTMLNoTags": "20M",
    "MaxScriptNormalize": "20M",
}


class RealClamd:
    """Debian's clamav-daemon. Its folder is short: a socket's path may not be long."""

    def __init__(self, **options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clamd-", dir="/dev/shm"))
        self.address = str(self.folder / "clamd.sock")
        (self.folder / "db").mkdir()
        (self.folder / "db" / "ours.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
        settings = {
            "LocalSocket": self.address,
            "Foreground": "yes",
            "DatabaseDirectory": self.folder / "db",
            "TemporaryDirectory": self.folder,
            **({"User": pwd.getpwuid(0).pw_name} if os.geteuid() == 0 else {}),
            **AS_ADVISED,
            **options,
        }
        self._configuration = self.folder / "clamd.conf"
        self._configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.start()

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "-c", str(self._configuration)], stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(300):
            with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(self.address)
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"clamd did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


HANG, DROP, DROP_EARLY = "hang", "drop", "drop before the end"
Behaviour = Callable[[bytes], str]  # the whole document -> an answer, or one of the above


class FakeClamd:
    """Answers the questions of `scanner_trust` as a good one would, and the document as it is told.

    With `early` it answers after the first piece; `received` are the documents that came whole.
    """

    def __init__(self, behaviour: Behaviour = lambda document: "stream: OK") -> None:
        self.behaviour = behaviour
        self.early: str | None = None
        self.received: list[bytes] = []
        self._folder = tempfile.mkdtemp(prefix="clamd-", dir="/dev/shm")
        self.address = f"{self._folder}/fake.sock"
        self._over = threading.Event()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.address)
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            lines.read(len(b"zINSTREAM\0"))
            document = b""
            while (head := lines.read(4)) != bytes(4):
                if not head:
                    return  # the other one gave up
                document += lines.read(int.from_bytes(head))
                if not _is_question(document):
                    if self.early is not None:
                        connection.sendall(self.early.encode() + b"\0")
                        self._over.wait(1)
                        return
                    if self.behaviour(document) == DROP_EARLY:
                        return
            answer = self._answer(document)
            if answer == HANG:
                self._over.wait(30)
            elif answer != DROP:
                connection.sendall(answer.encode() + b"\0")

    def _answer(self, document: bytes) -> str:
        if document == EICAR:
            return "stream: Eicar FOUND"
        if _is_question(document):
            return "stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND"
        self.received.append(document)
        return self.behaviour(document)


def _is_question(document: bytes) -> bool:
    return document.startswith((EICAR, b"PK"))
