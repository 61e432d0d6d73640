"""Epoch keys, and what they wrap."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone as django_timezone

from connexion_plugin.exceptions import EpochOver, KeyGone, KeyStoreFault, Tampered
from connexion_plugin.models import EpochKey
from connexion_plugin.sealing import keys, text
from connexion_plugin.sealing.cache import KeyCache
from connexion_plugin.sealing.records import context
from tests.sealing.conftest import DAY, NOON

TODAY = NOON.date()
TOMORROW = TODAY + DAY
HERE = context("message", uuid4(), uuid4(), field="key")

pytestmark = pytest.mark.usefixtures("store", "clock")


def wrapped_for(organization, day=TOMORROW):
    with transaction.atomic():
        return keys.wrap_new(organization_id=organization.id, day=day, context=HERE)


def read(wrapped):
    return keys.unwrap(epoch_id=wrapped.epoch_id, wrapped=wrapped.wrapped, context=HERE)


def file_of(store, epoch_id):
    return store.folder / "keys" / f"{EpochKey.objects.get(id=epoch_id).file_id}.key"


# Wrapping


def test_a_new_key_is_wrapped_and_unwrapped(organization):
    wrapped = wrapped_for(organization)
    assert len(wrapped.key) == 32
    assert wrapped.key not in wrapped.wrapped
    assert read(wrapped) == wrapped.key


def test_each_record_has_its_own_key_under_the_day_s_one_epoch(organization, store):
    first, second = wrapped_for(organization), wrapped_for(organization)
    assert first.epoch_id == second.epoch_id
    assert first.key != second.key
    assert len(store.file_ids()) == 1


def test_each_organization_and_each_day_and_the_installation_have_their_own(organization, other_organization):
    with transaction.atomic():
        installation = keys.wrap_new(organization_id=None, day=TOMORROW, context=HERE)
    epochs = {
        installation.epoch_id,
        wrapped_for(organization).epoch_id,
        wrapped_for(organization, TODAY).epoch_id,
        wrapped_for(other_organization).epoch_id,
    }
    assert len(epochs) == 4


def test_each_hold_has_its_own(organization):
    hold, other = uuid4(), uuid4()
    with transaction.atomic():
        epochs = [
            keys.open_epoch(organization_id=organization.id, day=None, hold=which)
            for which in (hold, other, hold)
        ]
    assert epochs[0] == epochs[2] != epochs[1]


def test_an_existing_key_is_wrapped_under_a_longer_expiry(organization):
    wrapped = wrapped_for(organization)
    with transaction.atomic():
        longer = keys.wrap(
            key=wrapped.key, organization_id=organization.id, day=TOMORROW + 30 * DAY, context=HERE
        )
    assert longer.epoch_id != wrapped.epoch_id
    assert read(longer) == read(wrapped) == wrapped.key


def test_nothing_is_wrapped_under_a_day_that_is_over(organization, store):
    with pytest.raises(EpochOver):
        wrapped_for(organization, TODAY - DAY)
    with pytest.raises(EpochOver):
        keys.ensure_epoch(organization_id=organization.id, day=TODAY - DAY)
    assert store.file_ids() == set()


def test_a_day_is_over_at_midnight_utc_though_its_key_is_not_marked_yet(organization, clock):
    wrapped_for(organization, TODAY)
    clock.jump(12 * timedelta(hours=1))
    with pytest.raises(EpochOver):
        wrapped_for(organization, TODAY)


def test_nothing_is_wrapped_by_a_marked_key(organization):
    wrapped = wrapped_for(organization)
    EpochKey.objects.filter(id=wrapped.epoch_id).update(state="marked", marked_at=NOON)
    with pytest.raises(EpochOver):
        wrapped_for(organization)
    assert read(wrapped) == wrapped.key  # reading goes on


def test_a_verb_may_ensure_the_epoch_first(organization, store):
    for _ in range(2):
        keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    assert EpochKey.objects.count() == 1
    assert len(store.file_ids()) == 1


@pytest.mark.django_db(transaction=True)
def test_an_epoch_once_seen_is_not_asked_for_again_and_made_anew_when_it_is_gone(
    organization, django_assert_num_queries
):
    keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    with django_assert_num_queries(0):
        keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    EpochKey.objects.all().delete()
    keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    wrapped = wrapped_for(organization)  # `open_epoch` is the judge
    assert read(wrapped) == wrapped.key


@pytest.mark.django_db(transaction=True)
def test_an_epoch_that_was_rolled_back_is_not_remembered(organization, django_assert_num_queries):
    with transaction.atomic():
        keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
        transaction.set_rollback(True)
    keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    assert EpochKey.objects.count() == 1


def test_an_open_epoch_wraps_a_message_and_its_documents_in_one_statement(
    organization, django_assert_num_queries
):
    keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    with transaction.atomic(), django_assert_num_queries(1):
        epoch = keys.open_epoch(organization_id=organization.id, day=TOMORROW)
        wrapped = [epoch.wrap_new(context=HERE) for _ in range(20)]
    assert [read(one) for one in wrapped] == [one.key for one in wrapped]


@pytest.mark.django_db(transaction=True)
def test_wrapping_outside_a_transaction_is_refused(organization):
    with pytest.raises(transaction.TransactionManagementError, match="atomic"):
        keys.wrap_new(organization_id=organization.id, day=TOMORROW, context=HERE)


def test_wrapping_asks_the_store_and_not_the_cache(organization, store):
    wrapped = wrapped_for(organization)
    assert read(wrapped) == wrapped.key
    file_of(store, wrapped.epoch_id).unlink()
    with pytest.raises(KeyStoreFault, match="connexion_keys status"):
        wrapped_for(organization)


@pytest.mark.django_db(transaction=True)
def test_who_loses_the_race_for_a_day_takes_the_winner_s_key_and_leaves_no_file(
    organization, store, monkeypatch
):
    seen_missing = keys._living
    keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    monkeypatch.setattr(keys, "_living", lambda *names: seen_missing(*names).none())
    keys.ensure_epoch(organization_id=organization.id, day=TOMORROW)
    monkeypatch.undo()
    assert EpochKey.objects.count() == 1
    assert store.file_ids() == {EpochKey.objects.get().file_id}


def test_the_day_of_an_expiry_is_its_day_in_utc():
    montreal = timezone(timedelta(hours=-5))
    assert keys.day_of(datetime(2026, 3, 10, 23, 0, tzinfo=montreal)) == date(2026, 3, 11)
    assert keys.day_of(datetime(2026, 3, 10, 23, 59, tzinfo=UTC)) == date(2026, 3, 10)


# Reading


def test_thirty_rows_are_read_with_one_statement_and_then_with_none(organization, django_assert_num_queries):
    wrapped = [wrapped_for(organization, TOMORROW + i * DAY) for i in range(30)]
    keys.forget()
    with django_assert_num_queries(1):
        keys.preload([*(one.epoch_id for one in wrapped), None])
    with django_assert_num_queries(0):
        keys.preload(one.epoch_id for one in wrapped)
        assert [read(one) for one in wrapped] == [one.key for one in wrapped]


def test_expired_rows_are_asked_for_once_too(organization, django_assert_num_queries):
    wrapped = wrapped_for(organization)
    keys.forget()
    EpochKey.objects.update(state="destroyed", destroyed_at=NOON)
    with django_assert_num_queries(1):
        for _ in range(3):
            with pytest.raises(KeyGone):
                read(wrapped)


def test_a_destroyed_or_missing_key_is_gone(organization, store):
    wrapped = wrapped_for(organization)
    file_of(store, wrapped.epoch_id).unlink()
    with pytest.raises(KeyGone):
        read(wrapped)
    with pytest.raises(KeyGone):
        keys.unwrap(epoch_id=uuid4(), wrapped=wrapped.wrapped, context=HERE)


def test_a_store_that_is_not_mounted_shows_no_tombstones(organization, store, tmp_path):
    wrapped = wrapped_for(organization)
    store.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(KeyStoreFault):
        read(wrapped)
    (tmp_path / "elsewhere").rename(store.folder)
    assert read(wrapped) == wrapped.key


def test_a_damaged_key_is_reported_and_spoils_no_other(organization, store):
    damaged, whole = wrapped_for(organization), wrapped_for(organization, TODAY)
    path = file_of(store, damaged.epoch_id)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    keys.preload([damaged.epoch_id, whole.epoch_id])
    assert read(whole) == whole.key
    with pytest.raises(Tampered):
        read(damaged)


@pytest.mark.parametrize("change", ["file_id", "day"])
def test_a_row_that_names_another_epoch_s_file_or_day_opens_nothing(organization, change):
    wrapped, other = wrapped_for(organization), wrapped_for(organization, TODAY)
    spoils = EpochKey.objects.get(id=other.epoch_id)
    EpochKey.objects.filter(id=other.epoch_id).update(file_id="f" * 32, day=TODAY + 9 * DAY)
    EpochKey.objects.filter(id=wrapped.epoch_id).update(**{change: getattr(spoils, change)})
    with pytest.raises(Tampered):
        read(wrapped)


def test_a_key_wrapped_by_another_epoch_does_not_open(organization):
    wrapped, other = wrapped_for(organization), wrapped_for(organization, TODAY)
    with pytest.raises(Tampered):
        keys.unwrap(epoch_id=other.epoch_id, wrapped=wrapped.wrapped, context=HERE)


def test_forgetting_one_key_leaves_the_others(organization, django_assert_num_queries):
    one, other = wrapped_for(organization), wrapped_for(organization, TODAY)
    keys.preload([one.epoch_id, other.epoch_id])
    keys.forget(one.epoch_id)
    with django_assert_num_queries(0):
        read(other)
    with django_assert_num_queries(1):
        read(one)


def test_the_cache_forgets_after_its_minutes(monkeypatch):
    cache, epoch, gone = KeyCache(seconds=300), uuid4(), uuid4()
    moment = 1000.0
    monkeypatch.setattr("connexion_plugin.sealing.cache.time.monotonic", lambda: moment)
    cache.keep({epoch: b"key", gone: None})
    moment += 299
    assert cache.known([epoch, gone, uuid4()]) == {epoch: b"key", gone: None}
    moment += 1
    assert cache.known([epoch, gone]) == {}


def test_the_cache_drops_the_oldest_when_it_is_full():
    cache, epochs = KeyCache(entries=3), [uuid4() for _ in range(4)]
    for epoch in [*epochs[:3], epochs[0], epochs[3]]:
        cache.keep({epoch: epoch.bytes})
    assert set(cache.known(epochs)) == {epochs[0], epochs[2], epochs[3]}


# The standing key


def test_the_standing_key_is_one_and_stays(db, store):
    key = keys.standing_key()
    keys.forget()
    assert keys.standing_key() == key
    assert len(key) == 32
    assert len(store.file_ids()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_standing_key_is_read_once_in_a_process(django_assert_num_queries):
    keys.standing_key()
    with django_assert_num_queries(0):
        keys.standing_key()


@pytest.mark.django_db(transaction=True)
def test_a_standing_key_that_was_rolled_back_is_not_remembered():
    with transaction.atomic():
        rolled_back = keys.standing_key()
        assert keys.standing_key() == rolled_back
        transaction.set_rollback(True)
    assert keys.standing_key() != rolled_back


@pytest.mark.django_db(transaction=True)
def test_an_old_standing_key_is_remembered_within_a_transaction_too(clock, django_assert_num_queries):
    keys.standing_key()
    clock.jump(DAY)
    keys.forget()
    with transaction.atomic(), django_assert_num_queries(1):
        keys.standing_key()
        keys.standing_key()


# What the database itself refuses


def a_row(**fields):
    return EpochKey.objects.create(file_id=uuid4().hex, **fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("epoch_once_an_installation_day", {"day": TOMORROW}),
        ("epoch_one_standing_key", {}),
        ("epoch_once_a_hold", {"hold": uuid4()}),
    ],
)
def test_a_second_key_of_the_same_name_is_refused_unless_the_first_is_destroyed(db, constraint, fields):
    first = a_row(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_row(**fields)
    EpochKey.objects.filter(id=first.id).update(state="destroyed", destroyed_at=NOON)
    a_row(**fields)
    assert constraint in {one.name for one in EpochKey._meta.constraints}


def test_an_organization_has_one_key_a_day(organization, other_organization):
    a_row(organization=organization, day=TOMORROW)
    a_row(organization=other_organization, day=TOMORROW)
    with pytest.raises(IntegrityError):
        a_row(organization=organization, day=TOMORROW)


def test_a_key_of_an_organization_has_a_day_or_a_hold(organization):
    with pytest.raises(IntegrityError, match="epoch_of_an_organization_has_an_end"):
        a_row(organization=organization)


def test_a_hold_s_key_has_no_day(organization):
    with pytest.raises(IntegrityError, match="epoch_hold_has_no_day"):
        a_row(organization=organization, day=TOMORROW, hold=uuid4())


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "marked"},
        {"state": "destroyed"},
        {"state": "active", "marked_at": django_timezone.now()},
        {"state": "marked", "marked_at": NOON, "destroyed_at": NOON},
        {"state": "lost"},
    ],
)
def test_a_state_has_its_moments(db, fields):
    with pytest.raises(IntegrityError, match="epoch_state_has_its_moments"):
        a_row(day=TOMORROW, **fields)


def test_a_sealed_text_under_a_wrapped_key_needs_both(organization):
    wrapped = wrapped_for(organization)
    sealed = text.seal(key=wrapped.key, text="Devis", context=HERE)
    assert text.unseal(key=read(wrapped), sealed=sealed, context=HERE) == "Devis"
