"""Destroying is paranoid: no clock hurries it, nothing living loses its key, what is due goes."""

import shutil
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from connexion_plugin.exceptions import EpochOver, KeyGone, KeyStoreFault
from connexion_plugin.models import Conversation, EpochKey, Mail, Message
from connexion_plugin.sealing import destruction, keys, text
from connexion_plugin.sealing.key_store import StoredKey
from connexion_plugin.sealing.uses import living_uses
from tests.sealing.conftest import DAY, HOUR, NOON
from tests.sealing.rows import make_conversation, make_message, read

TODAY = NOON.date()
EVENING = NOON + 6 * HOUR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "clock"), pytest.mark.spec("E3")]


def state_of(message):
    return EpochKey.objects.get(id=message.epoch_id).state


def is_readable(message):
    try:
        return bool(read(message))
    except KeyGone:
        return False


# The ordinary course


def test_a_message_is_gone_for_everyone_within_three_days_of_its_hour(organization, clock, store):
    message = make_message(organization, expires_at=EVENING)
    sealed = store.read_sealed(EpochKey.objects.get().file_id)
    clock.run(3 * DAY - HOUR + (EVENING - NOON))
    assert not is_readable(message)
    assert store.file_ids() == set()
    assert not store.put_back(EpochKey.objects.get().file_id, sealed)


def test_a_key_is_marked_when_its_day_is_over_and_not_before(organization, clock):
    message = make_message(organization, expires_at=EVENING)
    clock.run(11 * HOUR)
    assert state_of(message) == "active"
    clock.run(HOUR)
    assert state_of(message) == "marked"
    assert EpochKey.objects.get().marked_at == NOON + 12 * HOUR


def test_a_marked_key_waits_a_watched_day_and_still_opens(organization, clock):
    message = make_message(organization, expires_at=EVENING)
    clock.run(12 * HOUR + 23 * HOUR)
    assert state_of(message) == "marked"
    assert is_readable(message)
    turn = clock.run(HOUR)
    assert turn.destroyed == 1
    assert state_of(message) == "destroyed"
    assert not is_readable(message)


def test_other_days_and_the_standing_key_are_left_alone(organization, clock, store):
    keys.standing_key()
    message = make_message(organization, expires_at=EVENING)
    later = make_message(organization, expires_at=EVENING + 9 * DAY)
    clock.run(4 * DAY)
    assert not is_readable(message)
    assert is_readable(later)
    assert len(store.file_ids()) == 2


def test_a_hold_s_key_is_never_marked_by_a_day(organization, clock):
    with transaction.atomic():
        keys.open_epoch(organization_id=organization.id, day=None, hold=uuid4())
    clock.run(3 * DAY)
    assert EpochKey.objects.get().state == "active"


def test_a_turn_says_what_it_did(organization, clock):
    make_message(organization, expires_at=EVENING)
    clock.run(DAY / 2 - HOUR)
    assert clock.run(timedelta()).marked == 0
    assert clock.run(HOUR).marked == 1
    assert clock.run(timedelta()) == destruction.Turn()


# Clocks


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=2), timedelta(hours=30)])
def test_a_clock_that_jumps_ahead_destroys_nothing(organization, clock, jump):
    messages = [make_message(organization, expires_at=EVENING + i * DAY) for i in range(5)]
    clock.run(HOUR)
    clock.jump(jump)
    clock.run(23 * HOUR)
    clock.jump(-jump)
    clock.run(HOUR)
    assert {state_of(message) for message in messages[1:]} == {"active"}
    assert all(is_readable(message) for message in messages)


def test_days_that_a_wrong_clock_marked_are_used_again_once_it_is_right(organization, clock):
    message = make_message(organization, expires_at=EVENING + 30 * DAY)
    clock.jump(timedelta(days=365))
    clock.run(20 * HOUR)
    assert state_of(message) == "marked"
    clock.jump(timedelta(days=-365))
    clock.run(HOUR)
    row = EpochKey.objects.get()
    assert (row.state, row.marked_at, row.observed_seconds) == ("active", None, 0)
    make_message(organization, expires_at=EVENING + 30 * DAY)


def test_a_mark_dated_in_the_future_waits_from_now(organization, clock):
    message = make_message(organization, expires_at=EVENING)
    clock.jump(timedelta(days=365))
    clock.run(HOUR)
    clock.jump(timedelta(days=-364))  # a day later than it was: this day is really over
    clock.run(HOUR)
    row = EpochKey.objects.get()
    assert (row.state, row.observed_seconds) == ("marked", 3600)
    clock.run(24 * HOUR)
    assert state_of(message) == "destroyed"


