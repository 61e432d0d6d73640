"""Where the account pages of Wagtail's admin and of Django's lead."""

from allauth.account.internal import flows
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode


def sign_in(request: HttpRequest) -> HttpResponse:
    """The portal's page, which checks where `next` leads."""
    wanted = request.GET.get("next") or request.POST.get("next") or reverse("wagtailadmin_home")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")


def sign_out(request: HttpRequest) -> HttpResponse:
    """Wagtail's menu posts here."""
    if request.method == "POST":
        flows.logout.logout(request)
        return redirect("account_login")
    return redirect("account_logout")


def reset_password(request: HttpRequest) -> HttpResponse:
    return redirect("account_reset_password")


def change_password(request: HttpRequest) -> HttpResponse:
    return redirect("account_change_password")


def closed_for_good(request: HttpRequest) -> HttpResponse:
    """Nobody chooses a password or confirms an address for somebody else."""
    raise Http404
