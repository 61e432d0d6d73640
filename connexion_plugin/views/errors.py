"""Pages for what went wrong: what happened, what is safe, what to do, and a reference that the log has too."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from connexion_plugin.conf import settings
from connexion_plugin.exceptions import ConnexionError, KeyLost, KeyStoreFault
from connexion_plugin.views.headers import closed

logger = logging.getLogger(__name__)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same page for what does not exist and for what one may not see (access.md)."""
    return error(
        request,
        404,
        what=_("There is nothing here for you"),
        safe=_("The address may be mistyped, or it belongs to a conversation in which you do not take part."),
        todo=_(
            "Go back to your inbox. If a notice brought you here, sign in with the address that received it."
        ),
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error(
        request,
        403,
        what=_("You do not have access to this page"),
        safe=_("Nothing was changed."),
        todo=_("Go back, or sign in with another account."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error(
        request,
        403,
        what=_("This page had been open for too long"),
        safe=_("Nothing was sent and nothing was changed."),
        todo=_(
            "Go back with your browser's arrow: what you typed is still there. Reload the page, then send it again."
        ),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error(
        request,
        400,
        what=_("The request could not be understood"),
        safe=_("Nothing was changed."),
        todo=_("Go back and try again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return error(
        request,
        500,
        what=_("Something failed on our side"),
        safe=_("What was already sent is kept."),
        todo=_("Try again in a few minutes. If it happens again, tell us the reference below."),
    )


def sealing_fault(request: HttpRequest, fault: ConnexionError) -> HttpResponse:
    """For a key or a store of keys that is lost, or a record that was altered: only the operator can help."""
    if isinstance(fault, KeyLost):
        what, status = _("This cannot be kept at this moment"), 503
    elif isinstance(fault, KeyStoreFault):
        what, status = _("Conversations cannot be reached at this moment"), 503
    else:
        what, status = _("This cannot be shown"), 500
    return error(
        request,
        status,
        what=what,
        safe=str(fault.sentence),
        todo=_("Try again in a few minutes. If it happens again, tell us the reference below."),
        reference=logged(fault, status),
    )


def no_room(request: HttpRequest) -> HttpResponse:
    """For a database that is full, where no form says so: pages can be read, and nothing be written."""
    return error(
        request,
        507,
        what=_("There is no room left at this moment"),
        safe=_("Nothing was changed. What was already sent is kept, and can be read."),
        todo=_("Try again in a few minutes. If it happens again, tell us the reference below."),
    )


def logged(fault: ConnexionError, status: int) -> str:
    """The reference under which the log names what failed: a key or a record, by its id."""
    reference = secrets.token_hex(4).upper()
    logger.error("error %s status=%s: %s", reference, status, fault)
    return reference


def with_reference(fault: ConnexionError, status: int = 503) -> str:
    """The same for a page that stays, with what was typed in it."""
    todo = _("Try again in a few minutes. If it happens again, tell us this reference: %(reference)s.")
    return f"{fault.sentence} {todo % {'reference': logged(fault, status)}}"


def error(
    request: HttpRequest, status: int, *, what: str, safe: str, todo: str, reference: str = ""
) -> HttpResponse:
    """Renders the page; the log gets the reference, the status and the route's name, never what was sent."""
    match = getattr(request, "resolver_match", None)
    reference = reference or secrets.token_hex(4).upper()
    logger.warning("error %s status=%s route=%s", reference, status, match.view_name if match else "none")
    context = {
        "reference": reference,
        "what": what,
        "safe": safe,
        "todo": todo,
        "status": status,
        "support_telephone": settings.support_telephone,
    }
    response = render(request, "connexion_plugin/elements/error.html", context, status=status)
    closed(response)
    return response
