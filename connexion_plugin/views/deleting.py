"""Deleting a conversation for everyone: a page that says who loses what, then the act (spec C12)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Ability, State
from connexion_plugin.actions import deleting
from connexion_plugin.exceptions import Refused
from connexion_plugin.forms.deleting import DeleteForm
from connexion_plugin.views.conversation import window_context
from connexion_plugin.views.people import owned_conversation, readers_url
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.refused import said_in_the_window


@door(Policy.SIGNED_IN, "GET", "POST")
@said_in_the_window
def delete(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Nothing happens before the word was typed; a page that is sent twice deletes once."""
    entry = owned_conversation(request, conversation_id)
    window = window_context(request, entry)
    if Ability.DELETE not in entry.abilities:
        # A page sent twice has done what it was to do, and the window says by whom; anything else is said.
        if entry.state is not State.DELETED:
            access.demand_changeable(entry.conversation)
        return redirect(window["conversation_url"])
    form = DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deleting.delete_conversation(by=entry.seat)
        except Refused as reason:
            messages.error(request, str(reason.sentence))
        else:
            messages.success(
                request, _("The conversation is deleted for everyone. Its participants are being told.")
            )
        return redirect(window["conversation_url"])
    context = {
        **window,
        "form": form,
        "losses": deleting.losses_of(entry.conversation),
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "connexion_plugin/conversation/delete.html", context, status=status)
