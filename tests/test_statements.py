"""Statements sent in one go do what they do singly, and what Django would have done, on SQLite and PostgreSQL."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.actions import posting
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.posting import move_seats
from connexion_plugin.mail import outbox
from connexion_plugin.models import Activity, Conversation, EpochKey, Message, Notice, Participation
from connexion_plugin.sealing import keys
from connexion_plugin.statements import Statement, change, insertion, together
from tests.factories.conversations import in_days, post, seat_of, start
from tests.test_prepared import alike

pytestmark = pytest.mark.django_db

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite takes them one by one")


@pytest.fixture
def house(alice, bob, charlie, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "charlie@example.org"])


def all_of(row):
    """Every field as the database holds it."""
    found = type(row).unscoped.filter(pk=row.pk).values().get()
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in found.items()}


def line_of(house, seat, number):
    return Activity(
        conversation=house,
        number=number,
        verb=Activity.Verb.POSTED,
        at=timezone.now(),
        actor=seat,
        message_id=uuid4(),
        hash=b"'; --\x00%s\\",
    )


def test_a_row_is_written_as_django_would_have(house, bob):
    line = line_of(house, seat_of(bob, house), 90)
    assert together(insertion(line)) == [1]
    assert not line._state.adding
    ours = all_of(line)
    Activity.unscoped.filter(pk=line.pk).delete()
    line.save(force_insert=True)
    assert all_of(line) == ours


def test_a_change_writes_what_it_names_and_nothing_else(house):
    stands = all_of(house)
    now = timezone.now()
    house.last_line, house.last_hash, house.closed_at, house.last_sequence = 70, b"\x01\x02", now, 80
    assert together(change(house, ["last_line", "last_hash", "closed_at"])) == [1]
    assert all_of(house) == {**stands, "last_line": 70, "last_hash": b"\x01\x02", "closed_at": now}


def test_each_statement_sees_what_the_one_before_it_wrote(house, bob):
    line = line_of(house, seat_of(bob, house), 91)

    def count(cursor):
        return cursor.fetchone()[0]

    counted = Statement(f"SELECT COUNT(*) FROM {Activity._meta.db_table} WHERE number = %s", [91], count)
    house.last_line = 91
    assert together(counted, insertion(line), counted, change(house, ["last_line"]), counted) == [
        0,
        1,
        1,
        1,
        1,
    ]


def test_one_that_fails_ends_all(house, bob):
    seat = seat_of(bob, house)
    with pytest.raises(IntegrityError), transaction.atomic():
        together(insertion(line_of(house, seat, 92)), insertion(line_of(house, seat, 1)))
    assert not Activity.unscoped.filter(number=92).exists()


@on_postgresql
@pytest.mark.parametrize("server_side", [False, True])
def test_they_go_in_one_way_there_and_back_unless_the_server_is_to_bind_their_values(
    house, bob, monkeypatch, server_side
):
    seat = seat_of(bob, house)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"server_side_binding": server_side})
    with CaptureQueriesContext(connection) as captured:
        together(insertion(line_of(house, seat, 93)), insertion(line_of(house, seat, 94)))
    assert len(captured) == (2 if server_side else 1)


# What posting composes once, beside the querysets that say it


def test_a_seat_is_read_as_its_queryset_reads_it(house, alice, bob):
    message = post(bob, house, "Bonjour.")
    for person, key, due in ((bob, message.idempotency_key, 1), (alice, uuid4(), 1)):
        seat = {"seat": seat_of(person, house).pk, "key": key, "draft": uuid4()}
        assert alike(posting._seat_now, **seat) == due
    assert posting._seat_now(seat=seat_of(bob, house).pk, key=uuid4(), draft=None)[0].has_draft is False


def test_seats_move_as_an_update_moves_them(house, bob):
    sender = seat_of(bob, house)
    Participation.unscoped.filter(pk=seat_of_another(house, sender).pk).update(seat="left", joined_at=None)
    values = {"conversation": house.pk, "sender": sender.pk, "sequence": 7, "now": timezone.now()}
    before = seats_of(house)
    assert move_seats(**values) == 2
    ours = seats_of(house)
    for seat, row in before.items():
        Participation.unscoped.filter(pk=seat).update(
            **{
                name: row[name]
                for name in ("unopened_count", "last_posted_sequence", "entered_at", "activity_at")
            }
        )
    queryset, changes = move_seats.compose(**values)
    assert queryset.update(**changes) == 2
    assert seats_of(house) == ours
    assert ours[sender.pk]["last_posted_sequence"] == 7
    assert ours[sender.pk]["entered_at"] == values["now"]


def seats_of(house):
    return {row["id"]: row for row in Participation.unscoped.filter(conversation=house).values()}


def seat_of_another(house, seat):
    return Participation.unscoped.filter(conversation=house).exclude(pk=seat.pk).latest("invited_at")


@pytest.mark.spec("N1")
def test_notices_are_due_to_the_seats_that_live_but_the_senders(house, alice, bob, charlie):
    left = seat_of(charlie, house)
    message = post(bob, house, "Bonjour.")
    Notice.unscoped.all().delete()
    Participation.unscoped.filter(pk=left.pk).update(seat=Participation.Seat.LEFT)
    now = timezone.now()
    assert together(outbox.notices_of(message=message, now=now)) == [1]
    # It is for a message that is new: of one that has its notices it makes no twin, and writes nothing.
    with pytest.raises(IntegrityError), transaction.atomic():
        together(outbox.notices_of(message=message, now=now))
    (notice,) = Notice.unscoped.filter(message=message)
    assert (notice.participation, notice.created_at) == (seat_of(alice, house), now)
    assert (notice.mail_id, notice.settled_at, notice.pk.version) == (None, None, 4)


@pytest.mark.parametrize("of_organization", [True, False])
@pytest.mark.parametrize("has_day", [True, False])
def test_an_epoch_is_found_as_its_queryset_finds_it(house, of_organization, has_day):
    organization = house.organization_id if of_organization else None
    day = keys.day_of(in_days(30)) if has_day else None
    if of_organization and not has_day:
        pytest.skip("an organization's epoch has an end")
    if has_day:
        keys.ensure_epoch(organization_id=organization, day=day)
    else:
        keys.standing_key()
    found = keys._living_one(organization, day, None)
    expected = EpochKey.objects.exclude(state="destroyed").filter(
        organization=organization, day=day, hold=None
    )
    assert found == list(expected) != []


def test_the_conversation_is_locked_before_its_seat_is_read(house, bob):
    message = Message.unscoped.filter(conversation=house).get()
    Conversation.unscoped.filter(pk=house.pk).update(last_sequence=F("last_sequence") + 4)
    seat = seat_of(bob, house)
    day = keys.day_of(message.expires_at)
    with transaction.atomic():
        now, (epoch,) = posting.seat_under_lock(seat, idempotency_key=uuid4(), draft_id=None, day=day)
    assert (now.pk, now.conversation.last_sequence, epoch.pk) == (seat.pk, 5, message.epoch_id)


@on_postgresql
def test_psycopg_remembers_what_a_post_sends(house, bob, alice):
    """It does so up to 4,096 characters and 50 values; beyond it takes the statement to pieces at each post."""
    seat = seat_of(bob, house)
    post(bob, house, "chauffe")
    sent = []

    def watch(execute, sql, params, many, context):
        sent.append((len(sql), len(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        access.conversation_to_post_in(bob, house.pk)
        post_message(participation=seat, text="Oui.", expires_at=in_days(364), idempotency_key=uuid4())
    assert max(length for length, _ in sent) <= 4_096
    assert max(values for _, values in sent) <= 50
