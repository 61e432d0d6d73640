"""One request's bytes of an upload: sealed as they come, counted once durable (spec D2, sealing.md).

No transaction is open while a body is read. The lease keeps a second request out; it is renewed while bytes
come, and looked at before each part is written and with each offset that is committed. A process that is
killed leaves it to run out, and little to be sent again: `COMMITTED_BYTES` and a part, or what came in a second.
"""

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NoReturn
from uuid import UUID

from django.core.files.storage import Storage
from django.db import DatabaseError
from django.http import UnreadablePostError
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.actions.on_its_way import promised_to_forms
from connexion_plugin.actions.upload_leases import RELEASED, claim, holds, lease_end, renew
from connexion_plugin.actions.uploads import context_of, expiry, upload_key
from connexion_plugin.conf import settings
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents import mounts
from connexion_plugin.documents.limits import has_room
from connexion_plugin.documents.parts import (
    StorageFull,
    delete_parts,
    keep_part,
    make_durable,
    part_name,
    read_part,
    sealed_storage,
)
from connexion_plugin.documents.tus import Checksum
from connexion_plugin.models import Attachment, Upload
from connexion_plugin.sealing.resuming import Pause, ResumableSealer
from connexion_plugin.sealing.segments import PART_BYTES, SEALED_PART_BYTES

logger = logging.getLogger(__name__)

PIECE_BYTES = 64 * 1024
# On a fast line more at a time: what each piece costs beside its bytes was a third of the work. A slow line would make
# the lease wait, and a cut lose what was being read.
LARGE_PIECE_BYTES, QUICK_SECONDS = 512 * 1024, 0.1
# An offset is committed so often, and at the end of each request; each time waits for the disk.
COMMITTED_BYTES, COMMITTED_SECONDS = 8 * PART_BYTES, 1.0
TAIL = "tail-"
RENEWED_SECONDS = 1.0  # how old a lease may be when a part is about to be written
Read = Callable[[int], bytes]


@telling_no_room()
def receive(
    *, upload: Upload, offset: int, read: Read, length: int, checksum: Checksum | None = None
) -> Upload:
    """Takes the `length` bytes that a request announces, from `offset` on; gives the row as it then is.

    A body that ends early leaves what came, unless it was to match a checksum. Many short transactions, none
    while bytes are awaited. Raises UploadBusy, OffsetMismatch, UploadTooLong, ChecksumMismatch, StorageFull,
    StorageTrouble, DatabaseFull, UploadGone; the offset then is as it was, or that of the last whole part.
    """
    if offset != upload.offset and (upload.is_complete or offset + length > upload.length):
        # Before its length: a client that is somewhere else asks where it stands, and gives up on what is too long.
        raise exceptions.OffsetMismatch
    if offset + length > upload.length:
        raise exceptions.UploadTooLong
    if upload.is_complete:
        return upload
    mounts.require_to_write(sealed_storage())
    _require_room(sealed_storage(), length)
    lease = claim(upload, offset)
    try:
        _Landing(upload, lease, checksum).take(read, length)
    except BaseException:
        # However it ended, somebody else may go on; what was committed stands. Where not even that can be written,
        # the lease runs out by itself.
        with suppress(DatabaseError):
            Upload.unscoped.filter(pk=upload.pk, lease=lease).update(**RELEASED)
        raise
    return upload


def _require_room(storage: Storage, length: int) -> None:
    """For anything, above the floor; for what is written until this is asked again, where forms are coming in."""
    promised = promised_to_forms(storage)
    if not has_room(storage, promised + min(length, COMMITTED_BYTES) if promised else 0):
        raise StorageFull("no room above the floor")


