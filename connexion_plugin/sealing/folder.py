"""The key store that is a folder: one small file a key, named at random, sealed by the master key.

store       says that this is a key store, and by which master key it is sealed
keys/       one file an epoch key
destroyed   the names of all that were destroyed, one a line: a restored copy of them is refused
watch       when the store last looked at the clock
lock        held while a key is destroyed or sealed anew
"""

import math
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from connexion_plugin.exceptions import KeyGone, KeyStoreFault, Tampered
from connexion_plugin.sealing import durable, records, text
from connexion_plugin.sealing.key_store import Observation, StoredKey
from connexion_plugin.sealing.watch import Watch

STORE_MARK = b"Connexion key store, format 1"
KEY_SUFFIX = ".key"
FILE_ID = re.compile("[0-9a-f]{32}")


class FolderKeyStore:
    """Opens loudly or not at all: KeyStoreFault when the folder is no key store, or another master key's."""

    def __init__(self, folder: Path, master_key: bytes, previous_master_keys: tuple[bytes, ...] = ()) -> None:
        self.folder = folder
        self._master_keys = (master_key, *previous_master_keys)
        self._keys = folder / "keys"
        self._require_mount()
        try:
            mark = self._open((folder / "store").read_bytes(), _store_context())
        except Tampered:
            raise KeyStoreFault(
                f"The key store {folder} is sealed by another master key. Likely: MASTER_KEY was changed and "
                "the old one is not in PREVIOUS_MASTER_KEYS, or KEY_STORE is another installation's folder."
            ) from None
        if mark != STORE_MARK:
            raise KeyStoreFault(f"The key store {folder} has a format that this version does not know.")

    @classmethod
    def initialize(cls, folder: Path, master_key: bytes) -> "FolderKeyStore":
        """Make an empty store, or open the one that is there. Only on request: an unmounted folder must not
        become an empty store in silence."""
        (folder / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if not (folder / "store").exists():
            mark = text.seal_bytes(key=master_key, plain=STORE_MARK, context=_store_context())
            with suppress(FileExistsError):
                durable.write_once(folder / "store", mark)
        return cls(folder, master_key)

    # Reading

    def read(self, file_id: str) -> StoredKey:
        try:
            sealed = self._path(file_id).read_bytes()
        except FileNotFoundError:
            self._require_mount()
            raise KeyGone(file_id) from None
        except OSError as error:
            raise KeyStoreFault(f"The key store {self.folder} cannot be read: {error.strerror}") from error
        return _unpack(self._open(sealed, _key_context(file_id)))

    def read_sealed(self, file_id: str) -> bytes:
        """As it lies there, for a backup. Raises FileNotFoundError."""
        return self._path(file_id).read_bytes()

    def file_ids(self) -> set[str]:
        self._require_mount()
        names = {path.name.removesuffix(KEY_SUFFIX) for path in self._keys.glob(f"*{KEY_SUFFIX}")}
        return {name for name in names if FILE_ID.fullmatch(name)}

    def destroyed_ids(self) -> set[str]:
        try:
            names = (self.folder / "destroyed").read_text().split()
        except FileNotFoundError:
            return set()
        return {name for name in names if FILE_ID.fullmatch(name)}

    # Writing

    def create(self, file_id: str, stored: StoredKey) -> None:
        sealed = text.seal_bytes(key=self._master_keys[0], plain=_pack(stored), context=_key_context(file_id))
        try:
            durable.write_once(self._path(file_id), sealed)
        except FileExistsError:
            raise
        except OSError as error:
            raise KeyStoreFault(f"The key store {self.folder} takes no key: {error.strerror}") from error

    def put_back(self, file_id: str, sealed: bytes) -> bool:
        """A key from a backup; False when it was destroyed since, or is there. Raises Tampered, for what is
        no key at all too."""
        if not FILE_ID.fullmatch(file_id):
            raise Tampered(f"not the name of a key: {file_id!r}")
        _unpack(self._open(sealed, _key_context(file_id)))
        with self._locked():
            if file_id in self.destroyed_ids() or self._path(file_id).exists():
                return False
            durable.write_once(self._path(file_id), sealed)
            return True

    def remember_destroyed(self, file_ids: Iterable[str]) -> None:
        """What a backup knows to be destroyed, and this store does not."""
        with self._locked():
            for file_id in set(file_ids) - self.destroyed_ids():
                durable.append_line(self.folder / "destroyed", file_id)

    def destroy(self, file_id: str) -> None:
        with self._locked():
            # Remembered first: cut off here, the next run finds the file and destroys it.
            if file_id not in self.destroyed_ids():
                durable.append_line(self.folder / "destroyed", file_id)
            if self._path(file_id).exists():
                durable.overwrite_and_unlink(self._path(file_id))

    def reseal(self, file_id: str) -> bool:
        # Under the lock, or the replacement would bring back what is destroyed meanwhile.
        with self._locked():
            try:
                sealed = self._path(file_id).read_bytes()
            except FileNotFoundError:
                return False
            return self._reseal(self._path(file_id), sealed, _key_context(file_id))

    def reseal_mark(self) -> bool:
        """The store's own mark, last of a rotation."""
        path = self.folder / "store"
        with self._locked():
            return self._reseal(path, path.read_bytes(), _store_context())

    def sweep_temporary(self, now: datetime) -> int:
        """Remove what a killed process left an hour ago. Who still writes there merely fails."""
        leftovers = [
            path
            for path in self._keys.glob(f"*{durable.TEMPORARY_SUFFIX}")
            if abs(now.timestamp() - path.stat().st_mtime) > 3600
        ]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def observe(self, now: datetime, unclaimed: Iterable[str]) -> Observation:
        with self._locked():
            watch, observation = (self._watch() or Watch(now, {})).advance(now, unclaimed)
            durable.replace(self.folder / "watch", watch.to_json())
        return observation

    def steady_seconds(self, now: datetime) -> int:
        """For how long the store has seen time pass without a jump, up to `now`."""
        watch = self._watch()
        return watch.steady_seconds(now) if watch else 0

    def seconds_since_look(self, now: datetime) -> float:
        """Negative when the clock went back; infinite when the store never looked."""
        watch = self._watch()
        return (now - watch.seen_at).total_seconds() if watch else math.inf

    # Within

    def _watch(self) -> Watch | None:
        try:
            return Watch.from_json((self.folder / "watch").read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def _path(self, file_id: str) -> Path:
        if not FILE_ID.fullmatch(file_id):
            raise ValueError(f"Not the name of a key: {file_id!r}")
        return self._keys / f"{file_id}{KEY_SUFFIX}"

    def _require_mount(self) -> None:
        if not (self.folder / "store").is_file():
            raise KeyStoreFault(
                f"There is no key store in {self.folder}. Mount it, or, for a new installation, make one: "
                "python manage.py connexion_keys init"
            )

    def _locked(self) -> AbstractContextManager[None]:
        return durable.locked(self.folder / "lock")

    def _open(self, sealed: bytes, context: bytes) -> bytes:
        for master_key in self._master_keys[:-1]:
            try:
                return text.unseal_bytes(key=master_key, sealed=sealed, context=context, report=False)
            except Tampered:
                continue
        return text.unseal_bytes(key=self._master_keys[-1], sealed=sealed, context=context)

    def _reseal(self, path: Path, sealed: bytes, context: bytes) -> bool:
        try:
            text.unseal_bytes(key=self._master_keys[0], sealed=sealed, context=context, report=False)
        except Tampered:
            plain = self._open(sealed, context)
            durable.replace(path, text.seal_bytes(key=self._master_keys[0], plain=plain, context=context))
            return True
        return False


def _store_context() -> bytes:
    return records.context("key store")


def _key_context(file_id: str) -> bytes:
    return records.context("epoch key", UUID(hex=file_id))


def _pack(stored: StoredKey) -> bytes:
    ordinal = stored.day.toordinal() if stored.day else 0
    return stored.epoch_id.bytes + ordinal.to_bytes(4) + stored.key


def _unpack(plain: bytes) -> StoredKey:
    ordinal = int.from_bytes(plain[16:20])
    return StoredKey(UUID(bytes=plain[:16]), date.fromordinal(ordinal) if ordinal else None, plain[20:])
