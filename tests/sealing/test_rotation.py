"""A new master key: all stays readable, however often it is killed midway."""

from itertools import cycle
from uuid import UUID

import pytest

from connexion_plugin.exceptions import KeyStoreFault, Tampered
from connexion_plugin.models import EpochKey
from connexion_plugin.sealing import keys, rotation, secrets, text
from connexion_plugin.sealing.folder import FolderKeyStore
from connexion_plugin.sealing.records import context
from tests.sealing import child
from tests.sealing.conftest import DAY, MASTER_KEY, NEW_MASTER_KEY, NOON
from tests.sealing.rows import make_message, read
from tests.sealing.test_folder import a_key

pytestmark = pytest.mark.usefixtures("db", "clock")
KEYS = 600
KILLS = 6


def opens_with(store, master_key, file_id):
    sealed = store.read_sealed(file_id)
    try:
        place = context("epoch key", UUID(file_id))
        text.unseal_bytes(key=master_key, sealed=sealed, context=place, report=False)
    except Tampered:
        return False
    return True


def test_texts_and_secrets_stay_readable_and_the_old_master_key_opens_nothing(organization, store, use_store):
    messages = [make_message(organization, expires_at=NOON + (i + 1) * DAY) for i in range(5)]
    sealed = secrets.seal_secret("JBSWY3DPEHPK3PXP", context=context("device"))
    digest = secrets.keyed_digest(b"message", purpose="Message-ID")

    use_store(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))
    assert rotation.rewrap_store().resealed == 6
    use_store(store.folder, NEW_MASTER_KEY)
    keys.forget()

    assert {read(message) for message in messages} == {"La toiture sera refaite en juin."}
    assert secrets.unseal_secret(sealed, context=context("device")) == b"JBSWY3DPEHPK3PXP"
    assert secrets.keyed_digest(b"message", purpose="Message-ID") == digest
    with pytest.raises(KeyStoreFault):
        FolderKeyStore(store.folder, MASTER_KEY)


def test_a_second_rotation_to_the_same_key_changes_nothing(organization, store):
    make_message(organization, expires_at=NOON + DAY)
    assert rotation.rewrap_store() == rotation.Rotation(0)


def test_until_it_has_ended_the_old_master_key_opens_the_store(store, use_store):
    store.create("a" * 32, a_key())
    newer = use_store(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))
    assert newer.reseal("a" * 32)
    FolderKeyStore(store.folder, MASTER_KEY)


def test_a_damaged_file_is_named_and_the_others_are_done(store, use_store):
    store.create("a" * 32, a_key())
    (store.folder / "keys" / ("b" * 32 + ".key")).write_bytes(b"?")
    use_store(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))
    done = rotation.rewrap_store()
    assert (done.resealed, done.damaged) == (1, {"b" * 32})


def test_a_key_that_a_node_makes_meanwhile_is_sealed_anew_too(store, use_store, monkeypatch):
    store.create("a" * 32, a_key())
    use_store(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))
    reseal = FolderKeyStore.reseal

    def reseal_while_another_node_works(self, file_id):
        if "b" * 32 not in store.file_ids():
            store.create("b" * 32, a_key())
        return reseal(self, file_id)

    monkeypatch.setattr(FolderKeyStore, "reseal", reseal_while_another_node_works)
    assert rotation.rewrap_store().resealed == 2
    assert opens_with(store, NEW_MASTER_KEY, "b" * 32)


@pytest.mark.faults
@pytest.mark.fault(15, rounds=KILLS)
def test_killed_again_and_again_everything_opens_at_every_moment_and_in_the_end(store, use_store):
    made = {f"{number:032x}": a_key() for number in range(KEYS)}
    for file_id, stored in made.items():
        store.create(file_id, stored)
    reader = use_store(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))

    def done():
        return sum(opens_with(store, NEW_MASTER_KEY, file_id) for file_id in made)

    killed_at = []
    for kill in range(KILLS):
        [worker] = child.start(1)
        child.order([worker], "rewrap")
        last = sorted(made)[(kill + 1) * KEYS // (KILLS + 2)]
        turns = cycle(made)
        # Looked at one by one: all at once take longer than a quick machine needs for all of the rest.
        while not opens_with(store, NEW_MASTER_KEY, last):
            under_load = next(turns)
            assert reader.read(under_load) == made[under_load]
        worker.kill()
        worker.communicate()
        assert {file_id: reader.read(file_id) for file_id in made} == made
        killed_at.append(done())
    assert 0 < killed_at[0] < KEYS, "not killed midway"
    rotation.rewrap_store()
    newer = use_store(store.folder, NEW_MASTER_KEY)
    assert {file_id: newer.read(file_id) for file_id in made} == made
    assert newer.file_ids() == set(made)


def test_destroyed_rows_do_not_hinder_it(organization, store, use_store, clock):
    make_message(organization, expires_at=NOON + DAY)
    clock.run(4 * DAY)
    assert EpochKey.objects.get().state == "destroyed"
    use_store(store.folder, NEW_MASTER_KEY, (MASTER_KEY,))
    assert rotation.rewrap_store().resealed == 0
