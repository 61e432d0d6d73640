"""The key store in use, as the settings name it."""

from functools import lru_cache
from pathlib import Path

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
