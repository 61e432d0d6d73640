"""Is the storage of documents the one that the database speaks of?"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from connexion_plugin.actions.documents import is_anything_stored, was_marked
from connexion_plugin.checks.findings import Apps, error
from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.models import Attachment, StorageMark, StoredParts, Upload


@register(Tags.database)
def check_documents_are_there(
    app_configs: Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A folder that is not mounted looks like one that has lost every document (documents.mounts)."""
    if "default" not in (databases or ()) or not _table_exists():
        return []
    storage: Any = sealed_storage()
    if mounts.is_there(storage) or not (mounts.is_marked(storage) or was_marked() or is_anything_stored()):
        return []
    return [
        error(
            "E019",
            f"The storage of documents is not there: {storage.location} has no file {mounts.MARK} of this "
            "installation. Mount it.",
            "manage.py connexion_setup --documents  # only where a copy without this file was restored",
        )
    ]


def _table_exists() -> bool:
    """`migrate` asks before it has created anything."""
    there = connections["default"].introspection.table_names()
    return all(model._meta.db_table in there for model in (Attachment, StorageMark, StoredParts, Upload))
