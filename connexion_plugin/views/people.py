"""Who can read a conversation: seen by all who do, changed by its owner, left by whoever wants to (spec C9, C10)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from connexion_plugin import access, formats
from connexion_plugin.access import Ability, ConversationAccess, State
from connexion_plugin.actions import participants
from connexion_plugin.exceptions import Refused
from connexion_plugin.forms.people import InviteForm
from connexion_plugin.models import Mail, Notice, Participation
from connexion_plugin.views.conversation import query_of, window_context
from connexion_plugin.views.pages import foot_of
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.suggestions import languages_of, offered, suggestions_context

SEATS_A_PAGE = 50
ADDRESSES_NAMED = 10


@door(Policy.SIGNED_IN, "GET")
def readers(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Who can read this, always current; a page at a time, and by a part of an address (spec C9)."""
    entry = access.conversation_for(request.user, conversation_id)
    if entry.state is State.DELETED:  # nobody reads anything in it any more
        return redirect(window_context(request, entry)["conversation_url"])
    words = request.GET.get("q", "")[:254]
    everyone = access.readers_of(entry)
    page = Paginator(access.at_address(everyone, words), SEATS_A_PAGE).get_page(request.GET.get("page"))
    former = access.at_address(access.former_readers_of(entry), words)[: SEATS_A_PAGE + 1]
    notices = access.last_notices_of(entry, list(page.object_list))
    window = window_context(request, entry)
    here = reverse("connexion:readers", args=[conversation_id])
    kept = {"q": words} if words else {}
    context = {
        **window,
        "back_url": window["conversation_url"],
        "readers_count": everyone.count() if words else page.paginator.count,
        "found_count": page.paginator.count,
        "readers": [
            {**_reader(request, entry, seat), "notice_words": _notice_words(notices.get(seat.pk))}
            for seat in page.object_list
        ],
        "former_readers": [_reader(request, entry, seat) for seat in former[:SEATS_A_PAGE]],
        "has_more_former": len(former) > SEATS_A_PAGE,
        "page": foot_of(page, lambda number: f"{here}?{query_of(request, **kept, page=number)}"),
        "is_hidden": access.hides_others(entry),
        "may_search": bool(words) or page.paginator.num_pages > 1 or len(former) > SEATS_A_PAGE,
        "words": words,
        "carried": {name: request.GET[name] for name in ("persona", "from") if name in request.GET},
        "search_url": here,
        **_doors(request, entry),
    }
    return render(request, "connexion_plugin/conversation/readers.html", context)


