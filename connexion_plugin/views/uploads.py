"""Documents that come in by pieces: tus 1.0, spoken to a draft (spec D2). The protocol is `documents.tus`."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from connexion_plugin import access, exceptions
from connexion_plugin.actions.drafts import discard_if_empty, ensure_reply_draft, ensure_start_draft
from connexion_plugin.actions.posting import require_it_may_post
from connexion_plugin.actions.receiving import receive
from connexion_plugin.actions.uploads import (
    begin_upload,
    discard_upload,
    offset_by_now,
    read_upload_metadata,
)
from connexion_plugin.conf import settings
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents import tus
from connexion_plugin.documents.limits import limit_of
from connexion_plugin.documents.parts import StorageFull
from connexion_plugin.exceptions import ConnexionError
from connexion_plugin.models import Draft, Organization, Upload
from connexion_plugin.sealing.segments import DocumentDamaged
from connexion_plugin.views.conversation import persona_asked
from connexion_plugin.views.errors import with_reference
from connexion_plugin.views.headers import closed
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.senders import entry_to_post, require_its_sender

# What each refusal is in the protocol; 423 and 409 are what a client comes back from by itself.
STATUSES: dict[type[ConnexionError], int] = {
    exceptions.DocumentsTooLarge: 413,
    exceptions.TooManyDocuments: 413,
    exceptions.UnpostedTooLarge: 413,
    exceptions.UploadTooLong: 413,
    exceptions.OrganizationFull: 507,
    StorageFull: 507,
    exceptions.DatabaseFull: 507,
    exceptions.StorageTrouble: 503,
    exceptions.StorageUnreachable: 503,
    exceptions.UploadBusy: 423,
    exceptions.OffsetMismatch: 409,
    exceptions.ChecksumMismatch: tus.CHECKSUM_MISMATCH,
    exceptions.UploadGone: 410,
    exceptions.KeyLost: 503,
    exceptions.KeyStoreFault: 503,
    exceptions.KeyGone: 410,
    exceptions.Tampered: 410,
    DocumentDamaged: 410,
}
# Where the protocol's client does otherwise than who submits a form: it keeps what was sent, and goes on by itself.
_COMES_BACK = _(
    "There is no room left at the moment. What was sent is kept, and this goes on by itself when there is room."
)
WORDS: dict[type[ConnexionError], Promise] = {
    StorageFull: _COMES_BACK,
    exceptions.DatabaseFull: _COMES_BACK,
}
Speaks = Callable[..., HttpResponse]
STRANGERS_BYTES = 32 * 1024**2  # of a refused body of somebody unknown: our page sends no more in one request


def tus_door(*methods: str) -> Callable[[Speaks], Callable[..., HttpResponseBase]]:
    """A door of the protocol: for who is signed in, and every answer of it says so, the token's refusal included.

    The method that is meant is known before the token is asked for: it decides whether one is needed.
    """

    def declare(view: Speaks) -> Callable[..., HttpResponseBase]:
        inside = csrf_protect(door(Policy.SIGNED_IN, *methods)(_speaks_tus(view)))

        @wraps(inside)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.method = tus.method_of(request)
            # The token is in a header. Else a form's body would be parsed for it: refused in words that are not the
            # protocol's, and its documents written, plain, to the temporary folder.
            request.POST = QueryDict()
            try:
                response = tus.marked(inside(request, *args, **kwargs))
            except Http404:
                response = closed(tus.answer(404))
            if response.status_code >= 300:
                known = request.user.is_authenticated
                tus.read_past(request, settings.message_limit_bytes if known else STRANGERS_BYTES)
            return response

        # No transaction may be open while a body is read: on SQLite it would lock every writer.
        return non_atomic_requests(csrf_exempt(answer))

    return declare


def _speaks_tus(view: Speaks) -> Speaks:
    """Refusals in the protocol's own statuses, each with its sentence for people."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with telling_no_room():
                return view(request, *args, **kwargs)
        except tus.ProtocolFault as fault:
            return tus.fault(fault)
        except ConnexionError as error:
            sentence = (
                with_reference(error) if isinstance(error, exceptions.KeyStoreFault) else _words_of(error)
            )
            return tus.answer(STATUSES.get(type(error), 409), sentence=sentence)

    return answer


def _words_of(error: ConnexionError) -> str:
    return str(WORDS.get(type(error), error.sentence))


