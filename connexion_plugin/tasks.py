"""What django-q2 runs. Tasks take no arguments, leave no result and may run twice: the rows are the truth."""

from connexion_plugin.actions import (
    bounces,
    dates,
    expiry,
    following_holds,
    freezing,
    handing_over,
    holds,
    scan_leases,
    scanning,
)
from connexion_plugin.mail import delivery, outbox


def deliver() -> None:
    """Carry what is due, record what came back; when a task's time is over and there is more, another one goes on."""
    is_unfinished = delivery.deliver()
    bounces.record_bounces()
    if is_unfinished:
        outbox.wake()


def record_status_changes() -> None:
    """Write the lines of what administrators changed (A2); another run goes on where one stops."""
    if not freezing.record_status_changes():
        freezing.wake()


def carry_hand_overs() -> None:
    """Hand conversations over to whom administrators named (C13); another run goes on where one stops."""
    if not handing_over.carry_hand_overs():
        handing_over.wake()


def expire() -> None:
    """Empty and forget what is past its hour (E3), and give the key store its turn.

    Another run goes on where one stops.
    """
    if not expiry.sweep().is_done:
        expiry.wake()


def follow_holds() -> None:
    """Bring keys to what legal holds ask for (E3); another run goes on where one stops."""
    if not following_holds.follow_holds():
        holds.wake()


def follow_openings() -> None:
    """Move the rows of large conversations to the date of their last opening (B2)."""
    dates.follow_openings()


def scan_documents() -> None:
    """Read what was posted, for its digest and for the scanner (D4, D5); another run goes on where one stops."""
    if scanning.scan_documents():
        scan_leases.wake()
