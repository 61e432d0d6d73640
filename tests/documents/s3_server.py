"""A real S3 server on this machine: `rclone serve s3` over a folder; and a relay that makes it slow or cuts it."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

PROGRAM = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
BUCKET = "sealed"
ACCESS_KEY, SECRET_KEY = "connexion-tests-key", "connexion-tests-secret"


class S3Server:
    """`kill` and `start` it as often as one likes: the folder and the port stay."""

    def __init__(self, folder: Path) -> None:
        (folder / BUCKET).mkdir(parents=True)
        self.folder = folder
        self.port = _free_port()
        self.start()

    def start(self) -> None:
        assert PROGRAM
        address = f"127.0.0.1:{self.port}"
        command = [PROGRAM, "serve", "s3", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--addr", address]
        command += ["--config", "/dev/null", "--vfs-cache-mode", "off", str(self.folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(1200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError("rclone did not start.")

    def kill(self) -> None:
        process = self._process  # another thread may start the next one as soon as this one is dead
        process.kill()
        process.wait()


class Relay:
    """Passes every connection on; `on_bytes(total)` is told how many went up and may sleep, kill, or cut by raising."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.on_bytes: Callable[[int], None] = lambda total: None
        self.total = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    client.close()
                    continue
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=[source, sink], daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                self.total += len(piece)
                self.on_bytes(self.total)
                sink.sendall(piece)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3Server]:
    """For a module that takes it by name, as it does `relay`."""
    server = S3Server(tmp_path / "s3")
    yield server
    server.kill()


@pytest.fixture
def relay(s3: S3Server) -> Iterator[Relay]:
    relay = Relay(s3.port)
    yield relay
    relay.close()


def s3_options(port: int, *, patience: float = 5) -> dict[str, Any]:
    """As `docs/configure.md` writes them, for this server; a silence of `patience` seconds is waited for."""
    from botocore.config import Config

    return {
        "bucket_name": BUCKET,
        "endpoint_url": f"http://127.0.0.1:{port}",
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        "region_name": "us-east-1",
        "file_overwrite": False,
        "default_acl": None,
        "querystring_auth": False,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=patience,
            read_timeout=patience,
            retries={"total_max_attempts": 2},
        ),
    }


def s3_storage(port: int, *, location: str = "", patience: float = 20) -> Any:
    from storages.backends.s3 import S3Storage

    return S3Storage(location=location, **s3_options(port, patience=patience))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
