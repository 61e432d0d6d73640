"""What an SMTP server's refusal means: for this mail, for this connection, or for everything."""

import re
import smtplib
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    REFUSED = "refused"  # this address will never take it
    LATER = "later"  # this mail, another time
    BROKEN = "broken"  # the connection is gone; whether this mail went out is not known


@dataclass(frozen=True)
class Fault:
    """`code` is what is stored and shown to the owner: numbers and class names, never the server's words,
    which may quote addresses."""

    verdict: Verdict
    code: str


SERVICE_CLOSING = 421  # RFC 5321, 3.8: the server hangs up after it
STATUS = re.compile(rb"\b([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
OF_THE_ADDRESS = (b"5.1.", b"5.2.")


def read(error: Exception) -> Fault:
    """The meaning of what sending one mail to one address raised."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
            return _answer(code, _bytes(words), at_recipient=True)
        case smtplib.SMTPResponseException():
            return _answer(error.smtp_code, _bytes(error.smtp_error), at_recipient=False)
        case smtplib.SMTPServerDisconnected():
            return Fault(Verdict.BROKEN, type(error).__name__)
        case ValueError():
            # Django cannot make an envelope or a header of it: it never will.
            return Fault(Verdict.REFUSED, type(error).__name__)
        case OSError() if not isinstance(error, smtplib.SMTPException):
            return Fault(Verdict.BROKEN, type(error).__name__)
        case _:
            return Fault(Verdict.LATER, type(error).__name__)


def _answer(code: int, words: bytes, *, at_recipient: bool) -> Fault:
    """A refusal of the address is final. A refusal of us (relaying denied, policy, a full disk) is somebody's
    mistake that somebody mends: it is tried again, for days."""
    found = STATUS.search(words)
    status = found[1] if found else b""
    name = f"{code} {status.decode()}".strip()
    if code == SERVICE_CLOSING:
        return Fault(Verdict.BROKEN, name)
    of_the_address = status.startswith(OF_THE_ADDRESS) if status else at_recipient
    return Fault(Verdict.REFUSED if code >= 500 and of_the_address else Verdict.LATER, name)


def _bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words
