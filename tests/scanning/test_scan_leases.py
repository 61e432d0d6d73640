"""Which worker has a document in hand, and until when."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone
from django_q.models import OrmQ

from connexion_plugin.actions import scan_leases, scanning
from connexion_plugin.models import Activity, Attachment, Mail
from tests.factories.conversations import in_days
from tests.scanning.readers import state

pytestmark = [pytest.mark.spec("D4"), pytest.mark.django_db]
Scan = Attachment.Scan


def test_one_worker_at_a_time_has_a_document(scan_with, post_documents, tmp_path):
    scan_with(str(tmp_path / "nobody.sock"), SCANS_AT_ONCE=2)
    post_documents(b"1", b"2", b"3")
    first, second = scan_leases.claim(), scan_leases.claim()
    assert first.pk != second.pk
    assert scan_leases.claim() is None  # enough are read


def test_a_lease_that_a_killed_worker_held_ends_by_itself(scan_with, post_documents, tmp_path):
    scan_with(str(tmp_path / "nobody.sock"))
    (document,) = post_documents(b"Bonjour")
    lost = scan_leases.claim()
    assert scan_leases.claim() is None
    assert scan_leases.oldest_due() is None
    with time_machine.travel(timezone.now() + scan_leases.LEASE + timedelta(seconds=1)):
        assert scan_leases.oldest_due() == document.pk
        found = scan_leases.claim()
        assert (found.pk, found.check_tries) == (document.pk, 2)
        with pytest.raises(scan_leases.LeaseLost):
            scan_leases.renew(lost)


def test_who_lost_the_lease_settles_nothing(fake_clamd, scan_with, post_documents):
    fake_clamd.behaviour = lambda document: "stream: Eicar FOUND"
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    claimed = scan_leases.claim()
    Attachment.unscoped.update(check_lease=uuid4())
    scanning._check(claimed)
    assert state(document) == Scan.WAITING
    assert not Activity.unscoped.filter(verb=Activity.Verb.WITHHELD).exists()
    assert not Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).exists()


def test_what_expires_while_it_is_read_is_let_go(fake_clamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour", expires_at=in_days(1))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        scanning.scan_documents()
        assert state(document) == Scan.WAITING
        assert document.check_due_at is None
        assert not scan_leases.is_due()


def test_a_wake_is_asked_for_once_while_one_waits(
    scan_with, post_documents, tmp_path, django_capture_on_commit_callbacks
):
    scan_with(str(tmp_path / "nobody.sock"))
    with django_capture_on_commit_callbacks(execute=True):
        post_documents(b"1")
    wakes = [row for row in OrmQ.objects.all() if row.func() == scan_leases.SCAN]
    assert len(wakes) == 1
    with django_capture_on_commit_callbacks(execute=True):
        post_documents(b"2", title="Un autre")
    assert len([row for row in OrmQ.objects.all() if row.func() == scan_leases.SCAN]) == 1
