"""Documents that come in by pieces, into a draft: begun, received, given up (spec D2).

What each piece brings is sealed as it comes, and counts once it is durable. Any node may take the next.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.actions.documents import (
    content_context,
    delete_stored,
    recorded_key,
    require_storage,
)
from connexion_plugin.actions.draft_keys import draft_key
from connexion_plugin.actions.on_its_way import yet_to_come
from connexion_plugin.actions.room import lock_author, require_room
from connexion_plugin.actions.upload_leases import is_free
from connexion_plugin.conf import settings
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents.limits import has_room
from connexion_plugin.documents.names import safe_name
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.models import Draft, StoredParts, Upload
from connexion_plugin.sealing import records, text


@telling_no_room()
def begin_upload(
    *, draft: Draft, name: str, length: int, metadata: Mapping[str, bytes] | None = None
) -> Upload:
    """Reserves the room for a document of `length` bytes, and makes its row; nothing is stored yet.

    `metadata` is what the client calls it, for the client alone (tus 1.0, Upload-Metadata).

    One transaction, once the storage was asked: locks the author, the draft, the organization where it has a quota.
    Raises DocumentsTooLarge, TooManyDocuments, UnpostedTooLarge, OrganizationFull, StorageFull, StorageTrouble,
    DraftPosted.
    """
    require_storage()
    is_room = has_room(sealed_storage(), length + yet_to_come(sealed_storage()))
    with transaction.atomic():
        lock_author(draft.author_id)
        held = _locked_draft(draft)
        require_room(held, length=length, count=1)
        if not is_room:
            raise StorageFull(f"no room for {length} bytes above the floor")
        now = timezone.now()
        upload = Upload(draft=held, length=length, begun_at=now, expires_at=expiry(held, now))
        key, _context = recorded_key(upload.pk)
        upload.key = text.seal_bytes(key=draft_key(held), plain=key, context=_bound(upload, "key"))
        upload.name_sealed = text.seal(key=key, text=safe_name(name), context=_bound(upload, "name"))
        if metadata:
            upload.metadata_sealed = text.seal(
                key=key, text=_as_text(metadata), context=_bound(upload, "metadata")
            )
        upload.save(force_insert=True)
    return upload


def expiry(draft: Draft, now: datetime) -> datetime:
    """When an upload that stands still is given up; never after its draft."""
    return min(draft.lapses_at, now + timedelta(days=settings.upload_days))


def upload_key(upload: Upload) -> bytes:
    """The document's key. Raises KeyGone once the draft's day is over."""
    return text.unseal_bytes(key=draft_key(upload.draft), sealed=upload.key, context=_bound(upload, "key"))


def read_upload_name(upload: Upload) -> str:
    """The document's name, made safe when it came in."""
    return text.unseal(key=upload_key(upload), sealed=upload.name_sealed, context=_bound(upload, "name"))


def read_upload_metadata(upload: Upload) -> dict[str, bytes]:
    """What the client called it, as it was given; nothing where a form brought it."""
    if not upload.metadata_sealed:
        return {}
    key, context = upload_key(upload), _bound(upload, "metadata")
    given = json.loads(text.unseal(key=key, sealed=upload.metadata_sealed, context=context))
    return {name: bytes.fromhex(value) for name, value in given.items()}


def _as_text(metadata: Mapping[str, bytes]) -> str:
    return json.dumps({name: value.hex() for name, value in metadata.items()})


def uploads_of(draft: Draft) -> list[Upload]:
    """In the order in which they were chosen."""
    found = list(Upload.unscoped.filter(draft=draft).order_by("begun_at", "pk"))
    for upload in found:
        upload.draft = draft
    return found


def take_uploads(draft: Draft) -> list[SealedUpload]:
    """What is posted with the draft; in the transaction that posts it, which makes attachments of them.

    Raises DocumentsStillComing: half a document is none. Raises DocumentsLost where nothing opens one any more: it
    would keep the draft from being posted for ever.
    """
    found = uploads_of(draft)
    if lost := [upload for upload in found if not _opens(upload)]:
        raise exceptions.DocumentsLost(f"uploads {', '.join(str(upload.pk) for upload in lost)}")
    if any(not upload.is_complete for upload in found):
        raise exceptions.DocumentsStillComing
    return [
        SealedUpload(
            attachment_id=upload.pk,
            name=read_upload_name(upload),
            content_type="",
            size=upload.length,
            manifest=bytes(upload.state_sealed),
            key=upload_key(upload),
        )
        for upload in found
    ]


