"""What the storage holds beside what the rows say it holds: swept where nobody may want it, named where it is missed.

Every part is put on record before it is written (`documents.new_document_key`) and the record goes last, so that a
crash leaves nothing unknown. What is unknown all the same came with a backup, or belongs to somebody else who was given
the same storage: the sweep says how much there is, and an operator decides (`connexion_expire --strays`).
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import TypeVar
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from connexion_plugin.actions.documents import is_anything_stored, is_gone, open_document
from connexion_plugin.actions.kept_documents import open_upload
from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import delete_parts, sealed_storage
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.exceptions import (
    KeyGone,
    KeyLost,
    MessageGone,
    NotConfigured,
    StorageUnreachable,
    Tampered,
)
from connexion_plugin.models import Attachment, StoredParts, Upload
from connexion_plugin.sealing.segments import DocumentDamaged

ROWS_A_RUN = 500
MOST_FAULTS = 5  # a storage that fails so often in a run will fail for the rest
LOOKED = "connexion:looked-for-strays"
LOOKED_SECONDS = 24 * 60 * 60
FOLDER_NAME = re.compile("[0-9a-f]{32}")  # as `parts.part_name` writes an id
SETTLED = timedelta(hours=1)  # since then what is whole is in every listing, whosever clock dated it
UNSIGNED = (
    "the storage does not say that it is this installation's. Where no other installation stores its documents there, "
    "run: manage.py connexion_setup --documents"
)

Row = TypeVar("Row", Attachment, Upload)

logger = logging.getLogger(__name__)


def sweep_parts(*, begun_before: datetime) -> int:
    """Removes what no message came to own and no upload waits for; returns how many. May run twice at once.

    The row goes last, so that being killed midway leaves it for the next sweep. What cannot be removed is tried again
    a day later: it must not hold up those behind it. Raises StorageUnreachable.
    """
    oldest = _not_awaited(begun_before).order_by("begun_at").values_list("pk", flat=True)[:ROWS_A_RUN]
    swept = faults = 0
    for key in list(oldest):
        try:
            swept += _sweep_parts_of(key, begun_before)
        except StorageUnreachable:
            raise
        except Exception as error:
            faults += 1
            logger.error("The parts of document %s cannot be removed: %s", key, type(error).__name__)
            StoredParts.unscoped.filter(pk=key).update(begun_at=timezone.now())
            if faults >= MOST_FAULTS:
                break
    return swept


def _sweep_parts_of(key: UUID, begun_before: datetime) -> bool:
    """Given up under the row's lock: a message that is posted at this moment takes the row (`bind_documents`), or
    finds it given up. The parts go outside any transaction: a storage may be slow, and on SQLite every post would
    wait for it."""
    with transaction.atomic():
        rows = _not_awaited(begun_before).select_for_update(skip_locked=True, of=("self",))
        row = rows.filter(pk=key).first()
        if row is None:
            return False
        if Attachment.unscoped.filter(pk=key).exists():
            row.delete()
            return False
        row.is_given_up = True
        row.save(update_fields=["is_given_up"])
    delete_parts(sealed_storage(), key)
    return bool(StoredParts.unscoped.filter(pk=key).delete()[0])


def unclaimed_parts(*, begun_before: datetime) -> QuerySet[StoredParts]:
    """What `sweep_parts` would remove."""
    claimed = Attachment.unscoped.filter(pk=OuterRef("pk"))
    return _not_awaited(begun_before).filter(~Exists(claimed))


def look_for_strays() -> None:
    """Says once a day, in the log, how much is stored that no row knows, and how many rows have nothing stored.

    Of the rows a batch at a time is in memory; of the storage the names of its folders, for it lists them at once.
    """
    storage, began = sealed_storage(), timezone.now()
    if cache.get(LOOKED) or not mounts.is_there(storage):
        return  # `sweep_parts` has said that it is not mounted
    stored = _stored_documents()
    if lost := _without_parts(stored, before=began - SETTLED):
        logger.error("Nothing is stored of %s documents: connexion_verify --documents names them.", lost)
    if mounts.is_marked_as_ours(storage):
        if count := sum(map(len, _strays(stored))):
            logger.warning("%s documents are stored that no row knows (connexion_expire --strays).", count)
    elif is_anything_stored():
        logger.warning("Whose documents are stored is not known: %s", UNSIGNED)
    cache.set(LOOKED, True, LOOKED_SECONDS)


def record_strays(*, now: datetime) -> int:
    """Puts on record what is stored and no row knows; returns how much. The sweep takes it a day later.

    Raises NotConfigured where the storage is not this installation's, or does not say so.
    """
    if not mounts.is_marked_as_ours(sealed_storage()):
        raise NotConfigured(UNSIGNED)
    noted = 0
    for strays in _strays(_stored_documents()):
        rows = [StoredParts(pk=key, begun_at=now) for key in strays]
        noted += len(StoredParts.unscoped.bulk_create(rows, ignore_conflicts=True))
    return noted


def _without_parts(stored: set[str], *, before: datetime) -> int:
    """How many documents that came whole before that moment have no folder; what a folder lacks, `missing_documents`
    finds. A row goes before its parts do: one that is still there has them."""
    posted = Attachment.unscoped.filter(message__posted_at__lt=before)
    kept = Upload.unscoped.filter(completed_at__lt=before)
    batches = chain(_in_batches(posted), _in_batches(kept))
    return sum(key.hex not in stored for keys in batches for key in keys)


def _in_batches(rows: "QuerySet[Attachment] | QuerySet[Upload]") -> Iterator[list[UUID]]:
    """Their keys, by what follows the last: a cursor would hold all of them, here or in the database."""
    keys = rows.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:ROWS_A_RUN])
    while batch:
        yield batch
        batch = list(keys.filter(pk__gt=batch[-1])[:ROWS_A_RUN])


def _strays(stored: set[str]) -> Iterator[set[UUID]]:
    """The storage was listed before the rows are asked: what was stored meanwhile is in neither answer."""
    names = iter(stored)
    while ids := {UUID(name) for name in islice(names, ROWS_A_RUN)}:
        strays = set(ids)
        for model in (StoredParts, Upload, Attachment):
            strays -= set(model.unscoped.filter(pk__in=ids).values_list("pk", flat=True))
        yield strays


def missing_documents(now: datetime) -> Iterator[str]:
    """Documents whose parts are not there in whole, a sentence each; no part is read. Those that came whole into a
    draft and are not posted yet are among them."""
    posted = Attachment.unscoped.select_related("message__conversation__hold").order_by("pk")
    for attachment in posted.iterator(chunk_size=ROWS_A_RUN):
        if not is_gone(attachment.message, now):
            yield from _fault_of(attachment, open_document)
    kept = Upload.unscoped.exclude(completed_at=None).select_related("draft").order_by("pk")
    for upload in kept.iterator(chunk_size=ROWS_A_RUN):
        yield from _fault_of(upload, open_upload)


def _fault_of(row: Row, opened: Callable[[Row], SealedDocument]) -> Iterator[str]:
    try:
        with suppress(MessageGone, KeyGone, KeyLost):  # `connexion_keys status` tells of keys
            opened(row).check_sizes()
    except DocumentDamaged as fault:
        yield str(fault)
    except Tampered:
        yield f"document {row.pk}: its row was altered"


def _stored_documents() -> set[str]:
    """The names of their folders; what bears another name is none of ours."""
    folders, _files = sealed_storage().listdir("")
    return {name for name in folders if FOLDER_NAME.fullmatch(name)}


def _not_awaited(begun_before: datetime) -> QuerySet[StoredParts]:
    """A form's body that began earlier will not end any more; an upload by pieces says itself until when."""
    awaited = Upload.unscoped.filter(pk=OuterRef("pk"))
    return StoredParts.unscoped.filter(~Exists(awaited), begun_at__lt=begun_before)
