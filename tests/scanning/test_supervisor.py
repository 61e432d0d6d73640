"""The worker's supervisor looks at documents as it looks at mails (house.md)."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django_q.models import OrmQ

from connexion_plugin.actions import scan_leases, scanning
from connexion_plugin.management.supervisor import Supervisor
from connexion_plugin.models import Mail, Notice

pytestmark = [pytest.mark.spec("D4"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waiting(scan_with, post_documents, tmp_path):
    """One document, and no mail; its wake was lost with a child of the queue."""
    scan_with(str(tmp_path / "nobody.sock"))
    with transaction.atomic():
        (document,) = post_documents(b"Bonjour")
    Notice.unscoped.all().delete()
    Mail.unscoped.all().delete()
    OrmQ.objects.all().delete()
    return document


def restarts(supervisor, monkeypatch):
    happened = []
    monkeypatch.setattr(supervisor, "_restart", lambda: happened.append(True))
    return happened


def test_a_document_that_is_due_is_woken_once(waiting):
    supervisor = Supervisor()
    supervisor._look()
    supervisor._look()
    assert [row.task["func"] for row in OrmQ.objects.all()] == [scan_leases.SCAN]


def test_the_same_document_due_for_too_long_restarts_the_queue(waiting, monkeypatch):
    supervisor = Supervisor(patience_seconds=0)
    happened = restarts(supervisor, monkeypatch)
    supervisor._look()
    assert happened


def test_while_one_is_read_the_next_is_not_late(waiting, post_documents, monkeypatch):
    assert scan_leases.claim()
    supervisor = Supervisor(patience_seconds=0)
    happened = restarts(supervisor, monkeypatch)
    supervisor._look()
    assert not happened
    assert not OrmQ.objects.exists()


def test_while_the_scanner_is_down_nothing_is_late(waiting, monkeypatch):
    cache.set(scanning.OUTAGE, "down", 30)
    supervisor = Supervisor(patience_seconds=0)
    happened = restarts(supervisor, monkeypatch)
    supervisor._look()
    assert not happened
    assert not OrmQ.objects.exists()
