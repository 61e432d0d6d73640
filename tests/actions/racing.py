"""Several at once, for real: each in a thread with a connection of its own. Row locks are PostgreSQL's."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from connexion_plugin.exceptions import Refused

FOR_REAL = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql",
        reason="SQLite has one writer at a time: there is no race to lose",
    ),
]


def at_once(*work: Callable[[], object]) -> list[object]:
    """Runs each in a thread with a connection of its own, all from the same moment; returns or raises as they do."""
    barrier = threading.Barrier(len(work))

    def run(one: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=30)
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, one) for one in work]]


def refused_or(act):
    """What it gives, or the refusal."""

    def acts():
        try:
            return act()
        except Refused as refusal:
            return refusal

    return acts
