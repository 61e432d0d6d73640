"""Sealed parts as ordinary objects of `STORAGES["connexion"]`, any Django storage (sealing.md).

An object is named `<attachment's id in hex>/<index>`: nothing in storage tells what a document is.
"""

import errno
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import RawIOBase
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.translation import gettext_lazy as _

from connexion_plugin.documents import mounts
from connexion_plugin.exceptions import ConnexionError, StorageTrouble, StorageUnreachable
from connexion_plugin.sealing.segments import DocumentDamaged

logger = logging.getLogger(__name__)

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SYNCED_AT_ONCE = 4  # threads; those of a form with many documents need not all wait at once


class StorageFull(ConnexionError):
    """No room for a part; what was written of the document is to be deleted (goals.md, row 4)."""

    sentence = _("There is no room left to keep documents. None of them was kept; please try again later.")


class _Memory(RawIOBase):
    """A file over memory that is not copied, but for what is read of it."""

    def __init__(self, memory: bytes | memoryview) -> None:
        self._memory, self._place = memoryview(memory), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._place = offset + (0, self._place, len(self._memory))[whence]
        return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        stop = len(self._memory) if size is None or size < 0 else self._place + size
        piece = bytes(self._memory[self._place : stop])
        self._place += len(piece)
        return piece


class _Part(File):  # type: ignore[type-arg]
    """One part, given to a folder whole: Django would hand it on in copies of 64 KiB."""

    def __init__(self, sealed: bytes | memoryview) -> None:
        super().__init__(_Memory(sealed))  # type: ignore[arg-type]
        self._sealed, self.size = sealed, len(sealed)

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]:
        yield b""  # by the first chunk's type Django's storage knows that this is no text
        yield self._sealed


def sealed_storage() -> Storage:
    """The storage of sealed parts; never the default one, which is served."""
    return storages["connexion"]


def part_name(document: UUID, index: int | str) -> str:
    return f"{document.hex}/{index}"


def write_part(
    storage: Storage,
    document: UUID,
    index: int | str,
    sealed: bytes | memoryview,
    *,
    require_replacing: Callable[[], None] = lambda: None,
) -> None:
    """Store one part under its own name, in place of what a cut upload may have left there.

    `require_replacing` is asked before anything is replaced, and raises where it may not be. Raises StorageFull when
    there is no room, OSError or the storage's own exception for the rest.
    """
    name = part_name(document, index)
    try:
        saved = storage.save(name, _Part(sealed))
        if saved != name:
            # Django never overwrites, it invents another name: an earlier sending left this part.
            storage.delete(saved)
            require_replacing()
            storage.delete(name)
            saved = storage.save(name, _Part(sealed))
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(f"no room for part {index} of document {document}") from error
        raise
    if saved != name:
        storage.delete(saved)
        raise FileExistsError(f"Part {index} of document {document} is being written by somebody else.")


def keep_part(
    storage: Storage,
    document: UUID,
    index: int | str,
    sealed: bytes | memoryview,
    *,
    require_replacing: Callable[[], None] = lambda: None,
) -> None:
    """`write_part`; raises StorageFull, or StorageTrouble for any other failure, and leaves no half behind."""
    mounts.require_to_write(storage)
    try:
        with _telling(document):
            write_part(storage, document, index, sealed, require_replacing=require_replacing)
            _begin_to_keep(storage, part_name(document, index))
    except (StorageFull, StorageTrouble):
        _drop_halves(storage, document, index, len(sealed))
        raise


def _begin_to_keep(storage: Storage, name: str) -> None:
    """Lets the disk begin while the next part comes, so that `make_durable` waits for little."""
    if isinstance(storage, FileSystemStorage):
        # Linux starts to write what is not on disk yet; what is read again soon stays, as it is not clean.
        advise(storage.path(name), "POSIX_FADV_DONTNEED")


def advise(path: str, advice: str) -> None:
    """Tells the system what comes next of a file, where it listens. Raises OSError when there is none."""
    if not hasattr(os, "posix_fadvise"):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, getattr(os, advice))
    finally:
        os.close(descriptor)


@contextmanager
def _telling(document: UUID) -> Iterator[None]:
    """Only the type of a failure is logged: its text may hold anything."""
    try:
        yield
    except ConnexionError:
        raise
    except Exception as error:
        logger.error("document %s: the storage failed: %s", document, type(error).__name__)
        raise StorageTrouble from error


