"""Inviting more people into a conversation: one address, or a list of thousands (spec C10)."""

import time
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from connexion_plugin import access, formats
from connexion_plugin.access import Ability, ConversationAccess
from connexion_plugin.actions import participants
from connexion_plugin.exceptions import Refused
from connexion_plugin.forms.compose import ANNOUNCED_ABOVE
from connexion_plugin.forms.people import InviteForm
from connexion_plugin.models import Participation
from connexion_plugin.views.conversation import window_context
from connexion_plugin.views.in_vain import signed_out
from connexion_plugin.views.people import owned_conversation, readers_url
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.suggestions import languages_of, offered, suggestions_context

ADDRESSES_NAMED = 10


def sign_in_again(request: HttpRequest) -> HttpResponseBase:
    """For who is signed in no more: the list that was pasted, to copy, or the sign-in page."""
    reason = _(
        "You are no longer signed in. Copy the list, sign in again in another window, and paste it there."
    )
    return signed_out(request, InviteForm, heading=_("Nobody was invited"), reason=reason)


@door(Policy.SIGNED_IN, "GET", "POST", signed_out=sign_in_again)
def invite(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One address or a list of thousands; everything typed is kept when something is wrong."""
    try:
        entry = owned_conversation(request, conversation_id)
    except Http404:
        if request.method != "POST" or not access.has_owned(request.user, conversation_id):
            raise
        return _invited_in_vain(request)
    is_announcement = entry.conversation.hides_participants
    contacts = offered(request, entry.conversation.collaborator_id)
    if request.method == "POST":
        form = InviteForm(request.POST, is_announcement=is_announcement, contacts=contacts)
        if form.is_valid() and not _tells_of_many(entry, form):
            try:
                invited = participants.invite(
                    by=entry.seat,
                    addresses=form.cleaned_data["addresses"],
                    language=form.cleaned_data["language"],
                    languages=languages_of(
                        request, entry.conversation.collaborator_id, form.cleaned_data["addresses"]
                    ),
                    may_reply=form.cleaned_data.get("may_reply") == "yes",
                    sees_past=form.cleaned_data["sees_past"] == "yes",
                )
            except Refused as reason:
                form.add_error(None, str(reason.sentence))
                return _invite_page(request, entry, form, status=409)
            before = _invited_before(entry, form, invited)
            remarks = _remarks(entry, invited, before)
            if count := len(invited.seats) + len(before):
                messages.success(request, _invited(count))
                for remark in remarks:
                    messages.info(request, remark)
                return redirect(readers_url(request, entry))
            for remark in remarks:
                form.add_error("addresses", remark)
        return _invite_page(request, entry, form, status=422)
    if Ability.INVITE not in entry.abilities:
        return redirect(readers_url(request, entry))
    initial = {"language": get_language() or "fr", "made_at": int(time.time() * 1000)}
    return _invite_page(
        request, entry, InviteForm(is_announcement=is_announcement, contacts=contacts, initial=initial)
    )


def _invited_in_vain(request: HttpRequest) -> HttpResponse:
    """Not found, with what was typed: it was handed over while its owner pasted a list of two hundred."""
    context = {"typed": request.POST.get("addresses", "")}
    return render(request, "connexion_plugin/conversation/invited_in_vain.html", context, status=404)


def _tells_of_many(entry: ConversationAccess, form: InviteForm) -> bool:
    """Whether this invitation first makes it more than an announcement is proposed for, and has not been told so."""
    if entry.conversation.hides_participants or Ability.INVITE not in entry.abilities:
        return False
    addresses, readers = form.cleaned_data["addresses"], access.readers_of(entry)
    now = readers.filter(role=Participation.Role.PARTICIPANT).count()
    then = now + len(addresses) - readers.filter(persona__address__in=addresses).count()
    return now <= ANNOUNCED_ABOVE < then and form.tell_of_many(then)


def _invite_page(
    request: HttpRequest, entry: ConversationAccess, form: InviteForm, status: int = 200
) -> HttpResponse:
    context = {
        **window_context(request, entry),
        **suggestions_context(form, entry.conversation.collaborator_id),
        "form": form,
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/invite.html", context, status=status)


def _invited(count: int) -> str:
    text = ngettext("%(count)s person is invited.", "%(count)s people are invited.", count)
    return text % {"count": formats.number(count)}


def _invited_before(entry: ConversationAccess, form: InviteForm, invited: participants.Invited) -> set[str]:
    """Who was invited since the page was made, and as it asks: the form was sent twice, and is answered twice alike."""
    made_at = form.cleaned_data["made_at"]
    if made_at is None or not invited.already_in:
        return set()
    since = access.readers_of(entry).filter(
        role=Participation.Role.PARTICIPANT,
        persona__address__in=invited.already_in,
        invited_at__gte=made_at,
        may_reply=form.cleaned_data.get("may_reply") == "yes",
    )
    alike = (
        since.filter(sees_after=0) if form.cleaned_data["sees_past"] == "yes" else since.exclude(sees_after=0)
    )
    return set(alike.values_list("persona__address", flat=True))


def _remarks(entry: ConversationAccess, invited: participants.Invited, before: set[str]) -> list[str]:
    """What the owner should know of the addresses that made no new seat, now or when the form was sent before."""
    mine = {seat.persona.address for seat in entry.seats}
    remarks = []
    already_in = [address for address in invited.already_in if address not in before]
    if own := [*(address for address in already_in if address in mine), *invited.own]:
        remarks.append(own_remark(own))
    if others := [address for address in already_in if address not in mine]:
        remarks.append(_("Already in this conversation: %(addresses)s.") % {"addresses": _named(others)})
    if invited.refused:
        remarks.append(refused_remark(invited.refused))
    if invited.no_longer_in:
        text = _("No longer here; admit again from the list of who can read: %(addresses)s.")
        remarks.append(text % {"addresses": _named(invited.no_longer_in)})
    return remarks


def own_remark(addresses: Sequence[str]) -> str:
    """Of those that are the owner's own: a second seat would show them nothing more (docs/decisions.md)."""
    text = ngettext(
        "%(addresses)s is an address of your own. It was not invited: you read this conversation already.",
        "%(addresses)s are addresses of your own. They were not invited: you read this conversation already.",
        len(addresses),
    )
    return text % {"addresses": _named(addresses)}


def refused_remark(addresses: Sequence[str]) -> str:
    """Of those whose holder accepts no further invitation of the organization (spec I7)."""
    text = _("Accept no further invitations from your organization: %(addresses)s.")
    return text % {"addresses": _named(addresses)}


def _named(addresses: Sequence[str]) -> str:
    named = ", ".join(addresses[:ADDRESSES_NAMED])
    others = len(addresses) - ADDRESSES_NAMED
    if others <= 0:
        return named
    text = ngettext("%(named)s and %(count)s other", "%(named)s and %(count)s others", others)
    return text % {"named": named, "count": formats.number(others)}
