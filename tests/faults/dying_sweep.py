"""Empties all that expires within 500 days, and is killed by itself where it is told to; then says what is left.

python -m tests.faults.dying_sweep STEP, where a STEP that does not exist kills nowhere
python -m tests.faults.dying_sweep at-random ROUNDS: two sweeps side by side, both killed, so many times; then one
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from connexion_plugin.actions import documents, expiry, stored_parts, verification, warnings  # noqa: E402
from connexion_plugin.models import Activity, Attachment, Message, SeatNotice, StoredParts  # noqa: E402

STEPS = {
    "among the warnings": (warnings.seat_notices, "queue"),
    "before the line": (expiry, "append_line"),
    "before the parts": (documents, "delete_stored"),
    "among the parts": (documents, "delete_parts"),
    "before the title": (expiry, "empty_title"),
}


def sweep():
    warnings.warn_of_expiry(now=timezone.now() + timedelta(days=25), limit=1_000)
    now = timezone.now() + timedelta(days=500)
    for message in Message.unscoped.order_by("sequence"):
        expiry.empty_message(message.pk, now=now)
        expiry.empty_title_of(message.conversation_id, now=now)
    stored_parts.sweep_parts(begun_before=now)


def left():
    return {
        "not emptied": Message.unscoped.filter(emptied_at=None).count(),
        "documents": Attachment.unscoped.count(),
        "notes of parts": StoredParts.unscoped.count(),
        "lines": Activity.unscoped.filter(verb=Activity.Verb.EXPIRED).count(),
        "warnings": SeatNotice.unscoped.count(),
        "disagreements": list(verification.disagreements()),
    }


def forked_sweep():
    connections.close_all()  # a connection must not be shared across a fork
    if (pid := os.fork()) == 0:
        sweep()
        os._exit(0)
    return pid


def killed_at_random(rounds):
    """How many of them found a sweep at work."""
    cut = 0
    for _ in range(rounds):
        pids = [forked_sweep() for _ in range(2)]
        time.sleep(random.uniform(0.02, 0.2))
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            cut += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    return cut


if sys.argv[1] in STEPS:
    module, name = STEPS[sys.argv[1]]
    setattr(module, name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))

cut = killed_at_random(int(sys.argv[2])) if sys.argv[1] == "at-random" else None
sweep()
sys.stdout.write(json.dumps(left() if cut is None else {**left(), "cut": cut}))
