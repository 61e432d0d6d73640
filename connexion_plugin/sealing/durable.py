"""Files that are there, whole, after a power cut: the order of calls that a file system asks for."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY_SUFFIX = ".new"


def write_once(path: Path, content: bytes) -> None:
    """Create `path`, never replace it: FileExistsError when another node was first.

    `os.link` and not `os.rename`: with rename, eight processes lost each other's key (sealing.md).
    """
    temporary = _write_temporary(path.parent, content)
    try:
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of what `path` holds; a reader sees the one or the other, whole."""
    temporary = _write_temporary(path.parent, content)
    try:
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def append_line(path: Path, line: str) -> None:
    """Add a line, on disk when this returns. It begins with a line end, lest it continue one that was cut."""
    with path.open("ab") as file:
        file.write(f"\n{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def overwrite_and_unlink(path: Path) -> None:
    """Random bytes over the old ones, then no name for them. A disk that remaps sectors may keep a copy:
    it is sealed by the master key all the same."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone among all processes, and nodes where the file system carries locks (NFS 4 does)."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_temporary(folder: Path, content: bytes) -> Path:
    temporary = folder / f"{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary
