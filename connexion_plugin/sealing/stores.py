"""The key store in use, as the settings name it."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

from connexion_plugin.conf import settings as connexion_settings
from connexion_plugin.sealing.folder import FolderKeyStore


def key_store() -> FolderKeyStore:
    """The store of this installation. Raises NotConfigured or KeyStoreFault, with the line to paste."""
    return _opened(
        connexion_settings.key_store_folder,
        connexion_settings.master_key,
        connexion_settings.previous_master_keys,
    )


# Opened once a process for each folder and key, and no sooner than asked for.
@lru_cache(maxsize=4)
def _opened(folder: Path, master_key: bytes, previous_master_keys: tuple[bytes, ...]) -> FolderKeyStore:
    return FolderKeyStore(folder, master_key, previous_master_keys)


def misplaced(folder: Path) -> str | None:
    """Why the key store should not be in `folder`, or None: who copies what it protects would copy it too."""
    folder = folder.resolve()
    for name, place in _protected_places():
        if folder == place or place in folder.parents or folder in place.parents:
            return f"The key store {folder} must be apart from {name}, {place}."
    return None


def _protected_places() -> Iterator[tuple[str, Path]]:
    storages: dict[str, Any] = django_settings.STORAGES
    storage = storages.get("connexion", {})
    if location := storage.get("OPTIONS", {}).get("location"):
        yield "the documents' storage", Path(location).resolve()
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        if place := getattr(django_settings, name, None):
            yield name, Path(place).resolve()
    for database in django_settings.DATABASES.values():
        if database["ENGINE"] == "django.db.backends.sqlite3" and database["NAME"] != ":memory:":
            yield "the database", Path(database["NAME"]).resolve()
