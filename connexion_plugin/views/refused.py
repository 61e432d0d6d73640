"""What is refused while a page stood open is said where its reader still sits: in the window (spec B4, C12, E3)."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from connexion_plugin.exceptions import Refused
from connexion_plugin.routes import address_of
from connexion_plugin.views.places import carried_by
from connexion_plugin.views.policy import Arguments, View


def said_in_the_window(view: View[Arguments]) -> View[Arguments]:
    """For doors of one conversation: `access` refuses with a reason only whom the door was for, and leaves everybody
    else the page of what does not exist."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as reason:
            messages.error(request, str(reason.sentence))
        conversation_id: Any = kwargs["conversation_id"]
        return redirect(f"{address_of('conversation', conversation_id)}?{urlencode(carried_by(request))}")

    wrapped: Any = answer
    declared: View[Arguments] = wrapped
    return declared
