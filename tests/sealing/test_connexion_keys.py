"""The operator's command."""

import base64
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connexion_plugin.conf import settings as connexion_settings
from connexion_plugin.models import EpochKey
from connexion_plugin.sealing import keys
from connexion_plugin.sealing.stores import misplaced
from tests.sealing.conftest import DAY, HOUR, MASTER_KEY, NEW_MASTER_KEY, NOON
from tests.sealing.rows import make_message, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


def run(*words):
    out, errors = StringIO(), StringIO()
    call_command("connexion_keys", *map(str, words), stdout=out, stderr=errors)
    return out.getvalue() + errors.getvalue()


def test_create_master_prints_a_key_that_the_settings_accept(use_store, settings):
    key = run("create-master").strip()
    assert len(base64.urlsafe_b64decode(key)) == 32
    settings.CONNEXION = {**settings.CONNEXION, "MASTER_KEY": key}
    assert connexion_settings.master_key == base64.urlsafe_b64decode(key)


def test_init_makes_the_store_and_may_be_repeated(tmp_path, settings):
    settings.CONNEXION = {**settings.CONNEXION, "KEY_STORE": str(tmp_path / "keys")}
    assert "ready" in run("init")
    assert "ready" in run("init")
    assert "0 files" in run("status")


def test_a_missing_store_is_a_clear_error(tmp_path, settings):
    settings.CONNEXION = {**settings.CONNEXION, "KEY_STORE": str(tmp_path / "nowhere")}
    with pytest.raises(CommandError, match="connexion_keys init"):
        run("status")


def test_a_missing_master_key_is_a_clear_error(tmp_path, settings):
    settings.CONNEXION = {**settings.CONNEXION, "MASTER_KEY": "", "KEY_STORE": str(tmp_path / "keys")}
    with pytest.raises(CommandError, match="MASTER_KEY"):
        run("init")


@pytest.mark.parametrize("place", ["parts", "parts/keys", ""])
def test_the_store_is_never_where_the_documents_are(tmp_path, settings, place):
    settings.STORAGES = {**settings.STORAGES, "connexion": {"OPTIONS": {"location": tmp_path / "parts"}}}
    settings.CONNEXION = {**settings.CONNEXION, "KEY_STORE": str(tmp_path / place)}
    assert misplaced(tmp_path / "keys") is None
    with pytest.raises(CommandError, match="apart from"):
        run("init")


def test_a_key_s_course_from_status_to_destruction(organization, store, clock):
    make_message(organization, expires_at=NOON + HOUR)
    assert "active      1" in run("status")
    clock.jump(DAY)
    assert "1 key marked" in run("mark")
    assert "0 keys destroyed" in run("destroy")
    for _ in range(25):
        clock.jump(HOUR)
        said = run("destroy")
        if "1 key destroyed" in said:
            break
    assert "1 key destroyed" in said
    assert "destroyed      1" in run("status")


def test_what_is_kept_for_the_living_is_said(organization, store, clock):
    message = make_message(organization, expires_at=NOON + 9 * DAY, day=NOON.date())
    clock.run(2 * DAY)
    assert f"Kept, still needed: {message.epoch_id} (1 messages, 1 titles)" in run("destroy")


def test_rewrap_says_when_the_old_key_may_go(organization, store, use_store):
    make_message(organization, expires_at=NOON + HOUR)
    use_store(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))
    assert "1 key sealed anew" in run("rewrap")
    use_store(store.folder, NEW_MASTER_KEY)
    (store.folder / "keys" / ("b" * 32 + ".key")).write_bytes(b"?")
    with pytest.raises(CommandError, match="b" * 32):
        run("rewrap")


def test_backup_and_restore(organization, store, tmp_path):
    message = make_message(organization, expires_at=NOON + HOUR)
    assert "1 key backed up" in run("backup", tmp_path / "copy")
    with pytest.raises(CommandError):
        run("backup", tmp_path / "copy")
    (store.folder / "keys" / f"{EpochKey.objects.get().file_id}.key").unlink()
    assert f"lost: epoch {message.epoch_id}" in run("status")
    assert "Put back: 1." in run("restore", tmp_path / "copy")
    assert read(message)


def test_lost_keys_are_given_up_only_when_one_says_so(organization, store):
    make_message(organization, expires_at=NOON + HOUR)
    assert "Lost keys: 0" in run("give-up")
    store.destroy(EpochKey.objects.get().file_id)
    with pytest.raises(CommandError, match="--yes"):
        run("give-up")
    assert EpochKey.objects.get().state == "active"
    assert "Lost keys: 1" in run("give-up", "--yes")
    assert EpochKey.objects.get().state == "destroyed"


def test_a_backup_that_is_there_is_kept_and_said(use_store, tmp_path):
    file = tmp_path / "keys"
    file.write_text("an older one")
    with pytest.raises(CommandError, match=f"{file} is there already"):
        run("backup", file)
    assert file.read_text() == "an older one"


def test_a_backup_that_is_not_there_is_named(use_store, tmp_path):
    with pytest.raises(CommandError, match=f"no {tmp_path / 'nothing'}:"):
        run("restore", tmp_path / "nothing")


def test_a_lost_key_that_is_of_no_day_is_said_so(store):
    keys.standing_key()
    (store.folder / "keys" / f"{EpochKey.objects.get().file_id}.key").unlink()
    assert f"lost: epoch {EpochKey.objects.get().pk}, which is of no day\n" in run("status")
