"""Withdrawing a message: a page that says what is lost and who has read it, then the act (spec C12)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin import access, formats
from connexion_plugin.actions import withdrawing
from connexion_plugin.exceptions import Refused
from connexion_plugin.views.conversation import persona_asked, window_context
from connexion_plugin.views.openings import openings_url
from connexion_plugin.views.places import message_url
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.refused import said_in_the_window
from connexion_plugin.views.thread import READERS_NAMED, letters


@door(Policy.SIGNED_IN, "GET", "POST")
@said_in_the_window
def withdraw_message(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    entry, seat, message = access.message_to_withdraw(
        request.user, conversation_id, message_id, persona_id=persona_asked(request)
    )
    window = window_context(request, entry)
    message_there = message_url(request, entry.conversation, message)
    if request.method == "POST":
        try:
            withdrawing.withdraw_message(by=seat, message=message)
        except Refused as reason:
            messages.error(request, str(reason.sentence))
        else:
            messages.success(request, _withdrawn(access.openings_of(entry, [message]).count()))
        return redirect(message_there)
    letter = letters(entry, [message])[0]
    if letter.withdraw_url is None:  # withdrawn or expired meanwhile: the window shows its tombstone
        return redirect(message_there)
    openings = access.openings_of(entry, [message])
    context = {
        **window,
        "message": letter,
        "message_url": message_there,
        "openings": openings[:READERS_NAMED],
        "openings_count": openings.count(),
        "openings_url": openings_url(request, message),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/withdraw.html", context)


def _withdrawn(openings: int) -> str:
    if not openings:
        return _("The message is withdrawn. Nobody else had opened it.")
    text = ngettext(
        "The message is withdrawn. %(count)s person had opened it: see below.",
        "The message is withdrawn. %(count)s people had opened it: see below.",
        openings,
    )
    return text % {"count": formats.number(openings)}
