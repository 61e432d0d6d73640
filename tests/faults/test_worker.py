"""The worker, killed: nothing is lost, almost nothing is sent twice (spec N3; goals.md, fault 2).

`CONNEXION_FAULT_ROUNDS=50` makes a long run of it; the usual one has a handful.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.factories.conversations import start
from tests.faults.processes import ROOT, Worker, environment, kill, wait_until
from tests.mail.conftest import enqueue_codes

pytestmark = pytest.mark.faults

ROUNDS = int(os.environ.get("CONNEXION_FAULT_ROUNDS", "3"))


@pytest.fixture
def worker(shared_database, smtp, tmp_path: Path):
    """`worker(...)` starts one on what is in the database now."""
    workers = []

    def begin(**options):
        url = shared_database() if not workers else workers[0].url
        started = Worker(environment(url, smtp.port), tmp_path / f"worker-{len(workers)}.log", **options)
        started.url = url
        workers.append(started)
        return started

    yield begin
    for started in workers:
        if started.process.poll() is None:
            started.kill_all()


def sent(smtp) -> set[str]:
    return set(smtp.recipients())


def wait_while_it_moves(smtp, people: set[str]) -> float:
    """Seconds until all have theirs; fails when nothing at all arrives for two minutes (goals.md, fault 2)."""
    began = since = time.monotonic()
    known = -1
    while sent(smtp) != people:
        if len(smtp.received) != known:
            known, since = len(smtp.received), time.monotonic()
        assert time.monotonic() - since < 120, f"the backlog stands still at {known} of {len(people)}"
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.spec("N1", "N3")
def test_one_command_sends_what_is_due_and_ends_at_a_ctrl_c(alice, alice_enrolment, worker, smtp):
    people = [f"person-{n}@example.org" for n in range(40)]
    start(alice_enrolment, to=people)
    running = worker()
    wait_until(lambda: sent(smtp) == set(people), 120, "every notice is sent")
    children = running.children()
    assert running.stop(signal.SIGINT) == 0
    assert set(smtp.recipients().values()) == {1}
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


@pytest.mark.fault(2)
@pytest.mark.spec("N3")
def test_at_most_the_mail_in_hand_goes_twice_when_its_worker_dies_before_noting_it(shared_database, smtp):
    mails = enqueue_codes(10)
    env = environment(shared_database(), smtp.port)
    dying = [sys.executable, "-m", "tests.faults.dying_delivery"]
    first = subprocess.run([*dying, "4"], cwd=ROOT, env=env, timeout=120, capture_output=True, check=False)
    assert first.returncode == -signal.SIGKILL, first.stderr.decode()
    assert len(smtp.received) == 4
    time.sleep(1.2)  # the lease of that process, shortened
    second = subprocess.run(
        [*dying, "1000"], cwd=ROOT, env=env, timeout=120, capture_output=True, check=False
    )
    assert second.returncode == 0, second.stderr.decode()
    times = smtp.recipients()
    assert set(times) == {mail.to for mail in mails}
    assert sorted(times.values()) == [1] * 9 + [2]
    assert len({message["Message-ID"] for message in smtp.received}) == len(mails)


@pytest.mark.fault(2, rounds=ROUNDS)
@pytest.mark.spec("N3")
def test_children_killed_under_load_lose_nothing(alice, alice_enrolment, worker, smtp):
    # Slow enough, and many enough, that there is something in hand at each kill: about 40 a second go out.
    people = [f"person-{n}@example.org" for n in range(120 * ROUNDS)]
    start(alice_enrolment, to=people)
    chance = random.Random(20261124)
    smtp.at_data = lambda recipient, times: time.sleep(0.05) or "250 2.0.0 taken"
    running = worker()
    kills = 0
    while kills < ROUNDS:
        wait_until(running.is_running_tasks, 130, "the queue runs, two minutes after a kill at the latest")
        time.sleep(chance.uniform(0.1, 1.0))
        victims = running.children()
        if victims:  # there are none while the group of an earlier victim is being replaced
            kill(chance.choice(victims))
            kills += 1
    took = wait_while_it_moves(smtp, set(people))
    twice = sum(times - 1 for times in smtp.recipients().values())
    print(f"{len(people)} notices, {ROUNDS} kills, {twice} sent twice, {took:.0f} s after the last kill")  # noqa: T201
    assert twice <= ROUNDS
    assert len({message["Message-ID"] for message in smtp.received}) == len(people)
    running.stop()


@pytest.mark.fault(2)
@pytest.mark.spec("N3")
def test_a_queue_that_stands_still_is_restarted(alice, alice_enrolment, worker, smtp):
    people = [f"person-{n}@example.org" for n in range(30)]
    start(alice_enrolment, to=people)
    smtp.at_data = lambda recipient, times: time.sleep(0.1) or "250 2.0.0 taken"
    running = worker(patience=3)
    wait_until(lambda: len(smtp.received) >= 3, 120, "it sends")
    still = running.children()
    for pid in still:
        kill(pid, signal.SIGSTOP)
    wait_until(lambda: sent(smtp) == set(people), 120, "a new group sends the rest")
    assert not set(still) & set(running.children())
    running.stop()


@pytest.mark.fault(2)
def test_no_child_outlives_the_command_however_it_dies(alice, alice_enrolment, worker, smtp):
    start(alice_enrolment, to=["bob@example.org"])
    running = worker()
    wait_until(running.is_running_tasks, 120, "the queue runs")
    children = running.children()
    kill(running.process.pid)
    wait_until(
        lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()], 60, "the group is gone"
    )
