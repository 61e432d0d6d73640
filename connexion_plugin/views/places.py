"""Where in the window one was, carried to the pages of a message and back to it (spec C2)."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest

from connexion_plugin.models import Conversation, Message
from connexion_plugin.routes import address_of

SHOWN_AT_FIRST = 5
ALL = "all"


def kept(request: HttpRequest) -> dict[str, str]:
    """The tab and the place in the inbox that one came from."""
    return {name: request.GET[name] for name in ("persona", "from") if name in request.GET}


def number_asked(asked: str) -> int | None:
    """How many messages an address asks for; None where it asks for no number."""
    return int(asked) if asked.isdecimal() and len(asked) < 7 else None


def shown_of(asked: str, *, at_least: int = 0) -> dict[str, str | int]:
    """What of `show` goes along: all, or so many; nothing where they are those shown at first."""
    if asked == ALL:
        return {"show": ALL}
    shown = max(number_asked(asked) or 0, at_least)
    return {"show": shown} if shown > SHOWN_AT_FIRST else {}


def carried_by(request: HttpRequest) -> dict[str, str | int]:
    """All that goes from the window to a page about one of its messages."""
    return {**kept(request), **shown_of(request.GET.get("show", ""))}


def message_url(request: HttpRequest, conversation: Conversation, message: Message) -> str:
    """The window at that message, showing what it showed and at least as far back as the message."""
    return window_at(conversation, message, carried_by(request))


def window_at(conversation: Conversation, message: Message, query: Mapping[str, str | int]) -> str:
    """The same with another query: an anchor alone leads nowhere when the message is older than those shown."""
    behind = conversation.last_sequence - message.sequence + 1
    asked = str(query.get("show", ""))
    others = {name: value for name, value in query.items() if name != "show"}
    written = urlencode({**others, **shown_of(asked, at_least=behind)})
    window = address_of("conversation", conversation.pk)
    return f"{window}{'?' + written if written else ''}#message-{message.sequence}"
