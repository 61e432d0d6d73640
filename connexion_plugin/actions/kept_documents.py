"""What is kept whole with a draft: is it still stored? (spec C8, D2)

A message must not come to name a document of which nothing is there. Asked before a post takes its locks: a storage
may be slow, and on SQLite every writer would wait for it.
"""

import logging

from django.db import transaction

from connexion_plugin import exceptions
from connexion_plugin.actions.documents import open_stored
from connexion_plugin.actions.uploads import (
    discard_uploads,
    read_upload_name,
    upload_key,
    uploads_of,
)
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.models import Draft, Upload
from connexion_plugin.sealing.segments import DocumentDamaged

logger = logging.getLogger(__name__)


def open_upload(upload: Upload) -> SealedDocument:
    """One that is complete, ready to be read. Raises KeyGone, Tampered, DocumentDamaged, KeyStoreFault."""
    return open_stored(
        upload.pk, manifest_sealed=upload.state_sealed, size=upload.length, key=upload_key(upload)
    )


def discard_missing(draft: Draft) -> list[str]:
    """Does away with the draft's documents whose parts are not all stored any more; gives their names.

    One whose key is gone is not among them: whoever posts is told by `take_uploads`. A look at the storage for each
    document, then one transaction. Raises StorageUnreachable and KeyStoreFault: then nothing is known to be lost.
    """
    missing = {}
    for upload in uploads_of(draft):
        if upload.is_complete and (name := _name_if_readable(upload)) is not None and not _is_stored(upload):
            missing[upload.pk] = name
    if missing:
        with transaction.atomic():
            discard_uploads(Upload.unscoped.filter(pk__in=missing))
    return list(missing.values())


def _name_if_readable(upload: Upload) -> str | None:
    try:
        return read_upload_name(upload)
    except (exceptions.KeyGone, exceptions.Tampered):
        return None


def _is_stored(upload: Upload) -> bool:
    try:
        open_upload(upload).check_listed()
    except (DocumentDamaged, exceptions.Tampered) as fault:
        logger.error("document %s, kept with a draft, is not stored any more: %s", upload.pk, fault)
        return False
    return True