def test_a_clock_that_swings_hurries_nothing(organization, clock):
    message = make_message(organization, expires_at=EVENING)
    clock.run(12 * HOUR)
    for _ in range(40):
        for distance in (timedelta(minutes=110), timedelta(minutes=-110)):
            clock.jump(distance)
            destruction.take_turn(now=clock.now)
    assert state_of(message) == "marked"
    assert EpochKey.objects.get().observed_seconds < 2 * 3600


def test_a_clock_that_went_back_does_not_count_below_nothing(organization, clock):
    make_message(organization, expires_at=EVENING)
    clock.run(13 * HOUR)
    clock.jump(timedelta(minutes=-100))
    destruction.destroy(now=clock.now)
    assert EpochKey.objects.get().observed_seconds == 0


def test_a_laptop_closed_for_a_week_merely_waits(organization, clock):
    message = make_message(organization, expires_at=EVENING)
    clock.run(15 * HOUR)
    clock.jump(7 * DAY)
    destruction.take_turn(now=clock.now)
    assert state_of(message) == "marked"
    assert EpochKey.objects.get().observed_seconds == 3 * 3600
    clock.run(20 * HOUR)
    assert state_of(message) == "marked"
    clock.run(HOUR)
    assert state_of(message) == "destroyed"


def test_a_laptop_open_eight_hours_a_day_destroys_after_some_days(organization, clock):
    message = make_message(organization, expires_at=EVENING)
    for _ in range(5):
        clock.run(8 * HOUR)
        clock.jump(16 * HOUR)
    assert state_of(message) == "destroyed"


def test_turns_two_hours_apart_destroy_nothing(organization, clock):
    message = make_message(organization, expires_at=EVENING)
    for _ in range(200):
        clock.jump(2 * HOUR)
        destruction.take_turn(now=clock.now)
    assert state_of(message) == "marked"


def test_time_before_the_mark_is_not_credited(organization, clock):
    """The step during which a day ended began before the mark."""
    make_message(organization, expires_at=EVENING)
    clock.run(11 * HOUR)
    clock.jump(timedelta(minutes=119))
    destruction.take_turn(now=clock.now)
    assert EpochKey.objects.get().observed_seconds == 0


# What is living


@pytest.mark.parametrize("kind", ["messages", "titles", "mails"])
def test_what_is_living_keeps_its_key_and_is_named(organization, clock, kind):
    """A defect elsewhere, which must not cost anybody their message."""
    if kind == "mails":
        with transaction.atomic():
            epoch = keys.open_epoch(organization_id=None, day=TODAY).id
        Mail.unscoped.create(kind="code", to="bob@example.org", language="en", epoch_id=epoch)
    elif kind == "titles":
        conversation = make_conversation(organization, day=TODAY)
        epoch = conversation.title_epoch_id
        make_message(organization, expires_at=EVENING + 30 * DAY, conversation=conversation)
    else:
        later = make_conversation(organization, day=TODAY + 40 * DAY)
        message = make_message(organization, expires_at=EVENING + 30 * DAY, conversation=later, day=TODAY)
        epoch = message.epoch_id
    turn = clock.run(4 * DAY)
    assert turn.held_back == {epoch: {kind: 1}}
    assert EpochKey.objects.get(id=epoch).state == "marked"


def test_a_clock_that_jumps_does_not_kill_what_is_kept_for_the_living(organization, clock):
    later = make_conversation(organization, day=TODAY + 40 * DAY)
    message = make_message(organization, expires_at=EVENING + 30 * DAY, conversation=later, day=TODAY)
    clock.run(4 * DAY)
    clock.jump(timedelta(days=365))
    turn = clock.run(5 * HOUR)
    assert turn.held_back == {message.epoch_id: {"messages": 1}}
    assert is_readable(message)


def test_what_was_kept_goes_once_it_is_dead(organization, clock):
    later = make_conversation(organization, day=TODAY + 40 * DAY)
    message = make_message(organization, expires_at=EVENING + 4 * DAY, conversation=later, day=TODAY)
    clock.run(4 * DAY)
    assert state_of(message) == "marked"
    clock.run(DAY)
    assert state_of(message) == "destroyed"


