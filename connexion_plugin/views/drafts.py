"""Keeping what one types, by script or by a button, and doing away with it (spec C8)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connexion_plugin import access, formats
from connexion_plugin.actions.drafts import discard_draft as discard_it
from connexion_plugin.actions.drafts import read_draft, save_reply_draft, save_start_draft
from connexion_plugin.actions.uploads import read_upload_metadata, read_upload_name, uploads_of
from connexion_plugin.exceptions import DatabaseFull, KeyGone, KeyLost, KeyStoreFault, Refused, Tampered
from connexion_plugin.forms.compose import StartForm, TitledPostForm
from connexion_plugin.models import Collaborator, Draft, Upload
from connexion_plugin.views.conversation import inbox_left, query_of
from connexion_plugin.views.errors import error, with_reference
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.senders import entry_to_post, require_its_sender
from connexion_plugin.views.time_zone import show_times_of


@dataclass(frozen=True)
class KeptDraft:
    """What the page of a form says of its draft."""

    save_url: str
    discard_url: str
    sign_in_url: str
    revision: int | None = None
    saved_at: datetime | None = None

    @property
    def sentence(self) -> str:
        return saved_sentence(self.saved_at) if self.saved_at else ""


def kept(request: HttpRequest, draft: Draft | None, *, draft_id: UUID, save_url: str) -> KeptDraft:
    """The draft of a form, or that there is none yet."""
    return KeptDraft(
        save_url=save_url,
        discard_url=f"{reverse('connexion:discard_draft', args=[draft_id])}?{query_of(request)}",
        sign_in_url=f"{reverse('account_login')}?next={reverse('connexion:inbox')}",
        revision=draft.revision if draft else None,
        saved_at=draft.saved_at if draft else None,
    )


def saved_sentence(saved_at: datetime) -> str:
    """`Draft saved at 14:05`; with the day, when that is another."""
    if timezone.localdate(saved_at) == timezone.localdate():
        return _("Draft saved at %(time)s") % {"time": formats.clock(saved_at)}
    when = {"day": formats.day(saved_at), "time": formats.clock(saved_at)}
    return _("Draft of %(day)s, saved at %(time)s") % when


@dataclass(frozen=True)
class UploadedDocument:
    """A document that is kept with the draft, or on its way."""

    id: UUID
    url: str
    name: str = field(repr=False)
    length: int
    offset: int
    mark: str  # what the page that began it calls it
    place: str = field(repr=False)  # where in its folder the file lay; for its author alone
    is_complete: bool
    is_lost: bool = False


def uploaded(draft: Draft | None) -> list[UploadedDocument]:
    """In the order in which they were chosen; those are lost whose key, or the draft's, is gone or was altered. Raises
    KeyStoreFault while the store cannot be reached."""
    return [_readable_or_lost(row) for row in uploads_of(draft)] if draft else []


def _readable_or_lost(row: Upload) -> UploadedDocument:
    try:
        called = read_upload_metadata(row)
        mark, place = (called.get(key, b"").decode(errors="ignore") for key in ("mark", "relativePath"))
        return _uploaded(row, name=read_upload_name(row), mark=mark, place=place)
    except (KeyGone, KeyLost, Tampered):
        return _uploaded(row, name=_("Unreadable name"), is_lost=True)


def uploaded_or_nameless(draft: Draft | None) -> list[UploadedDocument]:
    """For the answer to a form that was sent: it gives back what was typed, whatever became of the store."""
    try:
        return uploaded(draft)
    except KeyStoreFault:
        rows = uploads_of(draft) if draft else []
        return [_uploaded(row, name=_("Unreadable name")) for row in rows]


def _uploaded(
    row: Upload, *, name: str, mark: str = "", place: str = "", is_lost: bool = False
) -> UploadedDocument:
    return UploadedDocument(
        id=row.pk,
        url=reverse("connexion:upload", args=[row.pk]),
        name=name,
        length=row.length,
        offset=row.offset,
        mark=mark,
        place=place,
        is_complete=row.is_complete,
        is_lost=is_lost,
    )


def typed_in(request: HttpRequest, draft: Draft) -> dict[str, str]:
    """What was typed; nothing where it can never be read, and the page says so: one must be able to go on.

    Raises KeyStoreFault while the store cannot be reached: an empty form would be kept over what stands.
    """
    try:
        return read_draft(draft)
    except (KeyLost, Tampered) as fault:
        messages.error(request, str(fault.sentence))
        return {}


def keep_reply(
    request: HttpRequest, entry: access.ConversationAccess, draft_id: UUID, *, keeps_nothing: bool = False
) -> Draft | None:
    """What was sent of *Ajouter un message*; errors as `save_reply_draft`."""
    return save_reply_draft(
        participation=entry.seat,
        draft_id=draft_id,
        typed=TitledPostForm.typed_in(request.POST),
        revision=revision_seen(request),
        keeps_nothing=keeps_nothing or "keep" in request.POST,
    )


def keep_start(
    request: HttpRequest, enrolments: list[Collaborator], draft_id: UUID, *, keeps_nothing: bool = False
) -> Draft | None:
    """What was sent of *Lancer une conversation*; errors as `save_start_draft`."""
    typed = StartForm.typed_in(request.POST)
    chosen = next((row for row in enrolments if str(row.pk) == typed.get("collaborator")), enrolments[0])
    return save_start_draft(
        person=request.user,
        collaborator=chosen,
        draft_id=draft_id,
        typed=typed,
        revision=revision_seen(request),
        keeps_nothing=keeps_nothing or "keep" in request.POST,
    )


def revision_seen(request: HttpRequest) -> int | None:
    """The revision that the page was made from; None where it saw no draft."""
    seen = request.POST.get("draft_revision", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None


@door(Policy.SIGNED_IN, "GET", "POST")
def reply_draft(request: HttpRequest, conversation_id: UUID, draft_id: UUID) -> HttpResponse:
    """For the page's script: POST keeps what is typed, GET says what is kept and hands out a fresh token."""
    entry = entry_to_post(request, conversation_id, draft_id)
    show_times_of(request, entry.conversation.organization)
    try:
        require_its_sender(request, entry)
        if request.method != "POST":
            return _said(request, access.draft_in(entry.seat))
        return _said(request, keep_reply(request, entry, draft_id))
    except (Refused, KeyStoreFault) as reason:
        return _not_kept(reason)


