"""Documents sealed while Django parses the form that brings them (sealing.md).

No plain byte touches the disk, and no more than a part is in memory. Django's own handlers write what they
receive to a temporary file; these replace them, for the views that take documents.
"""

import logging
from collections.abc import Callable, Iterable
from io import UnsupportedOperation
from typing import IO, Any, NoReturn
from uuid import UUID, uuid4

from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.utils.datastructures import MultiValueDict

from connexion_plugin.documents.form_room import FormRoom
from connexion_plugin.documents.limits import (
    has_room,
    surely_too_large,
    too_large_to_drain,
)
from connexion_plugin.documents.multipart import CountedBody, parsed
from connexion_plugin.documents.names import safe_name
from connexion_plugin.documents.parts import StorageFull, delete_parts, keep_part, make_durable
from connexion_plugin.exceptions import (
    ConnexionError,
    DatabaseFull,
    DocumentsTooLarge,
    OrganizationFull,
    StorageTrouble,
    TooManyDocuments,
    UnpostedTooLarge,
)
from connexion_plugin.sealing.segments import SEGMENT_BYTES, SegmentSealer

logger = logging.getLogger(__name__)

# (key of 32 bytes, context): what a new document of this id is sealed by and bound to. Called before its
# first byte is stored, so it is also where the row that announces its parts is written. Raises StorageTrouble,
# DatabaseFull.
KeyFor = Callable[[UUID], tuple[bytes, bytes]]


class UploadCut(UnreadablePostError):
    """The body ended before its end: nobody is there to read an answer, and nothing of it is kept."""


