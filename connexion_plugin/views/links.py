"""Where a notice's button leads, and the language one reads in (spec I4, N1)."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings as django_settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import translate_url

from connexion_plugin import access, personas
from connexion_plugin.mail import links
from connexion_plugin.models.organizations import LANGUAGES
from connexion_plugin.routes import path_of_ours
from connexion_plugin.second_factor.exemption import second_factor_exempt
from connexion_plugin.views.places import window_at
from connexion_plugin.views.policy import Policy, door


@door(Policy.SIGNED_IN, "GET")
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Ends on that message, in the tab of the address that was told of it. With another account signed in: which
    address the link was meant for.

    The same sentence whether the message or the account exists or not, and only for a right signature.
    """
    address = links.read_address(message_id=message_id, token=request.GET.get("for", ""))
    try:
        entry, found = access.message_of_notice(request.user, message_id, address=address)
    except Http404:
        return _meant_for_another(request, address)
    tab = {"persona": str(entry.seat.persona_id)} if len(entry.seats) > 1 else {}
    return redirect(window_at(entry.conversation, found, tab))


def _meant_for_another(request: HttpRequest, address: str | None) -> HttpResponse:
    if address is None or address in personas.verified_addresses(request.user):
        raise Http404
    context = {"meant_for": address, "here": request.get_full_path()}
    return render(request, "connexion_plugin/conversation/meant_for_another.html", context, status=404)


@second_factor_exempt
@door(Policy.PUBLIC, "POST")
def switch_language(request: HttpRequest) -> HttpResponse:
    """The same page in the other language; the account, or the browser, remembers."""
    language = request.POST.get("language", "")
    here = path_of_ours(request, request.POST.get("next", "")) or "/"
    if language not in dict(LANGUAGES):
        return redirect(here)
    if request.user.is_authenticated:
        personas.remember_language(request.user, language)
    # Resolves `here` in the request's language, which is the language of the page that sent this.
    there = translate_url(here, language)
    response = redirect(there if urlsplit(there).path else "/")
    response.set_cookie(
        django_settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=django_settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
