"""What the e-mails say: HTML and plain text, in the reader's language (spec N1, N2).

No title, no text and no file name is at hand here: nothing of a message is unsealed to write its notice.
"""

import hmac
from collections.abc import Callable, Iterable
from email.utils import format_datetime, parseaddr
from typing import Any
from uuid import UUID, uuid4

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import OuterRef, Subquery
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from connexion_plugin.conf import settings
from connexion_plugin.mail import links, outbox, seat_letters, seat_notices
from connexion_plugin.mail.gathering import still_due
from connexion_plugin.models import Mail, Notice, Participation
from connexion_plugin.sealing import destruction, secrets

Contents = tuple[str, dict[str, Any]]  # the subject, and what the templates of the kind need


class Letters:
    """The letters of one batch: what they have in common is read once, for all of them."""

    def __init__(self, mails: Iterable[Mail]) -> None:
        self._notices = _notices_of([mail.pk for mail in mails if mail.kind == Mail.Kind.NOTICE])
        told = [mail.pk for mail in mails if mail.kind in seat_letters.CONTENTS]
        self._told = seat_notices.of_mails(told) if told else {}
        self._identity_key = secrets.keyed_digest(purpose="Message-ID")
        self._pages = Pages()
        self._sender = settings.sender
        self._domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"

    def write(self, mail: Mail) -> EmailMessage | None:
        """The letter of a mail, or None when it is no longer due. Raises KeyGone, Tampered."""
        with translation.override(mail.language):
            contents = self._contents(mail)
            return self._letter(mail, *contents) if contents else None

    def _contents(self, mail: Mail) -> Contents | None:
        if mail.kind == Mail.Kind.NOTICE:
            notice = self._notices.get(mail.pk)
            return notice_contents(notice, mail) if notice else None
        if mail.kind in seat_letters.CONTENTS:
            told = self._told.get(mail.pk)
            return seat_letters.CONTENTS[Mail.Kind(mail.kind)](told, mail) if told else None
        return CONTENTS[Mail.Kind(mail.kind)](mail, outbox.read_payload(mail))

    def _letter(self, mail: Mail, subject: str, context: dict[str, Any]) -> EmailMessage:
        context = {
            "language": mail.language,
            "subject": subject,
            "to": mail.to,
            "support_telephone": settings.support_telephone,
            **context,
        }
        text, html = self._pages.read(mail.kind, context)
        letter = Letter(
            subject=subject,
            body=text.strip() + "\n",
            from_email=self._sender,
            to=[mail.to],
            headers={
                "Message-ID": self.message_id(mail.pk),
                "Date": format_datetime(timezone.localtime(mail.created_at)),
                # RFC 3834: no out-of-office answer comes back.
                "Auto-Submitted": "auto-generated",
                "Content-Language": mail.language,
            },
        )
        letter.attach_alternative(html, "text/html")
        return letter

    def message_id(self, mail_id: UUID) -> str:
        """The same for ever: a mail that goes out twice is known for one. It tells nothing of our ids."""
        return f"<{hmac.digest(self._identity_key, mail_id.bytes, 'sha256').hex()[:40]}@{self._domain}>"


class Pages:
    """What the templates make of a letter, as text and as HTML.

    Thousands are told of one message by the same words: for them the templates are rendered once, with marks that
    nobody can guess for the reader's address and link, which are put in after.
    """

    def __init__(self) -> None:
        self._marks = {name: f"{name}-{uuid4().hex}" for name in ("to", "link")}
        self._rendered: dict[Any, tuple[str, str]] = {}

    def read(self, kind: str, context: dict[str, Any]) -> tuple[str, str]:
        """The text, and the HTML."""
        if kind != Mail.Kind.NOTICE:
            return _render(kind, context)
        shared = tuple((name, value) for name, value in context.items() if name not in self._marks)
        if shared not in self._rendered:
            self._rendered[shared] = _render(kind, {**context, **self._marks})
        text, html = self._rendered[shared]
        for name, mark in self._marks.items():
            text, html = text.replace(mark, context[name]), html.replace(mark, escape(context[name]))
        return text, html


