"""The pages of the second factor: enter a code, set an app up, recovery codes (spec I5)."""

from datetime import timedelta
from math import ceil
from typing import Any

import segno
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connexion_plugin.accounts import letters
from connexion_plugin.actions.sessions import sign_out_everywhere
from connexion_plugin.models import AuthenticatorDevice
from connexion_plugin.routes import path_of_ours
from connexion_plugin.second_factor import codes, enrolment
from connexion_plugin.second_factor.requirements import standing_of


class CodeForm(forms.Form):
    """A code of the app, or a recovery code where one is accepted."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


def second_factor(request: HttpRequest) -> HttpResponse:
    """Asks for a code in a session that has shown none; afterwards, shows what is set up."""
    user: Any = request.user
    if _is_verified(request):
        if wanted := _next(request):
            return redirect(wanted)
        return _overview(request, is_required=standing_of(user).is_required)
    standing = standing_of(user)
    if not standing.has_device:
        return _to_setup(request) if standing.is_required else _overview(request, is_required=False)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="reauthenticate", user=user)
        if limited:
            return limited
        checked = codes.check(user=user, code=form.cleaned_data["code"])
        if checked.device is not None:
            _begin_verified_session(request, checked.device)
            return redirect(_destination(request))
        form.add_error("code", _why_not(checked))
    return render(
        request, "connexion_plugin/second_factor/enter.html", {"form": form, "next": _next(request)}
    )


def second_factor_setup(request: HttpRequest) -> HttpResponse:
    """A first app, right after signing in where it is required; another one only after the password again."""
    user: Any = request.user
    standing = standing_of(user)
    if standing.has_device and not _is_verified(request):
        return redirect(_with_next(request, "connexion:second_factor"))
    if standing.has_device or not standing.is_required:
        raise_if_reauthentication_required(request, app="allauth.account")
    device = enrolment.pending_device(user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="reauthenticate", user=user)
        if limited:
            return limited
        if enrolment.confirm_device(device=device, code=form.cleaned_data["code"]):
            return _app_confirmed(request, device)
        form.add_error("code", _("This code is not right. Type the six digits that the app shows now."))
    context = {
        "form": form,
        "next": _next(request),
        "key": enrolment.key_of(device),
        "drawing": _drawing(enrolment.provisioning_uri(device, account=_main_address(user))),
        "is_required": standing.is_required,
    }
    return render(request, "connexion_plugin/second_factor/set_up.html", context)


def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New codes, in the answer to a POST and never again; the earlier ones no longer work."""
    user: Any = request.user
    if not _is_verified(request):
        return redirect(_with_next(request, "connexion:second_factor"))
    raise_if_reauthentication_required(request, app="allauth.account")
    if request.method == "POST":
        made = enrolment.make_recovery_codes(user)
        _tell(user, "recovery_codes_made")
        return _show_codes(request, made, continue_url=reverse("connexion:second_factor"))
    return render(
        request,
        "connexion_plugin/second_factor/make_codes.html",
        {"left": enrolment.recovery_codes_left(user)},
    )


def second_factor_remove(request: HttpRequest) -> HttpResponse:
    """For those of whom none is required."""
    user: Any = request.user
    if not _is_verified(request):
        return redirect(_with_next(request, "connexion:second_factor"))
    raise_if_reauthentication_required(request, app="allauth.account")
    if standing_of(user).is_required:
        messages.error(request, _("Your account must keep a second factor."))
        return redirect("connexion:second_factor")
    if request.method == "POST":
        enrolment.remove_all(user)
        _tell(user, "second_factor_removed")
        _begin_anew(request, device=None)
        messages.success(request, _("Your account no longer asks for a second factor."))
        return redirect("connexion:second_factor")
    return render(request, "connexion_plugin/second_factor/remove.html")


def second_factor_needed(request: HttpRequest, continue_url: str | None = None) -> HttpResponse:
    """The answer to what was sent before the second factor was shown."""
    context = {"continue_url": continue_url or reverse("connexion:second_factor")}
    return render(request, "connexion_plugin/second_factor/needed.html", context, status=403)


# Sessions


def _is_verified(request: HttpRequest) -> bool:
    return getattr(request.user, "otp_device", None) is not None


def _begin_verified_session(request: HttpRequest, device: Any) -> None:
    """The session gets a new key: one that was seen before the second factor is worth nothing after it."""
    _sign_in_again(request, device)


def _begin_anew(request: HttpRequest, device: Any) -> None:
    """What one signs in with has changed: every other session of the person ends (spec M5's way)."""
    user: Any = request.user
    sign_out_everywhere(user_id=user.pk)
    _sign_in_again(request, device)


def _sign_in_again(request: HttpRequest, device: Any) -> None:
    # A fresh person, so that the session is stamped with the number that the account has now.
    person: Any = request.user
    user: Any = get_user_model()._default_manager.get(pk=person.pk)
    user.otp_device = device
    user.is_verified = lambda: device is not None
    request.session.cycle_key()
    request.session.pop("otp_device_id", None)
    login(request, user, backend=request.session[BACKEND_SESSION_KEY])


# What the pages show


def _app_confirmed(request: HttpRequest, device: AuthenticatorDevice) -> HttpResponse:
    user: Any = request.user
    _tell(user, "second_factor_set")
    _begin_anew(request, AuthenticatorDevice.objects.get(pk=device.pk))
    return _show_codes(request, enrolment.make_recovery_codes(user), continue_url=_destination(request))


def _show_codes(request: HttpRequest, made: list[str], *, continue_url: str) -> HttpResponse:
    context = {"codes": made, "continue_url": continue_url}
    return render(request, "connexion_plugin/second_factor/recovery_codes.html", context)


def _overview(request: HttpRequest, *, is_required: bool) -> HttpResponse:
    if request.method == "POST":
        return redirect(_destination(request))
    context = {
        "device": enrolment.confirmed_device(request.user),  # type: ignore[arg-type]  # the door let nobody else in
        "codes_left": enrolment.recovery_codes_left(request.user),  # type: ignore[arg-type]
        "is_required": is_required,
    }
    return render(request, "connexion_plugin/second_factor/overview.html", context)


def _why_not(checked: codes.Checked) -> str:
    if checked.locked_until is not None:
        minutes = ceil((checked.locked_until - timezone.now()) / timedelta(minutes=1))
        sentence = ngettext(
            "Too many attempts. Wait %(count)s minute, then type a code.",
            "Too many attempts. Wait %(count)s minutes, then type a code.",
            minutes,
        )
        return sentence % {"count": minutes}
    return _(
        "This code is not right. Type the six digits that the app shows now, or a recovery code not yet used."
    )


def _drawing(uri: str) -> SafeString:
    """An <svg> without a style attribute, which the page's policy would refuse."""
    svg = segno.make(uri, error="m").svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # drawn here, from letters and digits


def _main_address(user: Any) -> str:
    return str(EmailAddress.objects.get_primary_email(user) or user.get_username())


def _tell(user: Any, event: str) -> None:
    address = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary").first()
    if address is not None:
        letters.tell(event, address.email)


# Where one was going


def _next(request: HttpRequest) -> str:
    return path_of_ours(request, request.POST.get("next") or request.GET.get("next") or "")


def _destination(request: HttpRequest) -> str:
    return _next(request) or reverse("connexion:inbox")


def _with_next(request: HttpRequest, page: str) -> str:
    wanted = _next(request)
    return reverse(page) + (f"?{urlencode({'next': wanted})}" if wanted else "")


def _to_setup(request: HttpRequest) -> HttpResponse:
    return redirect(_with_next(request, "connexion:second_factor_setup"))
