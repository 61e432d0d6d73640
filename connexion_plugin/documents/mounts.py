"""Is the folder of documents there? One that is not mounted looks like one that has lost them all.

A file in it says so. It is made once, before the first document of all is stored, and never again by itself: in
what lies beneath a mount that is missing, it would let documents vanish when the mount comes back. Other storages
say themselves that they cannot be reached.
"""

import logging
import os

from django.core.files.storage import FileSystemStorage, Storage

from connexion_plugin.exceptions import StorageTrouble, StorageUnreachable

MARK = "connexion-documents"
logger = logging.getLogger(__name__)


def is_there(storage: Storage) -> bool:
    """Whether this is the storage that holds what the database speaks of."""
    return not isinstance(storage, FileSystemStorage) or os.path.exists(storage.path(MARK))


def make(storage: Storage) -> None:
    """Marks an empty folder as the one of this installation; may be repeated. Raises StorageTrouble."""
    if not isinstance(storage, FileSystemStorage):
        return
    try:
        os.makedirs(storage.location, exist_ok=True)
        descriptor = os.open(storage.path(MARK), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        logger.error("the storage of documents failed: %s", type(error).__name__)
        raise StorageTrouble from error


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
    logger.error("the storage of documents is not there: no file %s in it; is it mounted?", MARK)