def _drop_halves(storage: Storage, document: UUID, index: int | str, length: int) -> None:
    """What a failed write left of a part takes room that is needed; whole ones may be another request's."""
    try:
        _folders, names = storage.listdir(document.hex)
        for name in names:
            half = f"{document.hex}/{name}"
            # Django's storages put an underscore after a name that is taken.
            if name.split("_")[0] == str(index) and storage.size(half) != length:
                storage.delete(half)
    except Exception as error:
        logger.warning("document %s: half a part may stay: %s", document, type(error).__name__)


def make_durable(
    storage: Storage, document: UUID, indices: Iterable[int | str], *, is_new: bool = True
) -> None:
    """On disk when this returns, where the storage is a folder; other storages answer for themselves.

    Several at once, and side by side: the disk then settles them in one go, where one after the other each waits for
    it anew. One look at their folder is enough for all, and at the folder that it lies in while `is_new`. Raises
    StorageFull, since some file systems only find out now, or StorageTrouble. After either, none of these parts may be
    counted on, whatever a second try says.
    """
    if not isinstance(storage, FileSystemStorage):
        return
    paths = [storage.path(part_name(document, index)) for index in indices]
    folders = [storage.path(document.hex)] if paths else []
    if is_new:
        folders += [os.path.dirname(folder) for folder in folders]
    with _telling(document), ThreadPoolExecutor(SYNCED_AT_ONCE, "sync") as waiting:
        try:
            for _done in waiting.map(_sync, [*paths, *folders]):
                pass
        except OSError as error:
            if error.errno in _FULL:
                raise StorageFull(f"no room for document {document}") from error
            raise


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_part(storage: Storage, document: UUID, index: int | str, length: int) -> bytes:
    """A part of this length, and one byte more if it is longer.

    Raises DocumentDamaged when it is gone, StorageUnreachable when the storage fails in any other way.
    """
    with reading(storage, document, index), storage.open(part_name(document, index)) as part:
        sealed: bytes = part.read(length + 1)
    return sealed


def read_stretches(
    storage: Storage, document: UUID, index: int, buffer: memoryview, length: int
) -> Iterator[memoryview]:
    """The same, a buffer full at once and the rest at last; each is there until the next. Errors as `read_part`."""
    missing = length + 1
    with reading(storage, document, index), storage.open(part_name(document, index)) as part:
        while missing and (stretch := _filled(part, buffer[:missing])):
            yield stretch
            missing -= len(stretch)


def fill_with_part(storage: Storage, document: UUID, index: int, buffer: memoryview) -> memoryview:
    """What the buffer takes of a part, for whoever does not need to know what is wrong: raises what the storage
    raises, says nothing, and asks no database."""
    with storage.open(part_name(document, index)) as part:
        return _filled(part, buffer)


def _filled(part: File, buffer: memoryview) -> memoryview:  # type: ignore[type-arg]
    filled = 0
    readinto = getattr(part.file, "readinto", None)
    if readinto is not None:
        while filled < len(buffer) and (count := readinto(buffer[filled:])):
            filled += count
    else:
        sealed = part.read(len(buffer))
        filled = len(sealed)
        buffer[:filled] = sealed
    return buffer[:filled]


@contextmanager
def reading(storage: Storage, document: UUID, index: int | str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        mounts.require_to_read(storage)
        raise DocumentDamaged(f"part {index} of document {document} is gone") from error
    except Exception as error:
        logger.error("document %s: the storage failed: %s", document, type(error).__name__)
        raise StorageUnreachable from error


def delete_parts(storage: Storage, document: UUID) -> None:
    """Delete all that is stored of a document; may be repeated, and does not mind what is gone already.

    Raises StorageUnreachable where the storage is not there: who believed all to be deleted would forget it.
    """
    folder = document.hex
    try:
        _folders, names = storage.listdir(folder)
    except FileNotFoundError:
        mounts.require_to_read(storage)
        return
    for name in names:
        storage.delete(f"{folder}/{name}")
    try:
        # A folder is left by storages that have folders; the others find nothing of this name, or mind it in
        # ways of their own. The parts are gone by now.
        storage.delete(folder)
    except Exception:
        logger.warning("The emptied folder of document %s could not be removed.", document)
