"""Downloads: the access check at every request, one line of activity a download (spec D3)."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from connexion_plugin import access
from connexion_plugin.actions.documents import open_document, read_name, record_download
from connexion_plugin.documents.downloads import respond
from connexion_plugin.exceptions import MessageGone
from connexion_plugin.views.policy import Policy, door


@door(Policy.SIGNED_IN, "GET")
def download(request: HttpRequest, attachment_id: UUID) -> HttpResponseBase:
    """The document, by ranges if asked. What expired is not there (spec E3)."""
    entry, attachment = access.attachment_for(request.user, attachment_id)
    try:
        document, name = open_document(attachment), read_name(attachment)
    except MessageGone as error:
        raise Http404 from error
    response = respond(request=request, document=document, name=name)
    if request.method == "GET" and _is_a_beginning(response):
        record_download(participation=entry.seat, attachment=attachment)
    return response


def _is_a_beginning(response: HttpResponseBase) -> bool:
    """A download that resumes was recorded when it began."""
    if response.status_code == 206:
        return response["Content-Range"].startswith("bytes 0-")
    return response.status_code == 200
