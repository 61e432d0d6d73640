"""Downloads: the access check at every request, one line of activity a download (spec D3)."""

import logging
from collections.abc import Iterator
from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.actions.documents import open_document, read_name
from connexion_plugin.actions.downloads import record_download, remembered_while_sent
from connexion_plugin.documents.downloads import respond
from connexion_plugin.exceptions import (
    ConnexionError,
    DocumentWithheld,
    MessageGone,
    NoLongerThere,
    StorageUnreachable,
    Tampered,
)
from connexion_plugin.sealing.segments import DocumentDamaged
from connexion_plugin.views.conversation import persona_asked
from connexion_plugin.views.errors import error
from connexion_plugin.views.policy import Policy, door, sign_in_for_a_file

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 60


@door(Policy.SIGNED_IN, "GET", signed_out=sign_in_for_a_file)
def download(request: HttpRequest, attachment_id: UUID) -> HttpResponseBase:
    """The document, by ranges if asked. What expired is not there (spec E3)."""
    try:
        entry, attachment = access.attachment_for(
            request.user, attachment_id, persona_id=persona_asked(request)
        )
    except DocumentWithheld as refusal:
        return _withheld(request, refusal)
    try:
        document, name = open_document(attachment), read_name(attachment)
        response = respond(request=request, document=document, name=name)
    except MessageGone as gone:
        raise Http404 from gone
    except StorageUnreachable as fault:
        return unreachable(request, fault, what=_("This document cannot be downloaded at this moment"))
    except (DocumentDamaged, Tampered) as fault:
        logger.error("document %s: %s", attachment.pk, type(fault).__name__)
        return _damaged(request, fault)
    if request.method == "GET" and response.status_code in {200, 206}:
        is_in_pieces = response.status_code == 206
        try:
            record_download(participation=entry.seat, attachment=attachment, is_in_pieces=is_in_pieces)
        except NoLongerThere as removed:
            raise Http404 from removed
        if isinstance(response, StreamingHttpResponse):
            pieces = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = remembered_while_sent(
                pieces, participation=entry.seat, attachment=attachment
            )
    return response


def _withheld(request: HttpRequest, refusal: DocumentWithheld) -> HttpResponse:
    return error(
        request,
        403,
        what=_("This document is withheld"),
        safe=str(refusal.sentence),
        todo=_("Go back to the conversation: it says where the document stands."),
    )


def unreachable(request: HttpRequest, fault: ConnexionError, *, what: str) -> HttpResponse:
    """The page for a storage that fails; `what` says which download it held up."""
    response = error(
        request,
        503,
        what=what,
        safe=str(fault.sentence),
        todo=_("Try again in a few minutes. If it happens again, tell us the reference below."),
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _damaged(request: HttpRequest, fault: ConnexionError) -> HttpResponse:
    return error(
        request,
        500,
        what=_("This document cannot be downloaded"),
        safe=str(fault.sentence),
        todo=_("Ask its sender to post it again, and tell us the reference below."),
    )
