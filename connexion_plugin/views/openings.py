"""Who opened a message: all of them, a page at a time, for its sender and the conversation's owner (spec C12)."""

from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from connexion_plugin import access
from connexion_plugin.models import Message
from connexion_plugin.routes import address_of
from connexion_plugin.views.conversation import persona_asked, window_context
from connexion_plugin.views.pages import foot_of
from connexion_plugin.views.places import carried_by, message_url
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.refused import said_in_the_window

OPENINGS_A_PAGE = 50


@door(Policy.SIGNED_IN, "GET")
@said_in_the_window
def openings(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    """In the order in which they opened it; of a message that was withdrawn, and under a legal hold, too."""
    entry, message = access.message_whose_openers_to_know(
        request.user, conversation_id, message_id, persona_id=persona_asked(request)
    )
    found = access.openings_of(entry, [message])
    page = Paginator(found, OPENINGS_A_PAGE).get_page(request.GET.get("page"))
    window = window_context(request, entry)
    context = {
        **window,
        "sender_address": message.sender.persona.address,
        "posted_at": message.posted_at,
        "message_url": message_url(request, entry.conversation, message),
        "openings": page.object_list,
        "openings_count": page.paginator.count,
        "page": foot_of(page, lambda number: openings_url(request, message, page=number)),
    }
    return render(request, "connexion_plugin/conversation/openings.html", context)


def openings_url(request: HttpRequest, message: Message, **changes: int) -> str:
    query = urlencode({**carried_by(request), **changes})
    address = address_of("openings", message.conversation_id, message.pk)
    return f"{address}?{query}" if query else address
