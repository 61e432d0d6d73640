"""How much the documents of one message may weigh, in bytes, and whether there is room for them (spec D1)."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from django.core.files.storage import FileSystemStorage, Storage

from connexion_plugin.conf import settings

if TYPE_CHECKING:
    from connexion_plugin.models import Organization

# A form's text, field names and boundaries, on top of its documents.
FORM_ALLOWANCE_BYTES = 4 * 1024**2
# A body above its limit is still read to its end, so that the browser shows our page with the text that was
# typed instead of a connection reset; but not for ever.
DRAINED_LIMITS = 4


def message_limit(*, site_bytes: int, organization_bytes: int | None = None) -> int:
    """The smaller of what the site and the organization allow one message."""
    return site_bytes if organization_bytes is None else min(site_bytes, organization_bytes)


def limit_of(organization: "Organization") -> int:
    """The same, as both are set now."""
    return message_limit(
        site_bytes=settings.message_limit_bytes, organization_bytes=organization.message_limit_bytes
    )


def surely_too_large(content_length: int, limit_bytes: int) -> bool:
    """Whether a form's body of this length cannot but pass the limit, whatever it holds."""
    return content_length > limit_bytes + FORM_ALLOWANCE_BYTES


def too_large_to_drain(content_length: int, limit_bytes: int) -> bool:
    """Whether reading a refused body to its end would cost more than a readable answer is worth."""
    return content_length > DRAINED_LIMITS * (limit_bytes + FORM_ALLOWANCE_BYTES)


def has_disk(storage: Storage) -> TypeGuard[FileSystemStorage]:
    """Whether it is a folder of this system, of whose free space a floor is kept."""
    return isinstance(storage, FileSystemStorage)


def has_room(storage: Storage, more_bytes: int) -> bool:
    """Whether so much can be taken and the floor of free space stays; a storage without a disk says yes."""
    if not has_disk(storage):
        return True
    folder = next((path for path in _upwards(str(storage.location)) if path.exists()), None)
    free = shutil.disk_usage(folder).free if folder else settings.free_space_floor_bytes
    return free - more_bytes >= settings.free_space_floor_bytes


def _upwards(location: str) -> list[Path]:
    """The folder, which is made with the first part, and those it lies in."""
    return [Path(location), *Path(location).parents]
