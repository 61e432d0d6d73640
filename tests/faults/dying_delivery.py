"""Delivers what is due, and is killed by itself at the n-th mail: after the server's answer, before it is noted.

python -m tests.faults.dying_delivery N
"""

import os
import signal
import sys
from datetime import timedelta
from typing import Any

import django

django.setup()

from connexion_plugin.mail import delivery, leases  # noqa: E402

settled = 0
settle = leases.settle


def die_before_the_nth(mail: Any, state: Any, *, fault: str = "") -> bool:
    global settled
    settled += 1
    if settled == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return settle(mail, state, fault=fault)


leases.settle = die_before_the_nth
leases.lease_duration = lambda: timedelta(seconds=1)
delivery.deliver(seconds=30)