@tus_door("POST", "OPTIONS")
def reply_uploads(request: HttpRequest, conversation_id: UUID, draft_id: UUID) -> HttpResponse:
    """A document for a message of this conversation begins."""
    entry = entry_to_post(request, conversation_id, draft_id)
    organization = entry.conversation.organization
    if request.method == "OPTIONS":
        return _capabilities(organization)
    require_its_sender(request, entry)
    require_it_may_post(entry.seat)
    return _begin(request, lambda: ensure_reply_draft(participation=entry.seat, draft_id=draft_id))


@tus_door("POST", "OPTIONS")
def start_uploads(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """A document for the first message of a new conversation begins."""
    enrolments = access.active_enrolments(request.user, persona_id=persona_asked(request))
    if not enrolments:
        raise Http404
    if request.method == "OPTIONS":
        standing = access.draft_to_start(request.user, draft_id)  # follows what is chosen in the form
        return _capabilities(standing.organization if standing else enrolments[0].organization)
    return _begin(
        request,
        lambda: ensure_start_draft(person=request.user, collaborator=enrolments[0], draft_id=draft_id),
    )


@tus_door("HEAD", "PATCH", "DELETE", "OPTIONS")
def upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """How far it is, its next bytes, or its end. What was posted, or is somebody else's, is not there."""
    found = access.upload_for(request.user, upload_id)
    if request.method == "OPTIONS":
        return _capabilities(found.draft.organization)
    tus.require_version(request)
    if request.method == "DELETE":
        discard_upload(found)
        return tus.answer()
    if access.has_expired(found):
        if request.method != "HEAD":  # which only looks (RFC 9110); the sweep is soon there
            discard_upload(found)
        raise exceptions.UploadGone
    if request.method == "HEAD":
        given = read_upload_metadata(found)
        called = {"upload_metadata": tus.metadata_header(given)} if given else {}
        return tus.answer(200, offset=found.offset, length=found.length, expires_at=_expiry(found), **called)
    _require_it_may_be_posted(request, found.draft)
    tus.require_offset_type(request)
    return _received(request, found, tus.upload_offset(request))


def _require_it_may_be_posted(request: HttpRequest, draft: Draft) -> None:
    """Closed, frozen or deactivated since the upload was begun: what had come stays with the draft until it lapses.

    Raises the `Refused` that says so.
    """
    if draft.participation is not None:
        require_it_may_post(draft.participation)
    elif not access.active_enrolments(request.user):
        raise exceptions.NotACollaborator


def _begin(request: HttpRequest, draft: Callable[[], Draft]) -> HttpResponse:
    tus.require_version(request)
    length, given = tus.upload_length(request), tus.metadata(request)
    name = tus.file_name(given)
    brings_bytes = request.content_type == tus.OFFSET_TYPE and tus.body_length(request) > 0
    checksum = tus.checksum(request) if brings_bytes else None
    held = draft()
    try:
        begun = begin_upload(draft=held, name=name, length=length, metadata=given)
    except ConnexionError:
        discard_if_empty(held)  # else it would wait in the inbox, with nothing in it
        raise
    try:
        # An empty document is whole from the start.
        if brings_bytes or not length:
            announced = tus.body_length(request) if brings_bytes else 0
            begun = receive(upload=begun, offset=0, read=request.read, length=announced, checksum=checksum)
    except ConnexionError:
        # Nobody has learned its address: it would hold its room for nothing.
        discard_upload(begun)
        discard_if_empty(held)
        raise
    return tus.answer(
        201,
        offset=begun.offset,
        expires_at=_expiry(begun),
        location=reverse("connexion:upload", args=[begun.pk]),
    )


def _received(request: HttpRequest, found: Upload, offset: int) -> HttpResponse:
    try:
        moved = receive(
            upload=found,
            offset=offset,
            read=request.read,
            length=tus.body_length(request),
            checksum=tus.checksum(request),
        )
    except exceptions.OffsetMismatch as error:
        return tus.answer(409, offset=offset_by_now(found), sentence=_words_of(error))
    except DocumentDamaged:
        # What was stored of it is gone or altered: it can only begin afresh.
        discard_upload(found)
        raise
    return tus.answer(offset=moved.offset, expires_at=_expiry(moved))


def _expiry(found: Upload) -> Any:
    return None if found.is_complete else found.expires_at


def _capabilities(organization: Organization) -> HttpResponse:
    return tus.capabilities(most_bytes=limit_of(organization))