class SealedUpload(UploadedFile):  # type: ignore[type-arg]
    """A document that arrived sealed: forms may check its name and size, nobody can read it back here."""

    def __init__(
        self, *, attachment_id: UUID, name: str, content_type: str, size: int, manifest: bytes, key: bytes
    ) -> None:
        super().__init__(file=None, name=name, content_type=content_type, size=size)
        self.attachment_id = attachment_id
        self.manifest = manifest
        self.key = key
        # What holds room for it until it is counted as posted or kept; the same for all that came with it.
        self.reservation: UUID | None = None

    def __repr__(self) -> str:
        # The name is content: it must not reach a log or an error page.
        return f"<SealedUpload: {self.attachment_id}>"

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnsupportedOperation("This document is sealed; read it as a SealedDocument.")

    def read(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.open()

    def chunks(self, chunk_size: int | None = None) -> NoReturn:
        self.open()

    def close(self) -> None:
        """Nothing is open; Django closes every uploaded file at the end of the request."""


class SealingUploadHandler(FileUploadHandler):
    """Seals every document of one form; the form's text comes out of the parser as ever.

    `fault` says why the documents were refused (DocumentsTooLarge, OrganizationFull, UnpostedTooLarge,
    TooManyDocuments, StorageFull, StorageTrouble, DatabaseFull), in a sentence for people: then there are none in
    `request.FILES` and none in storage, and the text is whole. Unless `keep()` was called, `SealingFormMixin` deletes
    at the end of the request what was stored. `room` holds room for them meanwhile. As each begins, `hear` is told what
    of the form came before it, and may change `limit_bytes`.
    """

    # Django's parser reads so much at a time, 64 KiB by default. A segment that lies in one piece is sealed from
    # where it is; one that lies in two is put together first: with pieces of its own size, that would be each.
    chunk_size = 8 * SEGMENT_BYTES

    def __init__(
        self,
        request: HttpRequest,
        *,
        key_for: KeyFor,
        limit_bytes: int,
        storage: Storage,
        room: FormRoom | None = None,
        hear: Callable[[QueryDict], None] = lambda typed: None,
    ) -> None:
        super().__init__(request)
        self.room = room or FormRoom()
        self.limit_bytes = limit_bytes
        self.fault: ConnexionError | None = None
        self.kept = False
        self._key_for, self._storage, self._hear = key_for, storage, hear
        self._received = 0
        self._body_length = 0
        self._stored: list[UUID] = []
        self._current: _Document | None = None
        self._interrupted = False

    def keep(self) -> None:
        """From now on the documents belong to whoever asked.

        To be called just *before* the transaction that binds them: should the answer to a COMMIT be lost,
        a document without a message is swept up later, a message without its document is lost for good.
        """
        self.kept = True

    def discard(self) -> None:
        """Delete from storage all that this form brought, and give its room back. May be repeated."""
        self._current = None
        self.room.give_back()
        for document in list(self._stored):
            if _could_delete(self._storage, document):
                self._stored.remove(document)

    # What Django's parser calls, in its order

    def handle_raw_input(  # type: ignore[override]
        self,
        input_data: IO[bytes],
        META: dict[str, Any],
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> "tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]] | None":
        """Parse the body here, so that every way in which that can fail passes by one place."""
        if isinstance(input_data, CountedBody):
            return None
        body = CountedBody(input_data)
        self._body_length = content_length
        try:
            post, files = parsed(META, body, [self], encoding, boundary, self._hear)
            if files is None:
                self.fault = self.fault or TooManyDocuments("more than the site takes of one form")
                self.discard()
            if self._interrupted or (body.count < content_length and not self.fault):
                # Between two documents Django takes a body that was cut for a whole one.
                raise UploadCut(f"{body.count} of {content_length} bytes arrived.")
        except BaseException:
            self.discard()
            raise
        return post, MultiValueDict() if self.fault or files is None else files

    def new_file(self, field_name: str, file_name: str, content_type: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, content_type, *args, **kwargs)
        if not self.fault and not self._fits():
            self.fault = StorageFull("no room above the floor")
        if self.fault or surely_too_large(self._body_length, self.limit_bytes):
            self._refuse(self.fault or DocumentsTooLarge(f"{self._body_length} bytes announced"))
        try:
            promised = self._take_room()
            if promised and not self._fits(beside=promised):
                raise StorageFull("no room above the floor beside what others are bringing")
            self._current = _Document(self._storage, self._key_for)
        except (DatabaseFull, OrganizationFull, StorageFull, StorageTrouble, UnpostedTooLarge) as error:
            self._refuse(error)
        self._stored.append(self._current.id)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._current is not None
        self._received += len(raw_data)
        if self._received > self.limit_bytes:
            self._refuse(DocumentsTooLarge(f"more than {self.limit_bytes} bytes"))
        try:
            self._take_room()
            self._current.sealer.feed(raw_data)
        except (DatabaseFull, OrganizationFull, StorageFull, StorageTrouble, UnpostedTooLarge) as error:
            self._refuse(error)

    def _fits(self, *, beside: int = 0) -> bool:
        return has_room(self._storage, self._body_length - self._received + beside)

    def _take_room(self) -> int:
        return self.room.take(received=self._received, body_length=self._body_length)

    def file_complete(self, file_size: int) -> SealedUpload | None:
        assert self._current is not None
        try:
            document, self._current = self._current.closed(self.file_name, self.content_type), None
        except (StorageFull, StorageTrouble) as error:
            # No SkipFile is awaited here; the next document meets the fault.
            self.fault = error
            self.discard()
            return None
        document.reservation = self.room.reservation
        return document

    def upload_interrupted(self) -> None:
        # Django also says so of a last document that we skipped.
        if self._current is not None:
            self._interrupted = True
            self.discard()

    def _refuse(self, fault: ConnexionError) -> NoReturn:
        """Keep nothing, and read on for the text that follows, unless that would take for ever."""
        self.fault = fault
        self.discard()
        if too_large_to_drain(self._body_length, self.limit_bytes):
            raise StopUpload(connection_reset=True)
        raise SkipFile


class ForgettingUploadHandler(FileUploadHandler):
    """For a form that must not be accepted and whose text is given back: its documents are read past."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Nothing of a file that was skipped is kept."""

    def file_complete(self, file_size: int) -> None:
        """Nor is there anything to hand over."""


class _Document:
    """The document that is coming in."""

    def __init__(self, storage: Storage, key_for: KeyFor) -> None:
        self.id = document = uuid4()
        self._storage = storage
        self._key, self._context = key_for(document)
        self.sealer = SegmentSealer(
            key=self._key,
            context=self._context,
            # Not by `self`: in a circle the sealer's memory would stay until the collector comes.
            write_part=lambda index, sealed: _keep_above_the_floor(storage, document, index, sealed),
        )

    def closed(self, name: str | None, content_type: str | None) -> SealedUpload:
        manifest = self.sealer.finish()
        # The message that names it is committed next, and would outlive a power cut.
        make_durable(self._storage, self.id, range(manifest.part_count))
        return SealedUpload(
            attachment_id=self.id,
            name=name or safe_name(""),
            content_type=content_type or "",
            size=manifest.size,
            manifest=manifest.seal(key=self._key, context=self._context),
            key=self._key,
        )


def sealed_upload(*, name: str, chunks: Iterable[bytes], key_for: KeyFor, storage: Storage) -> SealedUpload:
    """A document that no form brought (the demo, batch sending), sealed the same way. Errors as `keep_part`."""
    document = _Document(storage, key_for)
    try:
        for chunk in chunks:
            document.sealer.feed(chunk)
        return document.closed(safe_name(name), None)
    except BaseException:
        _could_delete(storage, document.id)
        raise


def _keep_above_the_floor(storage: Storage, document: UUID, index: int, sealed: bytes | memoryview) -> None:
    """`keep_part`, while there is room: a body may come for hours, and others take what was free when it began."""
    if not has_room(storage, len(sealed)):
        raise StorageFull(f"no room for part {index} of document {document} above the floor")
    keep_part(storage, document, index, sealed)


def _could_delete(storage: Storage, document: UUID) -> bool:
    try:
        delete_parts(storage, document)
    except Exception:
        # The reason for discarding matters more to the caller; the sweep will meet the parts again.
        logger.exception("The parts of document %s could not be deleted.", document)
        return False
    return True