@door(Policy.SIGNED_IN, "GET", "POST")
def start_draft(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The same for a conversation that is being started."""
    enrolments = access.active_enrolments(request.user)
    if not enrolments:
        raise Http404
    show_times_of(request, enrolments[0].organization)
    if request.method != "POST":
        return _said(request, access.draft_to_start(request.user, draft_id))
    try:
        return _said(request, keep_start(request, enrolments, draft_id))
    except (Refused, KeyStoreFault) as reason:
        return _not_kept(reason)


def _not_kept(reason: Refused | KeyStoreFault) -> JsonResponse:
    """409 for what this page must settle first; 503 for what only the operator can: submitting may go
    all the same."""
    if isinstance(reason, DatabaseFull):
        return JsonResponse({"sentence": str(reason.sentence)}, status=503)
    if isinstance(reason, Refused):
        return JsonResponse({"sentence": str(reason.sentence)}, status=409)
    return JsonResponse({"sentence": with_reference(reason)}, status=503)


@door(Policy.SIGNED_IN, "GET", "POST")
def discard_draft(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Asks first; what is done away with is gone."""
    try:
        draft = access.draft_for(request.user, draft_id)
    except Http404:  # in the same words for somebody else's, and for none
        return error(
            request,
            404,
            what=_("This draft is no longer here"),
            safe=_("It was deleted or posted already, or it is not a draft of yours. Nothing was changed."),
            todo=_("Go back to your inbox."),
        )
    back, form = _addresses(request, draft)
    if request.method == "POST":
        discard_it(draft)
        messages.success(request, _("The draft is deleted."))
        return redirect(back)
    show_times_of(request, draft.organization)
    context = {
        "is_reply": draft.participation_id is not None,
        "saved_at": draft.saved_at,
        "form_url": form,
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/conversation/discard_draft.html", context)


def _addresses(request: HttpRequest, draft: Draft) -> tuple[str, str]:
    """Where one goes from a draft that is no more, and the form that it is of."""
    came_from = query_of(request)
    if draft.participation is None:
        form = reverse("connexion:start_conversation_draft", args=[draft.pk])
        return inbox_left(request), f"{form}?{came_from}"
    conversation = draft.participation.conversation_id
    form = reverse("connexion:post_message", args=[conversation, draft.pk])
    window = reverse("connexion:conversation", args=[conversation])
    return f"{window}?{came_from}", f"{form}?{came_from}"


def _said(request: HttpRequest, draft: Draft | None) -> JsonResponse:
    answer: dict[str, Any] = {"token": get_token(request), "revision": None, "sentence": ""}
    if draft is not None:
        answer |= {"revision": draft.revision, "sentence": saved_sentence(draft.saved_at)}
    return JsonResponse(answer)
