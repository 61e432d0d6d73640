"""What the letters say that a seat receives beside its messages: whose conversation, when, and no content (spec N2)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from connexion_plugin import formats
from connexion_plugin.mail import links
from connexion_plugin.models import Mail, Message, Opening, SeatNotice, TimeRequest, is_kept
from connexion_plugin.sealing import destruction, keys

Contents = tuple[str, dict[str, Any]]


def deleted_contents(told: Sequence[SeatNotice], mail: Mail) -> Contents | None:
    """The conversation was deleted for everyone. Who did it, and nothing of what was in it."""
    has_account = told[0].participation.holder_id is not None
    return _("A conversation was deleted in Connexion"), {
        **_shared(told[0]),
        "link": links.absolute_url("connexion:inbox", language=mail.language) if has_account else "",
    }


def expiring_contents(told: Sequence[SeatNotice], mail: Mail) -> Contents | None:
    """Messages expire unopened on one day. None once all are opened, gone, or to expire another day."""
    opened = set(
        Opening.unscoped.filter(
            message__in=[row.message_id for row in told],
            participation__in=[row.participation_id for row in told],
            tenure=F("participation__tenure"),
        ).values_list("message_id", "participation_id")
    )
    due = [
        row for row in told if (row.message_id, row.participation_id) not in opened and _still_expires(row)
    ]
    if not due:
        return None
    message = due[0].message
    assert message is not None
    owners = {(row.owner_address, row.participation.conversation_id) for row in due}  # type: ignore[attr-defined]
    return _("A message that you have not opened expires soon"), {
        **_shared(due[0]),
        "messages_count": len(due),
        "is_one_conversation": len(owners) == 1,
        "may_ask": _may_live_longer(due[0], message),
        "day": _day(due[0], message),
        "link": _link(message, mail),
    }


def asked_contents(told: Sequence[SeatNotice], mail: Mail) -> Contents | None:
    """To the owner: readers ask for more time. None when they were answered meanwhile, or it is too late."""
    message = told[0].message
    assert message is not None
    waiting = TimeRequest.unscoped.filter(message=message, state=TimeRequest.State.OPEN).count()
    if not waiting or not _is_living(told[0]):
        return None
    return _("A reader asks for more time in Connexion"), {
        **_shared(told[0]),
        "waiting_count": waiting,
        "day": _day(told[0], message),
        "link": _link(message, mail),
    }


def answered_contents(told: Sequence[SeatNotice], mail: Mail) -> Contents | None:
    """To who asked: more time is given, until when, or declined. None when the message is gone meanwhile."""
    message = told[0].message
    assert message is not None
    if not _is_living(told[0]):
        return None
    is_granted = told[0].kind == SeatNotice.Kind.GRANTED
    subject = _("You have more time in Connexion") if is_granted else _("No more time in Connexion")
    return subject, {
        **_shared(told[0]),
        "is_granted": is_granted,
        "day": _day(told[0], message),
        "link": _link(message, mail),
    }


CONTENTS: dict[Mail.Kind, Callable[[Sequence[SeatNotice], Mail], Contents | None]] = {
    Mail.Kind.DELETED: deleted_contents,
    Mail.Kind.EXPIRING: expiring_contents,
    Mail.Kind.ASKED: asked_contents,
    Mail.Kind.ANSWERED: answered_contents,
}


def _shared(notice: SeatNotice) -> dict[str, Any]:
    organization = notice.participation.conversation.organization
    return {
        "owner": notice.owner_address,  # type: ignore[attr-defined]  # annotated by `seat_notices.of_mails`
        "organization": organization.name,
        "telephone": organization.contact,
    }


def _day(notice: SeatNotice, message: Message) -> str:
    zone = ZoneInfo(notice.participation.conversation.organization.time_zone)
    return formats.day(message.expires_at, zone=zone)


def _link(message: Message, mail: Mail) -> str:
    return links.message_url(message_id=message.pk, address=mail.to, language=mail.language)


def _is_living(notice: SeatNotice) -> bool:
    message = notice.message
    assert message is not None
    message.conversation = notice.participation.conversation  # read with it
    now = destruction.certain_moment(timezone.now())
    return message.emptied_at is None and message.expires_at > now and not is_kept(message)


def _may_live_longer(notice: SeatNotice, message: Message) -> bool:
    """Whether the organization's bounds leave anything to ask for."""
    longest = timedelta(days=notice.participation.conversation.organization.longest_expiry_days)
    return message.posted_at + longest - message.expires_at >= timedelta(days=1)


def _still_expires(notice: SeatNotice) -> bool:
    message = notice.message
    assert message is not None
    return _is_living(notice) and keys.day_of(message.expires_at) == notice.expires_on
