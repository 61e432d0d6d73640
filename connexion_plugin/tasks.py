"""What django-q2 runs. Tasks take no arguments, leave no result and may run twice: the rows are the truth."""

from connexion_plugin.actions import freezing
from connexion_plugin.mail import delivery, outbox


def deliver() -> None:
    """Carry what is due; when the time of a task is over and there is more, another one goes on."""
    if delivery.deliver():
        outbox.wake()


def record_status_changes() -> None:
    """Write the lines of what administrators changed (A2); another run goes on where one stops."""
    if not freezing.record_status_changes():
        freezing.wake()
