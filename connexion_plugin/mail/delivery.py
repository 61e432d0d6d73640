"""Carrying the outbox to the SMTP server: claimed in batches, sent outside any transaction, settled singly.

Between the server's answer and the settling lies the one moment in which a crash sends a mail twice; the
second has the same Message-ID, and a mailbox that knows it shows one (spec N3).
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core import mail as django_mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from connexion_plugin.exceptions import KeyGone, Tampered
from connexion_plugin.mail import faults, gathering, leases, rendering, seat_notices
from connexion_plugin.mail.faults import Verdict
from connexion_plugin.models import Mail

MAILS_AT_ONCE = 50
# Short, so that a worker that is told to stop has soon finished what it began.
TASK_SECONDS = 5.0
OUTAGE = "connexion:smtp-is-down"
OUTAGE_SECONDS = 30
BREAKS_OF_AN_OUTAGE = 2

logger = logging.getLogger(__name__)


def deliver(*, seconds: float = TASK_SECONDS, clock: Callable[[], float] = time.monotonic) -> bool:
    """Gather and send what is due, for `seconds`. True when there may be more.

    May run any number of times, side by side, and be killed anywhere.
    """
    deadline = clock() + seconds
    leases.bring_back()
    with Post() as post:
        while clock() < deadline and not is_outage():
            gathered = gathering.gather() + seat_notices.gather()
            batch = leases.claim(MAILS_AT_ONCE)
            if batch:
                _carry(batch, post, out_of_time=lambda: clock() >= deadline)
            elif not gathered:
                return False
    return not is_outage()


def is_outage() -> bool:
    """Has the SMTP server failed in the last seconds? Then nobody asks it, and nothing is late."""
    return cache.get(OUTAGE) is not None


def _carry(batch: Sequence[Mail], post: "Post", *, out_of_time: Callable[[], bool]) -> None:
    """Send a batch; what was not tried, for whatever reason, is handed back."""
    tried = 0
    try:
        letters = rendering.Letters(batch)
        for mail in batch:
            if out_of_time() or post.is_down:
                break
            if post.open():
                tried += 1
                _send(mail, letters, post)
    finally:
        leases.release(batch[tried:])


def _send(mail: Mail, letters: rendering.Letters, post: "Post") -> None:
    try:
        letter = letters.write(mail)
    except (KeyGone, Tampered) as error:
        leases.settle(mail, Mail.State.REFUSED, fault=type(error).__name__)
        return
    except Exception as error:
        # It must not hold up those behind it. Only the error's type is told: its text may hold a code.
        logger.error("Mail %s cannot be written: %s", mail.pk, type(error).__name__)
        leases.postpone(mail, fault=type(error).__name__)
        return
    if letter is None:
        leases.settle(mail, Mail.State.DROPPED)
        return
    _settle(mail, post.send(letter))


def _settle(mail: Mail, fault: faults.Fault | None) -> None:
    if fault is None:
        leases.settle(mail, Mail.State.SENT)
    elif fault.verdict is Verdict.REFUSED:
        logger.warning("Mail %s is refused for good: %s", mail.pk, fault.code)
        leases.settle(mail, Mail.State.REFUSED, fault=fault.code)
    else:
        logger.info("Mail %s waits: %s", mail.pk, fault.code)
        leases.postpone(mail, fault=fault.code)


class Post:
    """One connection for many mails, opened anew when it breaks, given up when it breaks again."""

    def __init__(self) -> None:
        # A server that hangs must not hold a worker for ever, whatever the host's settings forget.
        timeout: dict[str, Any] = {} if settings.EMAIL_TIMEOUT else {"timeout": 20}
        self._connection: BaseEmailBackend = django_mail.get_connection(**timeout)
        self._breaks = 0
        self._is_open = False
        self.is_down = False

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def open(self) -> bool:
        """False, and `is_down`, when there is no server to speak to."""
        if not self._is_open:
            try:
                self._connection.open()
            except Exception as error:
                self._declare_outage(type(error).__name__)
            else:
                self._is_open = True
        return self._is_open

    def send(self, letter: EmailMessage) -> faults.Fault | None:
        """None when the server took it."""
        try:
            self._connection.send_messages([letter])
        except Exception as error:
            fault = faults.read(error)
            if fault.verdict is Verdict.BROKEN:
                self._note_break(fault.code)
            return fault
        self._breaks = 0
        return None

    def _note_break(self, code: str) -> None:
        self._close()
        self._breaks += 1
        if self._breaks >= BREAKS_OF_AN_OUTAGE:
            self._declare_outage(code)

    def _declare_outage(self, code: str) -> None:
        logger.warning("The SMTP server does not answer (%s); asking again in %s s.", code, OUTAGE_SECONDS)
        cache.set(OUTAGE, code, OUTAGE_SECONDS)
        self.is_down = True

    def _close(self) -> None:
        self._is_open = False
        try:
            self._connection.close()
        except Exception as error:
            logger.debug("Closing the connection: %s", type(error).__name__)
