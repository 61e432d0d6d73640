"""When the worker's supervisor restarts the queue (house.md: two minutes late), and what it does otherwise."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ

from connexion_plugin.actions.holds import set_hold
from connexion_plugin.mail import delivery, leases
from connexion_plugin.management.supervisor import Supervisor, Watch
from connexion_plugin.models import LegalHold
from tests.mail.conftest import enqueue_codes


def test_the_same_row_due_for_two_minutes_is_a_stall():
    watch, row = Watch(120), uuid4()
    assert [watch.is_stalled(row, now) for now in (0, 60, 119, 120)] == [False, False, False, True]


def test_a_long_backlog_that_moves_is_none():
    watch = Watch(120)
    assert not any(watch.is_stalled(uuid4(), now) for now in range(0, 1200, 3))


def test_nothing_due_is_none_and_begins_the_count_anew():
    watch, row = Watch(120), uuid4()
    watch.is_stalled(row, 0)
    assert not watch.is_stalled(None, 119)
    assert not watch.is_stalled(row, 121)


def test_what_is_due_is_woken_once_while_a_wake_waits(transactional_db):
    enqueue_codes(1)
    OrmQ.objects.all().delete()  # as if the wake had been lost with a child of the queue
    supervisor = Supervisor()
    supervisor._look()
    supervisor._look()
    assert OrmQ.objects.count() == 1


@pytest.mark.spec("E3")
def test_a_hold_that_cannot_be_followed_does_not_wake_the_queue_all_the_time(
    transactional_db, alice_enrolment
):
    set_hold(collaborator=alice_enrolment, by=None)
    LegalHold.unscoped.update(set_at=timezone.now() - timedelta(hours=1))
    supervisor = Supervisor()
    for expected in (1, 0, 0):
        OrmQ.objects.all().delete()
        supervisor._look()
        assert OrmQ.objects.count() == expected


@pytest.mark.spec("N3")
def test_while_the_smtp_server_is_down_nothing_is_late(transactional_db):
    enqueue_codes(1)
    OrmQ.objects.all().delete()
    cache.set(delivery.OUTAGE, "down", 30)
    supervisor = Supervisor(patience_seconds=0)
    supervisor._restart = None  # would be called, and fail
    supervisor._look()
    supervisor._look()
    assert not OrmQ.objects.exists()


def test_a_database_that_is_down_does_not_end_it(transactional_db, monkeypatch, caplog):
    def fails():
        raise OperationalError("password=secret")

    monkeypatch.setattr(leases, "oldest_due", fails)
    Supervisor()._look()
    assert "OperationalError" in caplog.text
    assert "secret" not in caplog.text
