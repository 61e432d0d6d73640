"""Is this the storage of documents? A folder that is not mounted looks like one that has lost them all.

A file in it says so, and whose it is: of two installations that were given one storage, neither may take the other's
documents for its own strays. It is made once, before the first document of all is stored, and a row says that it was
(`models.StorageMark`); never again by itself: in what lies beneath a mount that is missing, it would let documents
vanish when the mount comes back. Other storages than folders say themselves that they cannot be reached, and have it
for that other question alone.
"""

import logging
import os
from collections.abc import Callable
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage

from connexion_plugin.exceptions import StorageTrouble, StorageUnreachable

MARK = "connexion-documents"
LONGEST_MARK = 100
_ours: set[str] = set()  # marks that were found to be ours: each part asks, and the answer stays
_whose: Callable[[], UUID | None] | None = None
logger = logging.getLogger(__name__)


def ask_whose(ask: Callable[[], UUID | None]) -> None:
    """`ask` gives the id of this installation, as its database knows it, or None: nothing here knows rows."""
    global _whose
    _whose = ask


def is_there(storage: Storage) -> bool:
    """Whether this is the storage that holds what the database speaks of. An empty mark says so of any."""
    if not isinstance(storage, FileSystemStorage):
        return True
    written = _written_in(storage)
    return written is not None and (not written or _is_ours(written))


def is_marked_as_ours(storage: Storage) -> bool:
    """Whether the storage says that it is this installation's: what no row knows there is then nobody's.

    Raises StorageUnreachable.
    """
    written = _read(storage)
    return bool(written) and _is_ours(str(written))


def is_marked(storage: Storage) -> bool:
    """Whether anybody's mark is in it. Raises StorageUnreachable."""
    return _read(storage) is not None


def make(storage: Storage, installation: UUID | None = None, *, signs: bool = False) -> None:
    """Marks the storage as the one of this installation; may be repeated. `signs` says whose one is that says nothing.

    Raises StorageTrouble, where it is another's too.
    """
    text = installation.hex if installation else ""
    try:
        written = _read(storage)
        if written is None or (signs and not written):
            written = _write(storage, text, is_new=written is None)
    except (OSError, StorageUnreachable) as error:
        logger.error("the storage of documents failed: %s", type(error).__name__)
        raise StorageTrouble from error
    if text and written not in {"", text}:
        logger.error("the storage of documents is another installation's, by its file %s", MARK)
        raise StorageTrouble


def require_to_read(storage: Storage) -> None:
    """Raises StorageUnreachable: nothing that is missing there says anything about a document."""
    if not is_there(storage):
        _tell()
        raise StorageUnreachable


def require_to_write(storage: Storage) -> None:
    """Raises StorageTrouble: what is written there would vanish."""
    if not is_there(storage):
        _tell()
        raise StorageTrouble


def _tell() -> None:
    logger.error("the storage of documents is not there: no file %s of ours in it; is it mounted?", MARK)


def _is_ours(written: str) -> bool:
    if written not in _ours and _whose and (ours := _whose()) and written == ours.hex:
        _ours.add(written)
    return written in _ours


def _written_in(storage: FileSystemStorage) -> str | None:
    """What the mark of a folder says; None where there is none, or no folder."""
    try:
        with open(storage.path(MARK), encoding="ascii", errors="replace") as file:
            return file.read(LONGEST_MARK).strip()
    except OSError:
        return None


def _read(storage: Storage) -> str | None:
    """The same of any storage. Raises StorageUnreachable."""
    if isinstance(storage, FileSystemStorage):
        return _written_in(storage)
    try:
        if not storage.exists(MARK):
            return None
        with storage.open(MARK) as file:
            return str(file.read(LONGEST_MARK), "ascii", "replace").strip()
    except Exception as error:
        logger.error("the storage of documents failed: %s", type(error).__name__)
        raise StorageUnreachable from error


def _write(storage: Storage, text: str, *, is_new: bool) -> str:
    """Gives what is written there afterwards: where two make the first one, it is one's."""
    if not isinstance(storage, FileSystemStorage):
        if not is_new:
            storage.delete(MARK)
        saved = storage.save(MARK, ContentFile(text.encode()))
        if saved != MARK:
            storage.delete(saved)
        return _read(storage) or ""
    os.makedirs(storage.location, exist_ok=True)
    try:
        descriptor = os.open(
            storage.path(MARK), os.O_WRONLY | os.O_CREAT | (os.O_EXCL if is_new else 0), 0o600
        )
    except FileExistsError:
        return _read(storage) or ""
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return text
