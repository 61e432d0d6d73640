"""Another address for a seat: the owner's pages, and its holder's (spec I7, N4)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Ability, ConversationAccess
from connexion_plugin.actions import moving
from connexion_plugin.exceptions import NoMoveAsked, Refused
from connexion_plugin.forms.addressing import CorrectAddressForm, MoveSeatForm
from connexion_plugin.models import Participation, SeatMove
from connexion_plugin.views.conversation import window_context
from connexion_plugin.views.people import act, owned_conversation, readers_url
from connexion_plugin.views.policy import Policy, door


@door(Policy.SIGNED_IN, "GET", "POST")
def correct_address(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """The owner corrects, in place, an address at which nobody has come (spec N4)."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    # Nothing here depends on whether the address has an account, nor on what its person has chosen (I6).
    is_open = request.method == "POST" or seat.pk in access.correctable_among([seat])  # the verb says why not
    if Ability.CHANGE_ADDRESS not in entry.abilities or not is_open:
        return redirect(readers_url(request, entry))
    former = seat.persona.address
    initial = {"address": former, "former": former, "language": get_language() or "fr"}
    form = CorrectAddressForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            moving.correct_address(by=entry.seat, seat=seat, **_asked(form))
        except Refused as reason:
            form.add_error("address", str(reason.sentence))
        else:
            _say_corrected(request, entry, seat, form)
            return redirect(readers_url(request, entry))
    context = {
        **window_context(request, entry),
        "form": form,
        "address": former,
        "readers_url": readers_url(request, entry),
        "action_url": request.get_full_path(),
    }
    status = 422 if form.errors else 200
    return render(request, "connexion_plugin/conversation/correct_address.html", context, status=status)


def _asked(form: CorrectAddressForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "former"}


def _say_corrected(
    request: HttpRequest, entry: ConversationAccess, seat: Participation, form: CorrectAddressForm
) -> None:
    """`seat` as it was before. A form that is sent twice is answered twice alike."""
    address, former = form.cleaned_data["address"], seat.persona.address
    if former == address:
        former = form.cleaned_data["former"]
        if former == address or former not in access.corrected_addresses(entry, seat):
            messages.info(
                request, _("The place is at %(address)s already. Nothing was changed.") % {"address": address}
            )
            return
    text = _("%(address)s is invited in the place of %(former)s.")
    messages.success(request, text % {"address": address, "former": former})


@door(Policy.SIGNED_IN, "POST")
def settle_move(request: HttpRequest, conversation_id: UUID, participation_id: UUID) -> HttpResponse:
    """The owner consents with one click, or declines."""
    entry = owned_conversation(request, conversation_id)
    seat = access.seat_of_another(entry, participation_id)
    try:
        move = access.move_asked(entry, seat)
    except NoMoveAsked as reason:  # settled in another window, or taken back
        messages.info(request, str(reason.sentence))
        return redirect(readers_url(request, entry))
    names = {"address": move.persona.address}
    if request.POST.get("consent") == "yes":
        if request.POST.get("address") != move.persona.address:
            # Its holder may ask for another one while the owner looks at the page: nobody consents unseen.
            messages.info(
                request, _("Another address is asked for meanwhile. Look at it before you consent.")
            )
            return redirect(readers_url(request, entry))
        text = _("The place has moved to %(address)s.") % names
        return act(request, entry, text, lambda: _settle(moving.consent_to_move, entry, move))
    text = _("The place does not move to %(address)s.") % names
    return act(request, entry, text, lambda: _settle(moving.decline_to_move, entry, move))


def _settle(verb: Callable[..., bool], entry: access.ConversationAccess, move: SeatMove) -> None:
    """Raises NoMoveAsked where another window came first, and as the verb."""
    if not verb(by=entry.seat, move=move):
        raise NoMoveAsked


@door(Policy.SIGNED_IN, "GET", "POST")
def move_seat(request: HttpRequest, participation_id: UUID) -> HttpResponse:
    """Whoever holds a seat, or held it until they gave up its address, asks for it at another (spec I7)."""
    seat = access.seat_to_move(request.user, participation_id)
    form = MoveSeatForm(request.POST or None, choices=access.addresses_to_move_to(request.user, seat))
    if request.method == "POST" and form.is_valid():
        try:
            moving.ask_to_move(seat=seat, persona=form.cleaned_data["persona"])
        except Refused as reason:
            messages.error(request, str(reason.sentence))
        else:
            text = _("%(owner)s is asked. The conversation appears at the other address once they consent.")
            messages.success(request, text % {"owner": seat.conversation.collaborator.address})
        return redirect("connexion:invitations")
    context = {
        "form": form,
        "address": seat.persona.address,
        "owner_address": seat.conversation.collaborator.address,
        "organization_name": seat.conversation.organization.name,
        "action_url": request.get_full_path(),
    }
    status = 422 if form.errors else 200
    return render(request, "connexion_plugin/account/move_seat.html", context, status=status)
