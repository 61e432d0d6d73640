"""Reads what is due, and is killed by itself where it is told to.

python -m tests.faults.dying_scan SCANNER STEP
"""

import os
import signal
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402

from connexion_plugin.actions import scanning  # noqa: E402
from connexion_plugin.documents.scanning import Clamd  # noqa: E402

settings.CONNEXION = {**settings.CONNEXION, "SCANNER": sys.argv[1]}
STEPS = {
    "before it is asked": (scanning.scanner_trust, "mistrust"),
    "while it is read": (Clamd, "feed"),
    "before the answer": (Clamd, "verdict"),
    "before it is noted": (scanning, "_settle"),
    "before the line": (scanning, "append_line"),
    "before the mails": (scanning, "_tell"),
    "among the mails": (scanning.outbox, "enqueue"),
}
if sys.argv[2] in STEPS:
    module, name = STEPS[sys.argv[2]]
    setattr(module, name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
scanning.scan_documents(seconds=60)
