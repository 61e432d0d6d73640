"""Changing when a message expires (spec E1)."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from connexion_plugin import access, formats
from connexion_plugin.actions import lifetimes
from connexion_plugin.exceptions import Refused
from connexion_plugin.forms.lifetimes import ExpiryForm
from connexion_plugin.views.conversation import persona_asked, window_context
from connexion_plugin.views.places import message_url
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.refused import said_in_the_window
from connexion_plugin.views.thread import letters

# Sooner than this is not an expiry: a message that must go at once is withdrawn.
SOONEST = timedelta(hours=1)


@door(Policy.SIGNED_IN, "GET", "POST")
@said_in_the_window
def change_expiry(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    entry, seat, message = access.message_to_change_expiry(
        request.user, conversation_id, message_id, persona_id=persona_asked(request)
    )
    window = window_context(request, entry)
    message_there = message_url(request, entry.conversation, message)
    letter = letters(entry, [message])[0]
    if letter.expiry_url is None:  # withdrawn or expired meanwhile: the window shows its tombstone
        return redirect(message_there)
    now = timezone.now()
    bounds = lifetimes.bounds_of(message, entry.conversation.organization, now=now + SOONEST)
    form = ExpiryForm(
        request.POST or None, bounds=bounds, posted_at=message.posted_at, expires_at=message.expires_at
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                changed = lifetimes.change_expiry(
                    by=seat, message=message, expires_at=form.cleaned_data["day"]
                )
            except Refused as reason:
                messages.error(request, str(reason.sentence))
            else:
                text = _("The message now expires on %(moment)s.")
                messages.success(request, text % {"moment": formats.in_a_sentence(changed.expires_at)})
            return redirect(message_there)
        status = 422
    context = {
        **window,
        "message": letter,
        "message_url": message_there,
        "form": form,
        "may_choose": bounds.earliest < bounds.latest,
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/change_expiry.html", context, status=status)
