"""`connexion_expire`, and the task that the worker runs every few minutes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from django_q.models import OrmQ

from connexion_plugin import tasks
from connexion_plugin.actions import expiry
from connexion_plugin.management.supervisor import FIRST_EXPIRY_SECONDS, Supervisor
from connexion_plugin.models import EpochKey, Message
from tests.actions.test_expiry import house, live, parts_of_this_test  # noqa: F401
from tests.factories.conversations import post
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("E3")


def run(*options):
    out, err = StringIO(), StringIO()
    with translation.override("en"):
        call_command("connexion_expire", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_dry_run_says_what_would_go_and_changes_nothing(house, clock, alice):  # noqa: F811
    post(alice, house, "Pour deux jours", days=2)
    live(clock, 2 * DAY - HOUR)
    clock.jump(HOUR)
    said, _ = run("--dry-run")
    assert "Nothing was changed." in said
    assert "1 message\n" in said
    assert Message.unscoped.filter(emptied_at=None).count() == 2
    assert run("--dry-run") == run("--dry-run")
    said, warned = run()
    assert "1 message\n" in said
    assert not warned
    assert Message.unscoped.filter(emptied_at=None).count() == 1


def test_it_says_which_keys_would_be_marked_and_destroyed(house, clock, alice):  # noqa: F811
    post(alice, house, "Pour deux jours", days=2)
    live(clock, 2 * DAY)
    clock.jump(13 * HOUR)  # past midnight, UTC
    assert "1 key marked" in run("--dry-run")[0]
    live(clock, DAY - HOUR)
    clock.jump(HOUR)
    assert "1 key destroyed" in run("--dry-run")[0]
    assert not EpochKey.objects.filter(state=EpochKey.State.DESTROYED).exists()
    assert "1 key destroyed" in run()[0]


def test_it_says_why_nothing_expires_yet(house, clock, alice):  # noqa: F811
    post(alice, house, "Pour deux jours", days=2)
    clock.jump(3 * DAY)
    said, warned = run()
    assert "0 messages" in said
    assert "has not yet seen a whole day pass" in warned
    assert Message.unscoped.filter(emptied_at=None).count() == 2


def test_it_goes_on_until_all_is_done(house, clock, alice, monkeypatch):  # noqa: F811
    monkeypatch.setattr(expiry, "ROWS_A_RUN", 2)
    for number in range(5):
        post(alice, house, f"n° {number}", days=2)
    live(clock, 2 * DAY - HOUR)
    clock.jump(HOUR)
    assert "5 messages" in run()[0]


def test_without_a_key_store_it_says_so(db, settings, tmp_path):
    settings.CONNEXION = {**settings.CONNEXION, "KEY_STORE": str(tmp_path / "nowhere")}
    with pytest.raises(CommandError, match="no key store"):
        run()


def test_the_task_wakes_another_run_where_one_stops(house, clock, alice, monkeypatch):  # noqa: F811
    monkeypatch.setattr(expiry, "ROWS_A_RUN", 1)
    post(alice, house, "Pour deux jours", days=2)
    live(clock, 2 * DAY - HOUR)
    clock.jump(HOUR)
    OrmQ.objects.all().delete()
    tasks.expire()
    assert OrmQ.objects.count() == 1
    tasks.expire()
    assert OrmQ.objects.count() == 1


def test_the_worker_wakes_it_every_few_minutes(transactional_db, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("connexion_plugin.management.supervisor.time.monotonic", lambda: now[0])
    supervisor, woken = Supervisor(), []
    monkeypatch.setattr(expiry, "wake", lambda: woken.append(now[0]))
    for moment in range(0, 1200, 3):
        now[0] = float(moment)
        supervisor._look()
    assert woken == [FIRST_EXPIRY_SECONDS, 330.0, 630.0, 930.0]