def _render(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    template = f"connexion_plugin/mail/{kind}"
    return render_to_string(f"{template}.txt", context), render_to_string(f"{template}.html", context)


class Letter(EmailMultiAlternatives):
    """Its parts are divided by a line made of its Message-ID, and no random one is sought in all of its text."""

    def message(self, **arguments: Any) -> Any:
        message = super().message(**arguments)
        if message.is_multipart():
            message.set_boundary("=_" + message["Message-ID"].strip("<>").partition("@")[0])
        return message


def _notices_of(mail_ids: list[UUID]) -> dict[UUID, Notice]:
    """By mail, those that are still due: a message may have been opened while its mail waited."""
    owner = Participation.unscoped.filter(
        conversation=OuterRef("message__conversation"), role=Participation.Role.OWNER
    )
    notices = (
        Notice.unscoped.filter(mail__in=mail_ids)
        .annotate(
            still_due=still_due(destruction.certain_moment(timezone.now())),
            owner_address=Subquery(owner.values("persona__address")[:1]),
        )
        .filter(still_due=True)
        .select_related("message__conversation__organization", "participation")
        .only(
            "mail_id",
            "message__conversation__organization__name",
            "message__conversation__organization__telephone",
            "participation__role",
            "participation__joined_at",
        )
    )
    return {notice.mail_id: notice for notice in notices if notice.mail_id}


# One function a kind: the subject, and what its templates show


def notice_contents(notice: Notice, mail: Mail) -> Contents:
    """A message waits. The collaborator's address, the organization; nothing of the message."""
    organization = notice.message.conversation.organization
    return _("A message is waiting for you in Connexion"), {
        "owner": notice.owner_address,  # type: ignore[attr-defined]  # annotated above
        "is_owner": notice.participation.is_owner,
        "is_newcomer": notice.participation.joined_at is None,
        "organization": organization.name,
        "telephone": organization.contact,
        "link": links.message_url(message_id=notice.message_id, address=mail.to, language=mail.language),
    }


def invitation_contents(mail: Mail, payload: dict[str, str]) -> Contents:
    """payload: organization (its name), telephone?, link? (where to open an account)."""
    organization = _one_line(payload["organization"])
    subject = _("%(organization)s invites you to Connexion") % {"organization": organization}
    return subject, {"link": links.absolute_url("account_signup", language=mail.language), **payload}


def code_contents(mail: Mail, payload: dict[str, str]) -> Contents:
    """payload: code; purpose?: "address" (the default) or "sign_in". The code is not in the subject, which
    a locked telephone shows."""
    is_sign_in = payload.get("purpose") == "sign_in"
    subject = _("Your code to sign in to Connexion") if is_sign_in else _("Confirm your address in Connexion")
    return subject, {**payload, "is_sign_in": is_sign_in}


def reset_contents(mail: Mail, payload: dict[str, str]) -> Contents:
    """payload: link, or code."""
    return _("Choose a new password for Connexion"), dict(payload)


def user_name_contents(mail: Mail, payload: dict[str, str]) -> Contents:
    """payload: user_name; link? (where to sign in)."""
    return _("Your user name in Connexion"), {
        "link": links.absolute_url("account_login", language=mail.language),
        **payload,
    }


def account_contents(mail: Mail, payload: dict[str, str]) -> Contents:
    """payload: subject and text (paragraphs), already in the reader's language; link? and button?."""
    return _one_line(payload["subject"]), {**payload, "subject": _one_line(payload["subject"])}


def withheld_contents(mail: Mail, payload: dict[str, str]) -> Contents:
    """payload: state ("infected" or "failed"), message (its id), is_sender?, organization, telephone."""
    is_infected = payload["state"] == "infected"
    subject = (
        _("A document is withheld in Connexion") if is_infected else _("A document could not be checked")
    )
    return subject, {
        **payload,
        "is_infected": is_infected,
        "telephone": payload["telephone"] or settings.support_telephone,
        "link": links.message_url(
            message_id=UUID(payload["message"]), address=mail.to, language=mail.language
        ),
    }


def hand_over_contents(mail: Mail, payload: dict[str, str]) -> Contents:
    """payload: former, successor (addresses), organization (its name), telephone; is_successor: "yes" or ""."""
    is_successor = bool(payload["is_successor"])
    subject = _("Conversations are now yours") if is_successor else _("Your conversations have a new owner")
    return subject, {
        **payload,
        "is_successor": is_successor,
        "telephone": payload["telephone"] or settings.support_telephone,
        "link": links.absolute_url("connexion:inbox", language=mail.language),
    }


CONTENTS: dict[Mail.Kind, Callable[[Mail, dict[str, str]], Contents]] = {
    Mail.Kind.INVITATION: invitation_contents,
    Mail.Kind.CODE: code_contents,
    Mail.Kind.RESET: reset_contents,
    Mail.Kind.USER_NAME: user_name_contents,
    Mail.Kind.ACCOUNT: account_contents,
    Mail.Kind.WITHHELD: withheld_contents,
    Mail.Kind.HAND_OVER: hand_over_contents,
}


def _one_line(words: str) -> str:
    """A line end in a header would begin another header."""
    return " ".join(words.split())
