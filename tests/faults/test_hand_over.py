"""A hand-over that is killed for real, at each of its steps: the next run goes on, and tells everybody once (C13)."""

import json
import signal
import subprocess
import sys

import pytest

from connexion_plugin.actions.handing_over import hand_over
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.models import Participation
from tests.factories import enrol, make_person
from tests.factories.conversations import start
from tests.faults.processes import ROOT, environment

pytestmark = [pytest.mark.faults, pytest.mark.spec("C13")]


def run(env, step, number):
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.dying_hand_over", step, str(number)],
        cwd=ROOT, env=env, timeout=180, capture_output=True, check=False,
    )  # fmt: skip


def test_killed_at_every_step_each_conversation_is_handed_over_once(
    alice, bob, dora, organization, alice_enrolment, shared_database
):
    make_person("Emma Cyr", "emma@etude-tremblay.example")
    emma = enrol(organization, "emma@etude-tremblay.example")
    for _ in range(6):
        start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])
    hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    env = environment(shared_database(), 25)
    for step, number in (
        ("as the former owner steps down", 0),
        ("before the line", 1),
        ("before the permissions", 2),
        ("before it is finished", 0),
        ("among the letters", 1),
    ):
        killed = run(env, step, number)
        assert killed.returncode == -signal.SIGKILL, (step, killed.stderr.decode())
    last = run(env, "nowhere", 0)
    assert last.returncode == 0, last.stderr.decode()
    assert json.loads(last.stdout) == {
        "not handed over": 0, "owners": 6, "lines": 6, "told": 3, "unfinished": 0, "disagreements": [],
    }  # fmt: skip
    assert list(disagreements()) == []
    assert Participation.unscoped.filter(role="owner").count() == 6
