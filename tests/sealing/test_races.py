"""Epoch keys under real processes and real row locks."""

import base64
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from connexion_plugin.exceptions import EpochOver
from connexion_plugin.models import EpochKey
from connexion_plugin.sealing import destruction, keys
from tests.factories import make_organization
from tests.sealing import child

IS_POSTGRESQL = connection.vendor == "postgresql"
CONTEXT = b"\0\3key"
DAYS = 40

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]
needs_row_locks = pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has one writer at a time")


def all_open(answers):
    """Every key that any process wrapped is unwrapped by this one. Gives their number."""
    keys.forget()
    wrapped = [one for answer in answers for one in answer["wrapped"]]
    for epoch_id, sealed, key in wrapped:
        opened = keys.unwrap(epoch_id=UUID(epoch_id), wrapped=base64.b64decode(sealed), context=CONTEXT)
        assert opened.hex() == key
    return len(wrapped)


@pytest.mark.postgresql
def test_eight_processes_that_make_one_day_s_key_at_once_lose_none(store):
    """On SQLite too, when it is a file: there they queue for the one writer."""
    if not IS_POSTGRESQL and "memory" in connection.settings_dict["NAME"]:
        pytest.skip("no other process sees a database in memory")
    organization = make_organization()
    today = timezone.now().date()
    children = child.start(8)
    for number in range(DAYS):
        day = today + timedelta(days=number + 1)
        child.order(children, "wrap", organization.id, day, 3)
        assert all_open(child.answers(children)) == 24
        assert EpochKey.objects.filter(day=day).count() == 1
    child.end(children)
    assert store.file_ids() == set(EpochKey.objects.values_list("file_id", flat=True))


@pytest.mark.postgresql
@needs_row_locks
def test_marking_waits_for_a_wrap_that_is_not_committed():
    """A bare `UPDATE … WHERE NOT EXISTS` slips past it: the post would be lost a day later."""
    organization, day = make_organization(), timezone.now().date()
    marked = threading.Event()

    def mark_tomorrow():
        destruction.mark(now=timezone.now() + timedelta(days=1))
        marked.set()
        connections.close_all()

    keys.ensure_epoch(organization_id=organization.id, day=day)
    marker = threading.Thread(target=mark_tomorrow)
    with transaction.atomic():
        wrapped = keys.wrap_new(organization_id=organization.id, day=day, context=CONTEXT)
        marker.start()
        assert not marked.wait(0.5)
        assert EpochKey.objects.get(id=wrapped.epoch_id).state == "active"
    assert marked.wait(10)
    marker.join()
    assert EpochKey.objects.get(id=wrapped.epoch_id).state == "marked"


@pytest.mark.postgresql
@needs_row_locks
def test_a_wrap_waits_for_a_mark_that_is_not_committed_and_is_refused():
    organization, day = make_organization(), timezone.now().date()
    keys.ensure_epoch(organization_id=organization.id, day=day)
    outcome, ended = [], threading.Event()

    def wrap():
        try:
            with transaction.atomic():
                outcome.append(keys.wrap_new(organization_id=organization.id, day=day, context=CONTEXT))
        except EpochOver as error:
            outcome.append(error)
        ended.set()
        connections.close_all()

    wrapper = threading.Thread(target=wrap)
    with transaction.atomic():
        row = EpochKey.objects.select_for_update().get()
        row.state, row.marked_at = "marked", timezone.now()
        row.save()
        wrapper.start()
        assert not ended.wait(0.5)
    wrapper.join(10)
    assert isinstance(outcome[0], EpochOver)


@pytest.mark.postgresql
@needs_row_locks
def test_wraps_under_one_day_do_not_wait_for_each_other():
    organization, day = make_organization(), timezone.now().date()
    keys.ensure_epoch(organization_id=organization.id, day=day)
    ended = threading.Event()

    def wrap():
        with transaction.atomic():
            keys.wrap_new(organization_id=organization.id, day=day, context=CONTEXT)
        ended.set()
        connections.close_all()

    with transaction.atomic():
        keys.wrap_new(organization_id=organization.id, day=day, context=CONTEXT)
        other = threading.Thread(target=wrap)
        other.start()
        assert ended.wait(10)
    other.join()


@pytest.mark.postgresql
@needs_row_locks
def test_posts_racing_a_mark_are_all_readable_and_none_comes_after_it():
    organization, today = make_organization(), timezone.now()
    children = child.start(4)
    child.order(children, "wrap", organization.id, today.date() + timedelta(days=99), 1)
    child.answers(children)  # awake, and connected
    raced = 0
    for number in range(10):
        day = today + timedelta(days=number)
        keys.ensure_epoch(organization_id=organization.id, day=day.date())
        child.order(children, "wrap", organization.id, day.date(), 100_000)
        threading.Event().wait(0.02 * number)
        destruction.mark(now=day + timedelta(days=1))
        answers = child.answers(children)
        assert all(answer["over"] for answer in answers)
        raced += all_open(answers)
        assert EpochKey.objects.get(day=day.date()).state == "marked"
    child.end(children)
    assert raced > 20
