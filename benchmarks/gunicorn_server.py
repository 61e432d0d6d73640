"""One gunicorn with threads, on this machine, whose worker can be watched."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Server:
    """A context manager: inside it the server answers at `address`, outside it is gone."""

    def __init__(
        self,
        application: str,
        *,
        folder: Path,
        workers: int = 1,
        threads: int = 8,
        environment: dict[str, str] | None = None,
    ):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = probe.getsockname()
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self._log = folder / "gunicorn.log"
        self._command = [
            *(sys.executable, "-m", "gunicorn", application, "--bind", "{}:{}".format(*self.address)),
            *(
                "--worker-class",
                "gthread",
                "--workers",
                str(workers),
                "--threads",
                str(threads),
                "--timeout",
                "120",
            ),
            *("--keep-alive", "60"),  # behind nginx, whose connections stay open
            *("--worker-tmp-dir", "/dev/shm", "--no-control-socket"),
        ]
        self._environment = {
            **os.environ,
            "TMPDIR": str(self.temporary),
            "CONNEXION_VAR": str(folder),
            "PYTHONPATH": str(ROOT),
            # The floors' too. As docs/operate.md has it: without them glibc gives memory back and asks for it anew at
            # each piece, or does not, by how the heap happens to lie; a floor took one second or three.
            "MALLOC_TRIM_THRESHOLD_": "4194304",
            "MALLOC_MMAP_THRESHOLD_": "2097152",
            "MALLOC_ARENA_MAX": "2",
            **(environment or {}),
        }

    def __enter__(self) -> "Server":
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
            )
        for _ in range(300):
            try:
                socket.create_connection(self.address, timeout=1).close()
                break
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        else:
            self.__exit__()
        if self._process.poll() is not None:
            raise RuntimeError(f"gunicorn did not start:\n{self._log.read_text()}")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=60)

    @property
    def worker(self) -> int:
        """The process that answers."""
        master = self._process.pid
        return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])

    def memory(self, line: str = "VmRSS") -> int:
        """Bytes: `VmRSS` now, `VmHWM` at most since `forget_peak`."""
        for row in Path(f"/proc/{self.worker}/status").read_text().splitlines():
            if row.startswith(f"{line}:"):
                return int(row.split()[1]) * 1024
        raise LookupError(line)

    def forget_peak(self) -> None:
        Path(f"/proc/{self.worker}/clear_refs").write_text("5")

    def bytes_written(self) -> int:
        """What the worker gave to write() since it started: files, and no sockets."""
        rows = Path(f"/proc/{self.worker}/io").read_text().splitlines()
        return int(dict(row.split(": ") for row in rows)["wchar"])

    def cpu_seconds(self) -> float:
        """Of the worker since it started, its own and the kernel's for it."""
        user, kernel = Path(f"/proc/{self.worker}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(kernel)) / os.sysconf("SC_CLK_TCK")

    def open_temporary_bytes(self) -> int:
        """Bytes in files of the temporary folder, also in those that are open and have no name any more.

        Not counted: what Python's multiprocessing and gunicorn themselves keep open in shared memory.
        """
        total = sum(path.stat().st_size for path in self.temporary.rglob("*") if path.is_file())
        for link in Path(f"/proc/{self.worker}/fd").iterdir():
            try:
                target = os.readlink(link)
                if "(deleted)" in target and str(Path(target).parent) != "/dev/shm":
                    total += link.stat().st_size
            except FileNotFoundError:
                continue
        return total
