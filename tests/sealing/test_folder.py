"""The key store that is a folder."""

import os
import stat
from datetime import date
from uuid import uuid4

import pytest

from connexion_plugin.exceptions import KeyGone, KeyStoreFault, Tampered
from connexion_plugin.sealing import text
from connexion_plugin.sealing.folder import FolderKeyStore
from connexion_plugin.sealing.key_store import StoredKey
from tests.sealing.conftest import HOUR, MASTER_KEY, NEW_MASTER_KEY, NOON

NAME, OTHER = "a" * 32, "b" * 32


def a_key(day=date(2026, 3, 11)):
    return StoredKey(uuid4(), day, text.new_key())


def path_of(store, name):
    return store.folder / "keys" / f"{name}.key"


@pytest.mark.parametrize("day", [date(2026, 3, 11), None])
def test_a_key_comes_back_with_its_epoch_and_day(store, day):
    stored = a_key(day)
    store.create(NAME, stored)
    assert store.read(NAME) == stored
    assert store.file_ids() == {NAME}


def test_a_key_lies_there_sealed_and_for_its_owner_alone(store):
    stored = a_key()
    store.create(NAME, stored)
    assert stored.key not in path_of(store, NAME).read_bytes()
    assert stat.S_IMODE(path_of(store, NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_a_key_is_never_replaced(store):
    stored = a_key()
    store.create(NAME, stored)
    with pytest.raises(FileExistsError):
        store.create(NAME, a_key())
    assert store.read(NAME) == stored
    assert os.listdir(store.folder / "keys") == [f"{NAME}.key"]


def test_one_key_does_not_open_under_the_name_of_another(store):
    store.create(NAME, a_key())
    store.create(OTHER, a_key())
    path_of(store, NAME).replace(path_of(store, OTHER))
    with pytest.raises(Tampered):
        store.read(OTHER)


def test_a_missing_key_is_gone(store):
    with pytest.raises(KeyGone):
        store.read(NAME)


def test_a_store_that_is_not_mounted_is_a_fault_and_no_expiry(store, tmp_path):
    store.create(NAME, a_key())
    store.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(KeyStoreFault, match="connexion_keys init"):
        store.read(NAME)
    with pytest.raises(KeyStoreFault):
        store.file_ids()


def test_a_folder_that_is_no_store_does_not_open(tmp_path):
    with pytest.raises(KeyStoreFault, match="connexion_keys init"):
        FolderKeyStore(tmp_path, MASTER_KEY)


def test_another_master_key_does_not_open_the_store_and_says_why(store):
    with pytest.raises(KeyStoreFault, match="PREVIOUS_MASTER_KEYS"):
        FolderKeyStore(store.folder, NEW_MASTER_KEY)


def test_a_store_of_another_format_does_not_open(store, tmp_path, monkeypatch):
    monkeypatch.setattr("connexion_plugin.sealing.folder.STORE_MARK", b"Connexion key store, format 2")
    with pytest.raises(KeyStoreFault, match="format"):
        FolderKeyStore(store.folder, MASTER_KEY)


def test_a_previous_master_key_still_opens_it(store):
    stored = a_key()
    store.create(NAME, stored)
    assert FolderKeyStore(store.folder, NEW_MASTER_KEY, (bytes(32), MASTER_KEY)).read(NAME) == stored


def test_making_a_store_twice_keeps_the_first(store):
    stored = a_key()
    store.create(NAME, stored)
    assert FolderKeyStore.initialize(store.folder, MASTER_KEY).read(NAME) == stored


@pytest.mark.parametrize("name", ["", "../store", "A" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n"])
def test_only_random_names_lead_to_files(store, name):
    with pytest.raises(ValueError, match="Not the name of a key"):
        store.read(name)


def test_a_destroyed_key_is_gone_and_stays_so(store):
    store.create(NAME, a_key())
    store.create(OTHER, a_key())
    sealed = store.read_sealed(NAME)
    store.destroy(NAME)
    with pytest.raises(KeyGone):
        store.read(NAME)
    assert store.destroyed_ids() == {NAME}
    assert not store.put_back(NAME, sealed)
    assert store.file_ids() == {OTHER}


def test_its_bytes_are_overwritten_before_their_name_goes(store):
    store.create(NAME, a_key())
    sealed = store.read_sealed(NAME)
    os.link(path_of(store, NAME), store.folder / "a hard link")
    store.destroy(NAME)
    left = (store.folder / "a hard link").read_bytes()
    assert len(left) == len(sealed)
    assert left != sealed


def test_destroying_twice_is_remembered_once(store):
    store.create(NAME, a_key())
    store.destroy(NAME)
    store.destroy(NAME)
    assert (store.folder / "destroyed").read_text().split() == [NAME]


def test_a_line_that_a_power_cut_left_half_written_harms_no_other(store):
    (store.folder / "destroyed").write_text(f"\n{NAME}\n\nbbbb")
    store.create("c" * 32, a_key())
    store.destroy("c" * 32)
    assert store.destroyed_ids() == {NAME, "c" * 32}


def test_a_key_is_put_back_as_it_was(store):
    stored = a_key()
    store.create(NAME, stored)
    sealed = store.read_sealed(NAME)
    assert not store.put_back(NAME, sealed)  # it is there
    path_of(store, NAME).unlink()
    assert store.put_back(NAME, sealed)
    assert store.read(NAME) == stored


def test_a_key_that_was_altered_is_not_put_back(store):
    store.create(NAME, a_key())
    with pytest.raises(Tampered):
        store.put_back(OTHER, store.read_sealed(NAME))


def test_what_a_killed_process_left_goes_after_an_hour(store):
    left = store.folder / "keys" / "0123456789abcdef.new"
    left.write_bytes(b"half a key")
    os.utime(left, (NOON.timestamp(), NOON.timestamp()))
    assert store.sweep_temporary(NOON + HOUR / 2) == 0
    assert store.sweep_temporary(NOON + 1.1 * HOUR) == 1
    assert not left.exists()


@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b"[]", b"not json", b'{"seen_at": "never", "unclaimed": {}}']
)
def test_a_watch_that_is_missing_or_damaged_begins_anew(store, content):
    if content is not None:
        (store.folder / "watch").write_bytes(content)
    assert store.observe(NOON, []).seconds == 0
    assert store.observe(NOON + HOUR, []).seconds == 3600


def test_resealing_changes_the_bytes_and_not_the_key(store):
    stored = a_key()
    store.create(NAME, stored)
    newer = FolderKeyStore(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))
    assert newer.reseal(NAME)
    assert not newer.reseal(NAME)
    assert newer.reseal_mark()
    assert not newer.reseal_mark()
    assert FolderKeyStore(store.folder, NEW_MASTER_KEY).read(NAME) == stored
    with pytest.raises(Tampered):
        store.read(NAME)


def test_resealing_brings_nothing_back(store):
    assert not store.reseal(NAME)
    assert store.file_ids() == set()
