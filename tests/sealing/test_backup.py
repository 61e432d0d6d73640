"""Backups of the key store, and what a restoration must not bring back."""

import stat
import tarfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from connexion_plugin.exceptions import KeyGone, Tampered
from connexion_plugin.models import EpochKey
from connexion_plugin.sealing import backup, keys
from connexion_plugin.sealing.folder import FolderKeyStore
from tests.sealing.conftest import DAY, HOUR, MASTER_KEY, NEW_MASTER_KEY, NOON
from tests.sealing.rows import make_message, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "clock")]
EVENING = NOON + 6 * HOUR


@pytest.fixture
def copy(tmp_path):
    return tmp_path / "copy.tar"


def test_a_store_that_was_lost_is_restored(organization, store, copy, tmp_path, use_store, clock):
    message = make_message(organization, expires_at=EVENING)
    assert backup.back_up(copy) == 1
    FolderKeyStore.initialize(tmp_path / "new", MASTER_KEY)
    use_store(tmp_path / "new")
    keys.forget()
    with pytest.raises(KeyGone):
        read(message)
    done = backup.restore(copy, now=clock.now)
    assert (done.put_back, done.left_out) == (1, 0)
    assert read(message)


@pytest.mark.spec("E3")
@pytest.mark.parametrize("lost", [True, False])
def test_what_was_destroyed_since_is_not_brought_back(
    organization, store, copy, tmp_path, use_store, clock, lost
):
    due = make_message(organization, expires_at=EVENING)
    living = make_message(organization, expires_at=EVENING + 9 * DAY)
    backup.back_up(copy)
    clock.run(3 * DAY)
    if lost:  # only the database remembers
        FolderKeyStore.initialize(tmp_path / "new", MASTER_KEY)
        store = use_store(tmp_path / "new")
    done = backup.restore(copy, now=clock.now)
    assert (done.put_back, done.left_out) == ((1, 1) if lost else (0, 2))
    assert len(store.file_ids()) == 1
    assert read(living)
    with pytest.raises(KeyGone):
        read(due)


def test_a_restored_store_remembers_what_the_backup_knew_destroyed(
    organization, copy, tmp_path, use_store, clock
):
    make_message(organization, expires_at=EVENING)
    clock.run(3 * DAY)
    backup.back_up(copy)
    FolderKeyStore.initialize(tmp_path / "new", MASTER_KEY)
    store = use_store(tmp_path / "new")
    destroyed = set(EpochKey.objects.values_list("file_id", flat=True))
    EpochKey.objects.all().update(file_id="f" * 32)
    backup.restore(copy, now=clock.now)
    assert destroyed <= store.destroyed_ids()


def test_a_backup_is_for_its_owner_alone_and_holds_nothing_open(organization, store, copy):
    make_message(organization, expires_at=EVENING)
    key = store.read(EpochKey.objects.get().file_id).key
    backup.back_up(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert key not in copy.read_bytes()


def test_a_backup_never_overwrites_another(copy):
    backup.back_up(copy)
    with pytest.raises(FileExistsError):
        backup.back_up(copy)


def test_another_installation_s_backup_is_refused(organization, copy, tmp_path, use_store, clock):
    make_message(organization, expires_at=EVENING)
    backup.back_up(copy)
    FolderKeyStore.initialize(tmp_path / "new", NEW_MASTER_KEY)
    use_store(tmp_path / "new", NEW_MASTER_KEY)
    with pytest.raises(Tampered):
        backup.restore(copy, now=clock.now)
    with translation.override("en"), pytest.raises(CommandError, match="altered"):
        call_command("connexion_keys", "restore", str(copy))


def test_a_name_in_a_backup_leads_nowhere_else(store, copy, tmp_path, clock):
    """Nothing is unpacked; a name that is no key's is refused."""
    stray = tmp_path / "stray"
    stray.write_bytes(b"?")
    with tarfile.open(copy, "w") as archive:
        archive.add(stray, "../../escaped")
    with pytest.raises(Tampered, match="not the name of a key"):
        backup.restore(copy, now=clock.now)
    assert not (tmp_path / "escaped").exists()


def test_a_file_that_is_no_backup_is_refused(store, copy, clock):
    copy.write_bytes(b"something else")
    with pytest.raises(Tampered, match="not a backup"):
        backup.restore(copy, now=clock.now)