@door(Policy.SIGNED_IN, "GET", "POST")
def invite(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One address or a list of thousands; everything typed is kept when something is wrong."""
    entry = owned_conversation(request, conversation_id)
    is_announcement = entry.conversation.hides_participants
    contacts = offered(request, entry.conversation.collaborator_id)
    if request.method == "POST":
        form = InviteForm(request.POST, is_announcement=is_announcement, contacts=contacts)
        if form.is_valid():
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
            remarks = _remarks(entry, invited)
            if invited.seats:
                messages.success(request, _invited(len(invited.seats)))
                for remark in remarks:
                    messages.info(request, remark)
                return redirect(readers_url(request, entry))
            for remark in remarks:
                form.add_error("addresses", remark)
        return _invite_page(request, entry, form, status=422)
    if Ability.INVITE not in entry.abilities:
        return redirect(readers_url(request, entry))
    initial = {"language": get_language() or "fr"}
    return _invite_page(
        request, entry, InviteForm(is_announcement=is_announcement, contacts=contacts, initial=initial)
    )


@door(Policy.SIGNED_IN, "GET", "POST")
def remove_participant(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """A page that says what the person loses, then the act."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    if request.method == "POST":
        text = _("%(address)s can no longer read this conversation.") % {"address": seat.persona.address}
        return _act(request, entry, text, lambda: participants.remove(by=entry.seat, participation=seat))
    if seat.seat not in Participation.LIVING:
        return redirect(readers_url(request, entry))
    context = {
        **window_context(request, entry),
        "reader": _reader(request, entry, seat),
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/remove_participant.html", context)


@door(Policy.SIGNED_IN, "POST")
def readmit_participant(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """Whoever holds the address now takes the seat (spec I3)."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    text = _("%(address)s can read this conversation again.") % {"address": seat.persona.address}
    return _act(request, entry, text, lambda: participants.readmit(by=entry.seat, participation=seat))


@door(Policy.SIGNED_IN, "POST")
def change_reply(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """`may_reply` is yes or no: pressing twice changes nothing back."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    may_reply = request.POST.get("may_reply") == "yes"
    text = _("%(address)s may reply.") if may_reply else _("%(address)s may read, and not reply.")
    return _act(
        request,
        entry,
        text % {"address": seat.persona.address},
        lambda: participants.change_reply(by=entry.seat, participation=seat, may_reply=may_reply),
    )


@door(Policy.SIGNED_IN, "GET", "POST")
def leave(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One's own seats, all of them; the owner stays, and is told so."""
    entry = access.conversation_for(request.user, conversation_id)
    if Ability.LEAVE not in entry.abilities:
        messages.info(request, _("The owner cannot leave a conversation: it can be closed instead."))
        return redirect(readers_url(request, entry))
    if request.method == "POST":
        try:
            participants.leave(participations=entry.seats)
        except Refused as reason:  # handed over to this very person meanwhile
            messages.error(request, str(reason.sentence))
            return redirect(readers_url(request, entry))
        messages.success(request, _("You have left the conversation."))
        return redirect("connexion:inbox", persona_id=entry.seat.persona_id)
    context = {
        **window_context(request, entry),
        "addresses": [seat.persona.address for seat in entry.seats],
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/leave.html", context)


def owned_conversation(request: HttpRequest, conversation_id: UUID) -> ConversationAccess:
    """The conversation, for its owner: to anyone else these doors do not exist. Raises Http404."""
    entry = access.conversation_for(request.user, conversation_id)
    if Ability.OWN not in entry.abilities:
        raise Http404
    return entry


def readers_url(request: HttpRequest, entry: ConversationAccess) -> str:
    query = query_of(request)
    return reverse("connexion:readers", args=[entry.conversation.pk]) + (f"?{query}" if query else "")


def _reader(request: HttpRequest, entry: ConversationAccess, seat: Participation) -> dict[str, Any]:
    """One seat as the page lists it; an address of a door is None where it is shut."""
    arguments = [entry.conversation.pk, seat.pk]
    abilities = entry.abilities if not seat.is_owner else frozenset()
    query = query_of(request)

    def to(name: str, ability: Ability) -> str | None:
        if ability not in abilities:
            return None
        return reverse(f"connexion:{name}", args=arguments) + (f"?{query}" if query else "")

    return {
        "address": seat.persona.address,
        "role_label": seat.get_role_display(),
        "seat_label": seat.get_seat_display(),
        "is_waiting": seat.joined_at is None,
        "may_reply": seat.may_reply,
        "sees_past": seat.sees_after == 0,
        "ended_at": seat.ended_at,
        "is_me": seat.pk in {mine.pk for mine in entry.seats},
        "remove_url": to("remove_participant", Ability.REMOVE),
        "reply_url": to("change_reply", Ability.CHANGE_REPLY),
        "readmit_url": to("readmit_participant", Ability.READMIT),
    }


def _notice_words(notice: Notice | None) -> str:
    """What became of a participant's last notice, in the owner's eyes (spec A2)."""
    if notice is None:
        return ""
    state = notice.mail.state if notice.mail else Mail.State.WAITING
    if state == Mail.State.SENT and notice.mail and notice.mail.sent_at:
        return _("last notice sent on %(moment)s") % {"moment": formats.moment(notice.mail.sent_at)}
    if state == Mail.State.REFUSED:
        return _("last notice refused by the recipient’s mail system")
    return _("notice on its way")


def _doors(request: HttpRequest, entry: ConversationAccess) -> dict[str, str | None]:
    doors = {
        "invite_url": ("invite", Ability.INVITE),
        "leave_url": ("leave", Ability.LEAVE),
        "close_url": ("close", Ability.CLOSE),
        "reopen_url": ("reopen", Ability.REOPEN),
        "delete_url": ("delete", Ability.DELETE),
    }
    query = query_of(request)
    return {
        key: f"{reverse(f'connexion:{name}', args=[entry.conversation.pk])}?{query}"
        if ability in entry.abilities
        else None
        for key, (name, ability) in doors.items()
    }


def _act(request: HttpRequest, entry: ConversationAccess, done: str, verb: Any) -> HttpResponse:
    """Does it, says so, and comes back to the list; a refusal is said there too."""
    try:
        verb()
    except Refused as reason:
        messages.error(request, str(reason.sentence))
    else:
        messages.success(request, done)
    return redirect(readers_url(request, entry))


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
    return text % {"count": count}


def _remarks(entry: ConversationAccess, invited: participants.Invited) -> list[str]:
    """What the owner should know of the addresses that made no new seat."""
    mine = {seat.persona.address for seat in entry.seats}
    remarks = []
    if oneself := [address for address in invited.already_in if address in mine]:
        remarks.append(_("This is your own address: %(addresses)s.") % {"addresses": ", ".join(oneself)})
    if others := [address for address in invited.already_in if address not in mine]:
        remarks.append(_("Already in this conversation: %(addresses)s.") % {"addresses": _named(others)})
    if invited.no_longer_in:
        text = _("No longer here; admit again from the list of who can read: %(addresses)s.")
        remarks.append(text % {"addresses": _named(invited.no_longer_in)})
    return remarks


def _named(addresses: Any) -> str:
    named = ", ".join(addresses[:ADDRESSES_NAMED])
    others = len(addresses) - ADDRESSES_NAMED
    if others <= 0:
        return named
    text = ngettext("%(named)s and %(count)s other", "%(named)s and %(count)s others", others)
    return text % {"named": named, "count": others}
