"""Carries what is to be handed over, and is killed by itself where it is told to; then says what is left.

python -m tests.faults.dying_hand_over STEP NUMBER, where a STEP that does not exist kills nowhere and NUMBER is
how often the step is passed before it kills
"""

import json
import os
import signal
import sys
from typing import Any

import django

django.setup()

from connexion_plugin.actions import handing_over, succession, telling, verification  # noqa: E402
from connexion_plugin.models import Activity, Conversation, HandOver, Mail, Participation  # noqa: E402

STEPS = {
    "as the former owner steps down": (succession, "_owners_seat"),
    "before the line": (succession, "append_line"),
    "before the permissions": (succession.access, "recompute"),
    "before it is finished": (handing_over, "_finish"),
    "among the letters": (telling, "_letter"),
}

if sys.argv[1] in STEPS:
    module, name = STEPS[sys.argv[1]]
    as_it_is, left_to_pass = getattr(module, name), int(sys.argv[2])

    def passed_or_killed(*args: Any, **kwargs: Any) -> Any:
        global left_to_pass
        if left_to_pass == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left_to_pass -= 1
        return as_it_is(*args, **kwargs)

    setattr(module, name, passed_or_killed)

while not handing_over.carry_hand_overs():
    pass
left = {
    "not handed over": Conversation.unscoped.exclude(collaborator__address__startswith="emma").count(),
    "owners": Participation.unscoped.filter(role="owner", seat="taken").count(),
    "lines": Activity.unscoped.filter(verb=Activity.Verb.HANDED_OVER).count(),
    "told": Mail.unscoped.filter(kind=Mail.Kind.HAND_OVER).count(),
    "unfinished": HandOver.unscoped.filter(told_at=None).count(),
    "disagreements": list(verification.disagreements()),
}
sys.stdout.write(json.dumps(left))
