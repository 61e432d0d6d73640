"""Development only: the e-mails that Django's file back end wrote, read back, so that a newcomer can follow
the whole story without an SMTP server."""

import email
import email.policy
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings as django_settings

from connexion_plugin.conf import settings

# What django.core.mail.backends.filebased writes after each message.
SEPARATOR = b"\n" + b"-" * 79 + b"\n"
READABLE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@dataclass(frozen=True)
class ReadMail:
    """One e-mail as it was sent; `id` is a digest of its Message-ID, fit for a URL."""

    id: str
    sender: str
    recipient: str
    subject: str
    sent_at: datetime
    text: str


def is_shown() -> bool:
    """Only where it was asked for, and in debugging. What an SMTP server took is not listed."""
    return settings.show_mailbox and django_settings.DEBUG


def is_kept() -> bool:
    """Whether e-mail stays here to be read, instead of leaving by an SMTP server."""
    return _folder() is not None


def read(recipient: str = "") -> list[ReadMail]:
    """Everything sent, the newest first; to one recipient only when given."""
    folder = _folder()
    if folder is None or not folder.is_dir():
        return []
    mails = [_parse(raw) for path in folder.glob("*.log") for raw in _split(path)]
    wanted = [mail for mail in mails if not recipient or mail.recipient == recipient]
    return sorted(wanted, key=lambda mail: mail.sent_at, reverse=True)


def find(mail_id: str) -> ReadMail | None:
    return next((mail for mail in read() if mail.id == mail_id), None)


def _folder() -> Path | None:
    path = getattr(django_settings, "EMAIL_FILE_PATH", None)
    return Path(path) if path and django_settings.EMAIL_BACKEND == READABLE_BACKEND else None


def _split(path: Path) -> list[bytes]:
    return [raw for raw in path.read_bytes().split(SEPARATOR) if raw.strip()]


def _parse(raw: bytes) -> ReadMail:
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    date = message["Date"].datetime if message["Date"] else None
    return ReadMail(
        id=hashlib.sha256((message["Message-ID"] or "").encode() or raw).hexdigest()[:24],
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=date if date and date.tzinfo else datetime.min.replace(tzinfo=UTC),
        text=body.get_content().strip() if body else "",
    )
