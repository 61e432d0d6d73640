"""More time with a message: asked for by a reader, given or declined by the owner; one click each (spec E2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from connexion_plugin import access, formats
from connexion_plugin.actions import more_time
from connexion_plugin.exceptions import Refused
from connexion_plugin.models import Message, TimeRequest
from connexion_plugin.routes import address_of
from connexion_plugin.views.places import message_url
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.refused import said_in_the_window
from connexion_plugin.views.time_zone import show_times_of

NAMED = 10


@dataclass(frozen=True)
class TimeLine:
    """What the window says below a message that expires soon, and the doors that are open to this person."""

    ask_url: str | None = None
    asked_at: datetime | None = None
    is_declined: bool = False
    askers: Sequence[str] = field(default_factory=tuple, repr=False)
    other_askers: int = 0
    grant_url: str | None = None
    decline_url: str | None = None
    longer: datetime | None = None


def time_lines(
    entry: access.ConversationAccess, found: Sequence[Message], *, carried: str
) -> dict[UUID, TimeLine]:
    """By message, for those that expire soon; one statement when there are any, none otherwise."""
    now, organization = timezone.now(), entry.conversation.organization
    soon = [row for row in found if more_time.expires_soon(row, now=now)]
    asked = access.requests_about(entry, soon) if soon else {}
    lines = {}
    for message in soon:
        mine = asked.get(message.pk, access.Asked())
        longer = more_time.longer_expiry(message, organization, now=now)
        here = [entry.conversation.pk, message.pk]
        if mine.open_addresses:
            lines[message.pk] = TimeLine(
                askers=mine.open_addresses[:NAMED],
                other_askers=max(len(mine.open_addresses) - NAMED, 0),
                grant_url=f"{address_of('grant_time', *here)}?{carried}" if longer else None,
                decline_url=f"{address_of('decline_time', *here)}?{carried}",
                longer=longer,
            )
        elif mine.mine is not None:
            is_declined = mine.mine.state == TimeRequest.State.DECLINED
            lines[message.pk] = TimeLine(asked_at=mine.mine.asked_at, is_declined=is_declined)
        elif longer and access.may_ask_for_time(entry, message):
            url = address_of("ask_for_time", *here)
            lines[message.pk] = TimeLine(ask_url=f"{url}?{carried}")
    return lines


@door(Policy.SIGNED_IN, "POST")
@said_in_the_window
def ask_for_time(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    """Through the seat of the tab that one came from."""
    try:
        persona = UUID(request.GET.get("persona", ""))
    except ValueError:
        persona = None
    entry, seat, message = access.message_to_ask_about(
        request.user, conversation_id, message_id, persona_id=persona
    )

    def done() -> Outcome:
        asked = more_time.ask_for_time(by=seat, message=message)
        if asked.state == TimeRequest.State.OPEN:
            return Outcome(_("The owner of the conversation is told that you ask for more time."))
        text = _(
            "You had asked for more time, and were answered meanwhile: the message expires on %(moment)s."
        )
        return Outcome(text, expires_at=asked.expires_at, is_done=False)

    return _act(request, entry, message, done)


@door(Policy.SIGNED_IN, "POST")
@said_in_the_window
def grant_time(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    entry, seat, message = access.message_to_give_time(request.user, conversation_id, message_id)

    def done() -> Outcome:
        answer = more_time.grant_time(by=seat, message=message)
        text = _("The message now expires on %(moment)s.")
        return Outcome(text, expires_at=answer.expires_at) if answer.is_given else _answered_before(answer)

    return _act(request, entry, message, done)


@door(Policy.SIGNED_IN, "POST")
@said_in_the_window
def decline_time(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    entry, seat, message = access.message_to_give_time(request.user, conversation_id, message_id)

    def done() -> Outcome:
        answer = more_time.decline_time(by=seat, message=message)
        text = _("The message expires when it was to. Whoever asked for more time is told.")
        return Outcome(text) if answer.is_given else _answered_before(answer)

    return _act(request, entry, message, done)


@dataclass(frozen=True)
class Outcome:
    """What became of a click, in words; not `is_done` where another one had come before it."""

    sentence: str
    expires_at: datetime | None = None
    is_done: bool = True


def _answered_before(answer: more_time.Answer) -> Outcome:
    """In another tab, or by changing the expiry; or whoever asked has gone."""
    text = _("Nothing was changed: nobody waits for an answer any more. The message expires on %(moment)s.")
    return Outcome(text, expires_at=answer.expires_at, is_done=False)


def _act(
    request: HttpRequest, entry: access.ConversationAccess, message: Message, verb: Callable[[], Outcome]
) -> HttpResponse:
    """Does it, says what came of it, and comes back to the message; a refusal is said there too."""
    show_times_of(request, entry.conversation.organization)
    try:
        outcome = verb()
    except Refused as reason:
        messages.error(request, str(reason.sentence))
    else:
        said = outcome.sentence
        if outcome.expires_at is not None:
            said %= {"moment": formats.in_a_sentence(outcome.expires_at)}
        (messages.success if outcome.is_done else messages.info)(request, said)
    return redirect(message_url(request, entry.conversation, message))
