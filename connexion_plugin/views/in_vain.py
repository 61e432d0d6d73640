"""What was typed and cannot be posted, given back to copy: for a form whose own page is there no more (spec C8)."""

from contextlib import suppress
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBadRequest, UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect

from connexion_plugin.documents.limits import surely_too_large
from connexion_plugin.documents.uploads import ForgettingUploadHandler
from connexion_plugin.views.policy import sign_in_first

SIGNED_OUT = _(
    "You are no longer signed in, and nothing was sent. Copy what you typed, sign in again in another window, and "
    "paste it there. Documents have to be chosen again."
)
COPIED = ("title", "addresses", "text")


def given_back(
    request: HttpRequest, form_class: type[forms.Form], *, heading: str, reason: str
) -> HttpResponseBase:
    """Not found, with the words of this form that were sent; its documents are read past."""
    request.upload_handlers = [ForgettingUploadHandler(request)]
    return _page(request, form_class, status=404, heading=heading, reason=reason)


def signed_out(
    request: HttpRequest, form_class: type[forms.Form], *, heading: str, reason: str
) -> HttpResponseBase:
    """The same for who is not signed in any more, whatever the address names: else the sign-in page, and all is gone.

    What was typed is kept nowhere, and goes nowhere but back into the window that sent it. That window proves by its
    token that a page of ours is in it: nobody shows people words of their own under our name.
    """
    sign_in = sign_in_first(request)
    if request.method != "POST" or surely_too_large(body_length(request), 0):
        return sign_in
    with suppress(AttributeError):  # a form without documents was read where its token was looked at
        request.upload_handlers = [ForgettingUploadHandler(request)]
    try:
        if "csrfmiddlewaretoken" not in request.POST or not _typed(request, form_class):
            return sign_in
    except UnreadablePostError:
        return HttpResponseBadRequest()
    page = partial(_page, form_class=form_class, status=403, heading=heading, reason=reason)
    answer: HttpResponseBase = csrf_protect(partial(page, sign_in_url=sign_in["Location"]))(request)
    return answer if getattr(request, "csrf_processing_done", False) else sign_in


def body_length(request: HttpRequest) -> int:
    """What the browser says that it sends."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _page(
    request: HttpRequest, form_class: type[forms.Form], *, status: int, **said: str
) -> HttpResponseBase:
    context = {"typed": _typed(request, form_class), **said}
    return render(request, "connexion_plugin/conversation/typed_in_vain.html", context, status=status)


def _typed(request: HttpRequest, form_class: type[forms.Form]) -> list[dict[str, Any]]:
    asked = [name for name in COPIED if name in form_class.base_fields]
    sent = {name: str(request.POST[name]) for name in asked if name in request.POST}
    return [
        {
            "name": name,
            "label": form_class.base_fields[name].label,
            "words": sent[name],
            "is_long": name != "title",
        }
        for name in asked
        if sent.get(name, "").strip()
    ]
