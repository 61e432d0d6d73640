"""One command that keeps deliveries moving: it runs django-q2's cluster and restarts it when it stalls.

Killing a child of the cluster can leave a lock that nobody frees, and then it stalls for good with tasks
waiting (house.md). So the cluster lives in a process group of its own, and what is looked at is not the
cluster but the rows: the one that is due longest must not stay the same for two minutes.
"""

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta
from types import FrameType
from uuid import UUID

from django.db import close_old_connections, connections
from django_q.brokers import get_broker
from django_q.cluster import Cluster

from connexion_plugin.actions import dates, expiry, freezing, handing_over, holds, scan_leases, scanning
from connexion_plugin.mail import delivery, leases, outbox

LOOK_SECONDS = 3.0
PATIENCE_SECONDS = 120.0
GRACE_SECONDS = 15.0
# A group that dies as soon as it starts is started again after this, doubled each time up to this:
# with every pause the backlog still moves within two minutes (goals.md, fault 2).
FIRST_RESTART_PAUSE_SECONDS = 1.0
LONGEST_RESTART_PAUSE_SECONDS = 20.0
LOST_WAKE = timedelta(minutes=2)  # a change of status that waits longer lost its wake
FIRST_EXPIRY_SECONDS = 30.0
EXPIRY_SECONDS = 300.0  # between two sweeps of what has expired
SETTLED_SECONDS = 5.0  # who lived that long did not die of its start

logger = logging.getLogger(__name__)
_fork = multiprocessing.get_context("fork")  # as django-q2 does: what is loaded is shared


class Watch:
    """Does the oldest due row stay the same for too long? A long backlog that moves does not concern it."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._seen: UUID | None = None
        self._since = 0.0

    def is_stalled(self, oldest: UUID | None, now: float) -> bool:
        """`now` in seconds of a clock that never jumps."""
        if oldest is None or oldest != self._seen:
            self._seen, self._since = oldest, now
        return oldest is not None and now - self._since >= self._patience

    def forget(self) -> None:
        self._seen = None


class Group:
    """django-q2's cluster in its own process group: a Ctrl-C does not reach it, a kill takes all of it."""

    def __init__(self) -> None:
        connections.close_all()  # a connection must not be shared across a fork
        self._process = _fork.Process(target=_run_cluster, args=(os.getpid(),), name="connexion-cluster")
        self._process.start()
        self.started_at = time.monotonic()
        assert self._process.pid is not None
        self.id = self._process.pid
        with contextlib.suppress(OSError):  # the child does it too; whoever is first
            os.setpgid(self.id, self.id)

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def stop(self, grace: float, hurry: threading.Event) -> None:
        """Let it finish what it began, for `grace` seconds at most; then kill all that is left of it."""
        if self.is_alive():
            self._process.terminate()
        deadline = time.monotonic() + grace
        while self.is_alive() and time.monotonic() < deadline and not hurry.is_set():
            self._process.join(0.1)
        self.kill()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.id, signal.SIGKILL)
        self._process.join()


class Supervisor:
    """Runs until SIGTERM or SIGINT; a second one does not wait for what is being sent."""

    def __init__(
        self,
        *,
        look_seconds: float = LOOK_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._look_seconds = look_seconds
        self._grace_seconds = grace_seconds
        self._watch = Watch(patience_seconds)
        self._documents = Watch(patience_seconds)
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._pause = FIRST_RESTART_PAUSE_SECONDS
        self._group: Group | None = None
        self._next_expiry = time.monotonic() + FIRST_EXPIRY_SECONDS
        self._next_holds = time.monotonic()

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            while not self._stopping.is_set():
                self._keep_running()
                self._look()
                self._stopping.wait(self._look_seconds)
        finally:
            if self._group:
                self._group.stop(self._grace_seconds, self._hurry)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def _keep_running(self) -> None:
        if self._group and self._group.is_alive():
            return
        if self._group:
            self._group.kill()  # what its head left behind
            self._wait_before_restart(self._group)
        if not self._stopping.is_set():
            self._group = Group()
            self._watch.forget()
            self._documents.forget()

    def _wait_before_restart(self, group: Group) -> None:
        if time.monotonic() - group.started_at > SETTLED_SECONDS:
            self._pause = FIRST_RESTART_PAUSE_SECONDS
        logger.error("The queue's processes died; starting them again in %s s.", self._pause)
        self._stopping.wait(self._pause)
        self._pause = min(self._pause * 2, LONGEST_RESTART_PAUSE_SECONDS)

    def _look(self) -> None:
        """Wake the queue when something is due; restart it when the same row is due for too long.

        A database or a broker that is down must not end the one process that waits for it to come back.
        """
        try:
            close_old_connections()
            if freezing.is_due(since=LOST_WAKE) and get_broker().queue_size() == 0:
                freezing.wake()
            if handing_over.is_due(since=LOST_WAKE) and get_broker().queue_size() == 0:
                handing_over.wake()
            self._wake_holds()
            if dates.is_due() and get_broker().queue_size() == 0:
                dates.wake()
            self._wake_expiry()
            oldest = leases.oldest_due()
            if oldest is None or delivery.is_outage():
                self._watch.forget()
                outbox.prepare_epochs()
            elif self._watch.is_stalled(oldest.id, time.monotonic()):
                self._restart()
            elif get_broker().queue_size() == 0:
                outbox.wake()
            self._look_at_documents()
        except Exception as error:
            logger.error("Looking at the outbox failed: %s", type(error).__name__)
            connections.close_all()

    def _look_at_documents(self) -> None:
        """The same for what is to be read; nothing is late while the scanner is down."""
        if scanning.is_outage() or not scan_leases.is_due():
            self._documents.forget()
        elif self._documents.is_stalled(scan_leases.oldest_due(), time.monotonic()):
            self._restart()
        elif get_broker().queue_size() == 0:
            scan_leases.wake()

    def _wake_holds(self) -> None:
        """Now and then: a hold whose key is lost stays due until an operator has looked, and says so in the log."""
        if time.monotonic() < self._next_holds or not holds.is_due(since=LOST_WAKE):
            return
        if get_broker().queue_size() == 0:
            self._next_holds = time.monotonic() + EXPIRY_SECONDS
            holds.wake()

    def _wake_expiry(self) -> None:
        """One waiting wake is enough: a queue that stands still is not filled with them."""
        if time.monotonic() >= self._next_expiry and get_broker().queue_size() == 0:
            self._next_expiry = time.monotonic() + EXPIRY_SECONDS
            expiry.wake()

    def _restart(self) -> None:
        logger.error("Mails or documents are late and the queue does not move: restarting its processes.")
        if self._group:
            self._group.stop(min(self._grace_seconds, 5.0), self._hurry)
            self._group = None
        self._keep_running()


def _run_cluster(supervisor: int) -> None:
    """The head of the group. Ends when its cluster does, and takes all down when the supervisor is gone."""
    os.setpgid(0, 0)
    cluster = Cluster()  # it catches SIGTERM, and lets its workers finish
    cluster.start()
    while cluster.sentinel.is_alive():
        if os.getppid() != supervisor:
            os.killpg(0, signal.SIGKILL)
        time.sleep(0.5)
