"""Epoch keys that this process has read lately. For reading only: whatever wraps asks row and store anew."""

import threading
import time
from uuid import UUID

CACHE_SECONDS = 300
CACHE_ENTRIES = 4096


class KeyCache:
    """Keys by epoch, for some minutes; a key that is gone is remembered as None, so that thirty expired
    titles do not ask thirty times."""

    def __init__(self, seconds: float = CACHE_SECONDS, entries: int = CACHE_ENTRIES) -> None:
        self._seconds = seconds
        self._entries = entries
        self._kept: dict[UUID, tuple[float, bytes | None]] = {}
        self._lock = threading.Lock()

    def get(self, epoch_id: UUID) -> bytes | None:
        """The key, or None for one that is gone. Raises KeyError when nothing is known, or no longer."""
        kept_at, key = self._kept[epoch_id]
        if time.monotonic() - kept_at >= self._seconds:
            self.drop(epoch_id)
            raise KeyError(epoch_id)
        return key

    def __contains__(self, epoch_id: UUID) -> bool:
        try:
            self.get(epoch_id)
        except KeyError:
            return False
        return True

    def keep(self, epoch_id: UUID, key: bytes | None) -> None:
        with self._lock:
            self._kept.pop(epoch_id, None)
            while len(self._kept) >= self._entries:
                del self._kept[next(iter(self._kept))]  # the oldest: a dictionary keeps its order
            self._kept[epoch_id] = (time.monotonic(), key)

    def drop(self, epoch_id: UUID) -> None:
        with self._lock:
            self._kept.pop(epoch_id, None)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
