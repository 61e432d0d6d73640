"""Empties all that expires within 500 days, and is killed by itself where it is told to; then says what is left.

python -m tests.faults.dying_sweep STEP, where a STEP that does not exist kills nowhere
"""

import json
import os
import signal
import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from connexion_plugin.actions import documents, expiry, verification, warnings  # noqa: E402
from connexion_plugin.models import Activity, Attachment, Message, SeatNotice, StoredParts  # noqa: E402

STEPS = {
    "among the warnings": (warnings.seat_notices, "queue"),
    "before the line": (expiry, "append_line"),
    "before the parts": (documents, "delete_stored"),
    "among the parts": (documents, "delete_parts"),
    "before the title": (expiry, "empty_title"),
}

if sys.argv[1] in STEPS:
    module, name = STEPS[sys.argv[1]]
    setattr(module, name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))

warnings.warn_of_expiry(now=timezone.now() + timedelta(days=25), limit=100)
now = timezone.now() + timedelta(days=500)
for message in Message.unscoped.order_by("sequence"):
    expiry.empty_message(message.pk, now=now)
    expiry.empty_title_of(message.conversation_id, now=now)
documents.sweep_parts(begun_before=now)
left = {
    "not emptied": Message.unscoped.filter(emptied_at=None).count(),
    "documents": Attachment.unscoped.count(),
    "notes of parts": StoredParts.unscoped.count(),
    "lines": Activity.unscoped.filter(verb=Activity.Verb.EXPIRED).count(),
    "warnings": SeatNotice.unscoped.count(),
    "disagreements": list(verification.disagreements()),
}
sys.stdout.write(json.dumps(left))