class _Landing:
    """The bytes of one request, on their way into the sealer."""

    def __init__(self, upload: Upload, lease: UUID, checksum: Checksum | None) -> None:
        self.upload, self._lease, self._checksum = upload, lease, checksum
        self._storage = sealed_storage()
        self._key = upload_key(upload)
        self._renewed = self._committed_at = time.monotonic()
        self._not_durable: list[int | str] = []
        self._is_doubtful = False
        self._sealer = self._resumed()
        self._committed = upload.offset

    def take(self, read: Read, length: int) -> None:
        try:
            self._take(read, length)
        except (StorageFull, exceptions.StorageTrouble):
            # What fitted before it needs not be sent again.
            self._commit_whole_parts()
            raise
        finally:
            # It writes by us, and we hold it: in a circle its memory would stay until the collector comes.
            del self._sealer

    def _take(self, read: Read, length: int) -> None:
        received, most = 0, PIECE_BYTES
        while received < length:
            began = time.monotonic()
            piece = self._next(read, min(most, length - received))
            if not piece:
                break
            most = LARGE_PIECE_BYTES if time.monotonic() - began < QUICK_SECONDS else PIECE_BYTES
            received += len(piece)
            if self._checksum is not None:
                self._checksum.hasher.update(piece)
            self._sealer.feed(piece)
            if received < length and self._is_due():
                self._commit_whole_parts()
                # A client may send all of a document in one request, from just above the floor to a full disk.
                _require_room(self._storage, length - received)
            self._renew()
        if self._checksum is not None and (received < length or not self._checksum.holds()):
            raise exceptions.ChecksumMismatch
        self._settle()

    def _is_due(self) -> bool:
        waits = self._sealer.part_offset - self._committed
        return waits >= COMMITTED_BYTES or time.monotonic() - self._committed_at > COMMITTED_SECONDS

    def _commit_whole_parts(self) -> None:
        """Unless all of the request counts, or nothing of it, or the disk has just failed to keep them."""
        if self._is_doubtful or self._checksum is not None:
            return
        if self._sealer.part_offset > self._committed:
            self._commit(self._sealer.pause_at_part(), self._sealer.part_offset)

    def _next(self, read: Read, most: int) -> bytes:
        try:
            return read(most)
        except (UnreadablePostError, OSError):
            # Cut: nobody reads our answer, and what came is kept.
            return b""

    def _settle(self) -> None:
        """The end of the request: the whole document's manifest, or a pause with its tail."""
        if self._sealer.offset == self.upload.length:
            manifest = self._sealer.finish().seal(key=self._key, context=context_of(self.upload.pk))
            self._make_durable()
            self._update(
                offset=self.upload.length,
                state_sealed=manifest,
                tail="",
                completed_at=timezone.now(),
                **RELEASED,
            )
            self._drop_orphans()
        elif self._sealer.offset > self._committed:
            self._commit(self._sealer.pause(), self._sealer.offset, **RELEASED)
        else:
            Upload.unscoped.filter(pk=self.upload.pk, lease=self._lease).update(**RELEASED)

    def _commit(self, pause: Pause, offset: int, **lease: object) -> None:
        tail = ""
        if pause.tail:
            tail = f"{TAIL}{secrets.token_hex(16)}"
            self._store(tail, pause.tail)
        try:
            self._make_durable()
        except BaseException:
            if tail:
                self._drop(tail)
            raise
        self._update(
            offset=offset,
            state_sealed=pause.state,
            tail=tail,
            expires_at=expiry(self.upload.draft, timezone.now()),
            **({"leased_until": lease_end()} | lease),
        )
        self._committed, self._committed_at = offset, time.monotonic()
        self._renewed = self._committed_at

    def _update(self, **fields: object) -> None:
        """Under the lease, or not at all; what the row named before is then no longer needed."""
        before = self.upload.tail
        if not Upload.unscoped.filter(pk=self.upload.pk, lease=self._lease).update(**fields):
            self._lost(tail=str(fields.get("tail", "")))
        for name, value in fields.items():
            setattr(self.upload, name, value)
        if before and before != self.upload.tail:
            self._drop(before)

    def _drop(self, tail: str) -> None:
        """Nobody names it any more. What cannot be deleted now goes with the document."""
        try:
            self._storage.delete(part_name(self.upload.pk, tail))
        except Exception as error:
            logger.warning("upload %s: a tail stays for now: %s", self.upload.pk, type(error).__name__)

    def _drop_orphans(self) -> None:
        """Tails that a killed process left: a whole document has none, and would keep them as long as it lives."""
        try:
            _folders, names = self._storage.listdir(self.upload.pk.hex)
        except Exception as error:
            logger.warning("upload %s: tails may stay: %s", self.upload.pk, type(error).__name__)
            return
        for name in names:
            if name.startswith(TAIL):
                self._drop(name)

    def _write_part(self, index: int, sealed: memoryview) -> None:
        # Before the part is written: whoever has lost the lease must not write over another's. A storage far away may
        # take long, so nearly all of the lease lies before it (`checks.storage`).
        self._renew(always=True, seconds=RENEWED_SECONDS)
        self._store(index, sealed)

    def _store(self, name: int | str, sealed: bytes | memoryview) -> None:
        # Where a part stands already, another request may have written and committed it while this one stood still.
        mine = partial(self._renew, always=True)
        keep_part(self._storage, self.upload.pk, name, sealed, require_replacing=mine)
        self._not_durable.append(name)

    def _make_durable(self) -> None:
        # Asked a second time, a system that could not write says that all is well: nothing counts any more that was
        # written since the last commit. The client sends it again, and it is written anew.
        self._is_doubtful = True
        make_durable(self._storage, self.upload.pk, self._not_durable, is_new=not self._committed)
        self._not_durable, self._is_doubtful = [], False

    def _renew(self, *, always: bool = False, seconds: float | None = None) -> None:
        """When it is so old, or a third of it has gone; `always` looks, at least, whether it is still there."""
        due = settings.upload_lease_seconds / 3 if seconds is None else seconds
        if time.monotonic() - self._renewed >= due:
            if not renew(self.upload.pk, self._lease):
                self._lost()
            self._renewed = time.monotonic()
        elif always and not holds(self.upload.pk, self._lease):
            self._lost()

    def _lost(self, *, tail: str = "") -> NoReturn:
        """Raises UploadBusy, UploadGone. `tail` is what this request has just written, and nobody came to name."""
        if tail:
            self._drop(tail)
        if Upload.unscoped.filter(pk=self.upload.pk).exists():
            raise exceptions.UploadBusy
        # Given up while its bytes came: what this request has written since goes too. But another may have
        # ended it while this one stood still, and its author posted it: the parts then are an attachment's.
        if not Attachment.unscoped.filter(pk=self.upload.pk).exists():
            delete_parts(self._storage, self.upload.pk)
        raise exceptions.UploadGone

    def _resumed(self) -> ResumableSealer:
        context = context_of(self.upload.pk)
        if not self.upload.state_sealed:
            return ResumableSealer(key=self._key, context=context, write_part=self._write_part)
        tail = b""
        if self.upload.tail:
            tail = read_part(self._storage, self.upload.pk, self.upload.tail, SEALED_PART_BYTES)
        pause = Pause(bytes(self.upload.state_sealed), tail)
        return ResumableSealer.resumed_from(
            pause, key=self._key, context=context, write_part=self._write_part
        )
