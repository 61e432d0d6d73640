"""What a server's refusal means (spec N3)."""

import smtplib
import socket
import ssl

import pytest

from connexion_plugin.mail import faults
from connexion_plugin.mail.faults import Verdict


def recipient(code, words):
    return smtplib.SMTPRecipientsRefused({"bob@example.org": (code, words)})


@pytest.mark.parametrize(
    ("error", "verdict", "code"),
    [
        (recipient(550, b"5.1.1 <bob@example.org>: no such user"), Verdict.REFUSED, "550 5.1.1"),
        (recipient(552, b"5.2.2 mailbox full"), Verdict.REFUSED, "552 5.2.2"),
        (recipient(553, b"sorry"), Verdict.REFUSED, "553"),
        (recipient(450, b"4.7.1 greylisted"), Verdict.LATER, "450 4.7.1"),
        # Refusals of us, not of the address: somebody's mistake, and mended some day.
        (recipient(554, b"5.7.1 relaying denied"), Verdict.LATER, "554 5.7.1"),
        (smtplib.SMTPSenderRefused(550, b"5.1.8 bad sender domain", "x"), Verdict.REFUSED, "550 5.1.8"),
        (smtplib.SMTPSenderRefused(530, b"authentication required", "x"), Verdict.LATER, "530"),
        (smtplib.SMTPDataError(554, b"looks like spam"), Verdict.LATER, "554"),
        (smtplib.SMTPDataError(550, b"5.1.1 no such user"), Verdict.REFUSED, "550 5.1.1"),
        (smtplib.SMTPDataError(452, b"4.3.1 no room"), Verdict.LATER, "452 4.3.1"),
        (smtplib.SMTPDataError(421, b"4.3.0 closing"), Verdict.BROKEN, "421 4.3.0"),
        (smtplib.SMTPServerDisconnected("x"), Verdict.BROKEN, "SMTPServerDisconnected"),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), Verdict.LATER, "SMTPNotSupportedError"),
        (TimeoutError(), Verdict.BROKEN, "TimeoutError"),
        (socket.gaierror(), Verdict.BROKEN, "gaierror"),
        (ConnectionResetError(), Verdict.BROKEN, "ConnectionResetError"),
        (ssl.SSLEOFError(), Verdict.BROKEN, "SSLEOFError"),
        (ValueError("Invalid address"), Verdict.REFUSED, "ValueError"),
    ],
)
def test_a_fault_is_read_for_what_it_is(error, verdict, code):
    assert faults.read(error) == faults.Fault(verdict, code)


def test_the_servers_words_are_never_kept():
    fault = faults.read(recipient(550, b"5.1.1 <bob@example.org>: no such user"))
    assert "bob" not in fault.code
