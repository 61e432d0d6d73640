"""Backups of the key store: sealed as it is, kept apart, and for a day at most, or expiry waits for them."""

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from connexion_plugin.exceptions import Tampered
from connexion_plugin.models import EpochKey
from connexion_plugin.sealing import destruction, durable, keys
from connexion_plugin.sealing.destruction import Turn
from connexion_plugin.sealing.stores import key_store


@dataclass(frozen=True)
class Restoration:
    """Keys put back; keys left out because they were destroyed or are there; what was destroyed at once."""

    put_back: int
    left_out: int
    turn: Turn


def back_up(target: Path) -> int:
    """Write the store, sealed by the master key, into a new file. Returns how many keys it holds.

    Raises FileExistsError rather than overwrite a backup.
    """
    store = key_store()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            _add(archive, "destroyed", "\n".join(sorted(store.destroyed_ids())).encode())
            count = 0
            for file_id in sorted(store.file_ids()):
                with suppress(FileNotFoundError):  # destroyed meanwhile
                    _add(archive, f"keys/{file_id}", store.read_sealed(file_id))
                    count += 1
        file.flush()
        os.fsync(file.fileno())
    durable.sync_folder(target.absolute().parent)
    return count


def restore(source: Path, *, now: datetime) -> Restoration:
    """Put back the keys that a backup holds, except what was destroyed since, here or according to the
    database; then destroy what was due. Raises Tampered when the backup is another master key's."""
    store = key_store()
    try:
        with tarfile.open(source) as archive:
            files = dict(_read(archive))
    except tarfile.ReadError as error:
        raise Tampered(f"not a backup: {source}") from error
    store.remember_destroyed(files.pop("destroyed", b"").decode().split())
    destroyed = EpochKey.objects.filter(state=EpochKey.State.DESTROYED)
    store.remember_destroyed(destroyed.values_list("file_id", flat=True))
    put_back = sum(store.put_back(file_id, sealed) for file_id, sealed in files.items())
    keys.forget()
    return Restoration(put_back, len(files) - put_back, destruction.take_turn(now=now))


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def _read(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """Contents by file name; nothing is unpacked, so that no name in it can lead elsewhere."""
    for member in archive:
        if content := archive.extractfile(member):
            yield PurePosixPath(member.name).name, content.read()