def require_as_shown(documents: list[SealedUpload], shown: Collection[UUID] | None) -> None:
    """What is posted with the draft is what its form showed: two windows may change one draft. None says nothing.

    Raises DocumentsChanged.
    """
    if shown is not None and {document.attachment_id for document in documents} != set(shown):
        raise exceptions.DocumentsChanged


def discard_lost_uploads(draft: Draft) -> list[Upload]:
    """Does away with the documents of a draft that nothing opens any more; gives what their rows said. One transaction.

    Raises KeyStoreFault while the store of keys cannot be reached: they may not be lost.
    """
    with transaction.atomic():
        lost = [upload for upload in uploads_of(draft) if not _opens(upload)]
        discard_uploads(Upload.unscoped.filter(pk__in=[upload.pk for upload in lost]))
    return lost


def _opens(upload: Upload) -> bool:
    try:
        read_upload_name(upload)
    except (exceptions.KeyGone, exceptions.Tampered):
        return False
    return True


@telling_no_room()
def keep_documents(*, draft: Draft, documents: list[SealedUpload]) -> None:
    """Documents that a form brought, kept with the draft until it is posted. Locks and errors as `begin_upload`."""
    now = timezone.now()
    with transaction.atomic():
        lock_author(draft.author_id)
        length = sum(document.size or 0 for document in documents)
        held = _locked_draft(draft)
        require_room(held, length=length, count=len(documents), documents=documents)
        wrapping = draft_key(draft)
        for document in documents:
            upload = Upload(
                id=document.attachment_id,
                draft=draft,
                length=document.size or 0,
                offset=document.size or 0,
                state_sealed=document.manifest,
                begun_at=now,
                completed_at=now,
                expires_at=draft.lapses_at,
            )
            upload.key = text.seal_bytes(key=wrapping, plain=document.key, context=_bound(upload, "key"))
            upload.name_sealed = text.seal(
                key=document.key, text=document.name or "", context=_bound(upload, "name")
            )
            upload.save(force_insert=True)


def discard_upload(upload: Upload) -> None:
    """Its author takes it back, or it has expired: the row first, the parts on commit. Idempotent."""
    with transaction.atomic():
        discard_uploads(Upload.unscoped.filter(pk=upload.pk))


def offset_by_now(upload: Upload) -> int:
    """How many bytes have come, whoever brought them since this row was read. Raises UploadGone."""
    offset: int | None = Upload.unscoped.filter(pk=upload.pk).values_list("offset", flat=True).first()
    if offset is None:
        raise exceptions.UploadGone
    return offset


def discard_uploads_named(draft: Draft, upload_id: str) -> None:
    """The same, of one of the draft's, by what a form's button says."""
    with suppress(ValueError), transaction.atomic():
        discard_uploads(Upload.unscoped.filter(pk=UUID(upload_id), draft=draft))


def discard_uploads(uploads: "QuerySet[Upload]") -> int:
    """Several; in the caller's transaction.

    A request that is bringing bytes at this moment may write one part more: what it leaves is found by its
    note, a day later.
    """
    now = timezone.now()
    rows = dict(uploads.select_for_update().values_list("pk", "leased_until"))
    busy = [key for key, until in rows.items() if until is not None and until > now]
    StoredParts.unscoped.filter(pk__in=busy).update(begun_at=now)
    idle = [key for key in rows if key not in busy]
    Upload.unscoped.filter(pk__in=rows).delete()
    if idle:
        transaction.on_commit(lambda: delete_stored(idle), robust=True)
    return len(rows)


def expired_uploads(*, now: datetime) -> "QuerySet[Upload]":
    return Upload.unscoped.filter(completed_at=None, expires_at__lte=now)


def sweep_uploads(*, now: datetime) -> int:
    """Gives up what nobody has gone on with; returns how many. May run twice at once."""
    with transaction.atomic():
        return discard_uploads(expired_uploads(now=now).filter(is_free(now)))


def context_of(upload_id: UUID) -> bytes:
    """What the segments are bound to: the same as the attachment's, which it becomes."""
    return content_context(upload_id)


def _bound(upload: Upload, field: str) -> bytes:
    return records.context("upload", upload.pk, upload.draft_id, field=field)


def _locked_draft(draft: Draft) -> Draft:
    """Before the organization, as whoever posts it does. Raises DraftPosted."""
    held = Draft.unscoped.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if held is None:
        raise exceptions.DraftPosted
    return held
