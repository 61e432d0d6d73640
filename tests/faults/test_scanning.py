"""A worker that is killed for real while it reads a document: the next one does it, once (spec D4)."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from connexion_plugin.models import Activity, Attachment, Mail
from tests.faults.processes import ROOT, environment
from tests.scanning.clamd_server import EICAR
from tests.scanning.conftest import *  # noqa: F403  the scanners and what is posted

pytestmark = [pytest.mark.faults, pytest.mark.spec("D4"), pytest.mark.django_db(transaction=True)]

STEPS = [
    "before it is asked",
    "while it is read",
    "before the answer",
    "before it is noted",
    "before the line",
    "before the mails",
    "among the mails",
]


@pytest.mark.postgresql
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_leaves_a_document_that_the_next_worker_finishes(
    real_clamd, scan_with, post_documents, step
):
    scan_with(real_clamd.address)
    (document,) = post_documents(EICAR)
    parts = connection.settings_dict
    url = f"postgres://{parts['USER']}@{parts['HOST']}:{parts['PORT'] or 5432}/{parts['NAME']}"

    def run(step):
        command = [sys.executable, "-m", "tests.faults.dying_scan", real_clamd.address, step]
        return subprocess.run(command, cwd=ROOT, env=environment(url, 25), timeout=120).returncode

    assert run(step) == -signal.SIGKILL
    document.refresh_from_db()
    assert (document.scan, document.check_tries) == (Attachment.Scan.WAITING, 1)
    assert not Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).exists()
    Attachment.unscoped.update(check_due_at=timezone.now() - timedelta(seconds=1))  # the lease is over

    assert run("nowhere") == 0
    document.refresh_from_db()
    assert document.scan == Attachment.Scan.INFECTED
    assert Activity.unscoped.filter(verb=Activity.Verb.WITHHELD).count() == 1
    assert Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).count() == 1
    assert run("nowhere") == 0
    assert Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).count() == 1
