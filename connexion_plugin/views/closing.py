"""Closing a conversation, and opening it again: the owner's (spec C12)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from connexion_plugin.access import Ability
from connexion_plugin.actions import closing
from connexion_plugin.exceptions import Refused
from connexion_plugin.views.conversation import window_context
from connexion_plugin.views.people import owned_conversation, readers_url
from connexion_plugin.views.policy import Policy, door


@door(Policy.SIGNED_IN, "GET", "POST")
def close(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A page that says what closing means, then the act."""
    entry = owned_conversation(request, conversation_id)
    window = window_context(request, entry)
    if request.method == "POST":
        try:
            closing.close_conversation(by=entry.seat)
        except Refused as reason:
            messages.error(request, str(reason.sentence))
        else:
            messages.success(request, _("The conversation is closed: it can be read, and nothing is added."))
        return redirect(window["conversation_url"])
    if Ability.CLOSE not in entry.abilities:
        return redirect(window["conversation_url"])
    context = {
        **window,
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/close.html", context)


@door(Policy.SIGNED_IN, "POST")
def reopen(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    entry = owned_conversation(request, conversation_id)
    try:
        closing.reopen_conversation(by=entry.seat)
    except Refused as reason:
        messages.error(request, str(reason.sentence))
    else:
        messages.success(request, _("The conversation is open again."))
    return redirect(window_context(request, entry)["conversation_url"])
