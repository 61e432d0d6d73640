"""A sweep that is killed for real, at each of its steps and anywhere: the next one finishes it, once (spec E3)."""

import json
import os
import signal
import subprocess
import sys
from uuid import uuid4

import pytest

from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import post_message
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from tests.factories.conversations import in_days, seat_of, start
from tests.faults.processes import ROOT, environment

pytestmark = [pytest.mark.faults, pytest.mark.spec("E2", "E3")]


# Two sweeps killed in each; three in the usual run, twenty with `make faults`.
ROUNDS = min(int(os.environ.get("CONNEXION_FAULT_ROUNDS", "3")), 20)
MESSAGES = 40


def run(env, *step):
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.dying_sweep", *step],
        cwd=ROOT, env=env, timeout=180, capture_output=True, check=False,
    )  # fmt: skip


def post_with_document(user, conversation):
    """The name of its one part."""
    document = sealed_upload(name="a.pdf", chunks=[b"x"], key_for=new_document_key, storage=sealed_storage())
    post_message(
        participation=seat_of(user, conversation),
        text="Voici.",
        documents=[document],
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )
    return part_name(document.attachment_id, 0)


@pytest.mark.fault(14, rounds=ROUNDS)
def test_two_sweeps_killed_at_random_moments_leave_what_the_next_finishes(
    alice, bob, alice_enrolment, shared_database
):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    parts = [post_with_document(alice, conversation) for _ in range(MESSAGES)]
    done = run(environment(shared_database(), 25), "at-random", str(ROUNDS))
    assert done.returncode == 0, done.stderr.decode()
    left = json.loads(done.stdout)
    assert left.pop("cut") >= 1
    assert left == {
        "not emptied": 0, "documents": 0, "notes of parts": 0, "lines": MESSAGES + 1, "warnings": MESSAGES,
        "disagreements": [],
    }  # fmt: skip
    assert not any(sealed_storage().exists(part) for part in parts)


@pytest.mark.fault(14, rounds=4)
def test_killed_at_every_step_it_empties_each_message_once(alice, bob, alice_enrolment, shared_database):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    parts = [post_with_document(alice, conversation) for _ in range(2)]
    env = environment(shared_database(), 25)
    for step in (
        "among the warnings",
        "before the title",
        "before the line",
        "before the parts",
        "among the parts",
    ):
        killed = run(env, step)
        assert killed.returncode == -signal.SIGKILL, (step, killed.stderr.decode())
    last = run(env, "nowhere")
    assert last.returncode == 0, last.stderr.decode()
    assert json.loads(last.stdout) == {
        "not emptied": 0, "documents": 0, "notes of parts": 0, "lines": 3, "warnings": 2, "disagreements": [],
    }  # fmt: skip
    assert not any(sealed_storage().exists(part) for part in parts)
