"""Parts of a document read one ahead: the next one comes from the storage while one is unsealed and sent.

Each would be waited for between two parts otherwise. A folder's comes into the memory of the system, which needs only
to be told; another storage's is fetched by a thread (docs/decisions.md, 97).
"""

import os
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from mmap import mmap
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import UUID

from django.core.files.storage import FileSystemStorage, Storage

from connexion_plugin.documents.parts import advise, fill_with_part, part_name, read_stretches, reading
from connexion_plugin.sealing.segments import PART_BYTES, SEALED_PART_BYTES, SEALED_SEGMENT_BYTES, Manifest

# What is read of a folder's part at once: unsealed while it lies in the cache of the processor.
STRETCH_BYTES = 4 * SEALED_SEGMENT_BYTES
# A part that comes sooner lies in memory: to tell the system about the next one would help nobody.
QUICK_SECONDS = 0.003
SLOW_SECONDS = 1.0  # of waiting for a thread that fails in the end: to ask again is to wait again
AT_ONCE = 4  # threads of a process, whatever it hands out; who finds none free reads by itself


class PartsAhead:
    """What `unseal_range` asks for the parts up to the one of byte `stop`; a context manager, so that nothing is read
    for a reader who has gone. Holds a stretch of a folder's part in memory, and two parts of another storage."""

    def __init__(self, *, storage: Storage, document: UUID, manifest: Manifest, stop: int) -> None:
        self._storage, self._document, self._manifest = storage, document, manifest
        self._last = (stop - 1) // PART_BYTES
        self._folder = storage if isinstance(storage, FileSystemStorage) else None
        # What is never written to takes no memory.
        self._buffers = [memoryview(mmap(-1, SEALED_PART_BYTES + 1)) for _ in range(2)]
        self._ahead: tuple[int, Future[memoryview]] | None = None
        self._is_waiting = False  # for the disk, once at least

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ahead:
            self._ahead[1].cancel()

    def read(self, index: int, length: int) -> Generator[memoryview]:
        """The part, and one byte more if it is longer; each stretch until the next. Errors as `read_stretches`."""
        if self._folder:
            yield from self._of_folder(self._folder, index, length)
            return
        sealed = self._taken(index)
        if sealed is None:
            with reading(self._storage, self._document, index):
                sealed = fill_with_part(
                    self._storage, self._document, index, self._buffers[index % 2][: length + 1]
                )
        if index < self._last:
            self._fetch(index + 1)
        yield sealed

    def _of_folder(self, folder: FileSystemStorage, index: int, length: int) -> Generator[memoryview]:
        waited, began = 0.0, monotonic()
        room = self._buffers[0][:STRETCH_BYTES]
        for stretch in read_stretches(folder, self._document, index, room, length):
            waited += monotonic() - began
            yield stretch
            began = monotonic()
        self._is_waiting |= waited > QUICK_SECONDS
        if self._is_waiting and index < self._last:
            # Linux reads it by itself, where it has not been read; whoever opens it next finds what is wrong.
            with suppress(OSError):
                advise(folder.path(part_name(self._document, index + 1)), "POSIX_FADV_WILLNEED")

    def _fetch(self, index: int) -> None:
        room = self._buffers[index % 2][: self._manifest.sealed_bytes_in(index) + 1]
        coming = _readers().submit(fill_with_part, self._storage, self._document, index, room)
        self._ahead = index, coming

    def _taken(self, index: int) -> memoryview | None:
        """What was read ahead. None where no thread came to it, or something was wrong: who asks then finds out what,
        and says it; but is told what the thread was, where that took long to come."""
        (what, coming), self._ahead = self._ahead or (None, None), None
        if coming is None or coming.cancel() or what != index:
            return None
        began = monotonic()
        error = coming.exception()
        if error and monotonic() - began > SLOW_SECONDS:
            with reading(self._storage, self._document, index):
                raise error
        return None if error else coming.result()


@lru_cache(maxsize=1)
def _readers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "read-ahead")


# A process that was forked has the pool and none of its threads, and would wait for them.
os.register_at_fork(after_in_child=_readers.cache_clear)