def test_what_is_withdrawn_or_expired_or_sent_keeps_nothing(organization):
    message = make_message(organization, expires_at=EVENING)
    epoch = message.epoch_id
    Mail.unscoped.create(kind="code", to="bob@example.org", language="en", epoch_id=epoch, state="sent")
    assert living_uses(epoch, NOON) == {"messages": 1, "titles": 1}
    assert living_uses(epoch, EVENING) == {}
    Message.unscoped.update(withdrawn_at=NOON)
    assert living_uses(epoch, NOON) == {}


def test_every_row_that_names_an_epoch_is_asked(db):
    """A new model with a sealed field must be answered for in `uses`, and added here."""
    relations = EpochKey._meta.get_fields(include_hidden=True)
    names = {(one.related_model.__name__, one.field.name) for one in relations if one.one_to_many}
    assert names == {
        ("Attachment", "epoch"), ("Conversation", "title_epoch"), ("Draft", "epoch"), ("Mail", "epoch"),
        ("Message", "epoch"),
    }  # fmt: skip


# Restored and interrupted


def test_an_older_store_that_was_copied_back_destroys_what_was_due_at_once(
    organization, clock, store, tmp_path
):
    due = make_message(organization, expires_at=EVENING)
    living = make_message(organization, expires_at=EVENING + 30 * DAY)
    shutil.copytree(store.folder, tmp_path / "copy")
    clock.run(2 * DAY)
    assert not is_readable(due)

    shutil.rmtree(store.folder)
    shutil.copytree(tmp_path / "copy", store.folder)
    assert len(store.file_ids()) == 2
    assert not is_readable(due)  # the row says that it is destroyed
    assert destruction.take_turn(now=clock.now).swept == 1
    assert len(store.file_ids()) == 1
    assert is_readable(living)


def test_an_older_database_does_not_bring_a_key_back(organization, clock, store):
    message = make_message(organization, expires_at=EVENING)
    before = EpochKey.objects.values().get()
    clock.run(2 * DAY)
    EpochKey.objects.update(**before)
    assert state_of(message) == "active"
    assert not is_readable(message)
    clock.run(2 * DAY)
    assert state_of(message) == "destroyed"


def test_killed_between_row_and_file_the_next_turn_ends_it(organization, clock, store, monkeypatch):
    message = make_message(organization, expires_at=EVENING)
    clock.run(35 * HOUR)

    def killed(self, file_id):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("connexion_plugin.sealing.folder.FolderKeyStore.destroy", killed)
        with pytest.raises(SystemExit):
            clock.run(HOUR)
    assert state_of(message) == "destroyed"
    assert len(store.file_ids()) == 1
    assert destruction.take_turn(now=clock.now).swept == 1
    assert store.file_ids() == set()


def test_killed_between_file_and_row_the_file_goes_when_its_day_is_over(clock, store):
    store.create("a" * 32, StoredKey(uuid4(), TODAY, text.new_key()))
    store.create("b" * 32, StoredKey(uuid4(), TODAY + 9 * DAY, text.new_key()))
    store.create("c" * 32, StoredKey(uuid4(), None, text.new_key()))
    clock.run(35 * HOUR)
    assert len(store.file_ids()) == 3
    clock.run(HOUR)
    assert store.file_ids() == {"b" * 32, "c" * 32}


def test_a_file_without_row_that_cannot_be_read_is_left_for_the_operator(clock, store):
    (store.folder / "keys" / ("a" * 32 + ".key")).write_bytes(b"?")
    clock.run(3 * DAY)
    assert store.file_ids() == {"a" * 32}


def test_a_lost_key_stops_its_day_until_it_is_given_up(organization, clock, store):
    message = make_message(organization, expires_at=EVENING)
    whole = make_message(organization, expires_at=EVENING + DAY)
    assert destruction.lost_epochs() == []
    store.destroy(EpochKey.objects.get(id=message.epoch_id).file_id)
    with pytest.raises(KeyStoreFault):
        make_message(organization, expires_at=EVENING)
    assert [row.id for row in destruction.lost_epochs()] == [message.epoch_id]
    assert destruction.give_up_lost(now=clock.now) == 1
    assert is_readable(make_message(organization, expires_at=EVENING))
    assert is_readable(whole)
    assert not is_readable(message)


def test_a_day_whose_key_is_destroyed_is_over(organization, clock):
    make_message(organization, expires_at=EVENING)
    clock.run(2 * DAY)
    conversations = Conversation.unscoped.count()
    with pytest.raises(EpochOver):
        make_message(organization, expires_at=EVENING)
    assert Conversation.unscoped.count() == conversations
