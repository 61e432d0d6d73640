"""What the two forms that bring documents share: a reply, and a conversation that is started (spec C7, C8)."""

from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin import formats
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.kept_documents import discard_missing
from connexion_plugin.actions.room import release, reserve
from connexion_plugin.actions.uploads import discard_lost_uploads, discard_uploads_named, keep_documents
from connexion_plugin.conf import settings
from connexion_plugin.documents.form_room import FormRoom
from connexion_plugin.documents.limits import limit_of
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.documents.sealing_forms import SealingFormMixin
from connexion_plugin.documents.uploads import SealedUpload, SealingUploadHandler
from connexion_plugin.exceptions import (
    ConnexionError,
    DatabaseFull,
    DocumentsLost,
    DocumentsTooLarge,
    KeyStoreFault,
    OrganizationFull,
    Refused,
    StorageTrouble,
    StorageUnreachable,
    Tampered,
    TooManyDocuments,
    UnpostedTooLarge,
)
from connexion_plugin.forms.compose import PostForm
from connexion_plugin.models import Draft, Organization
from connexion_plugin.views.drafts import saved_sentence, uploaded, uploaded_or_nameless
from connexion_plugin.views.errors import logged, with_reference

NAMED = 5  # of documents that are lost together: a message may carry a hundred
SAVES = {"save_draft", "remove_upload"}  # the buttons that keep, and send nothing
# What no mending of the form helps: a key is missing, or what was kept with the draft was altered.
SEALING_FAULTS = (KeyStoreFault, Tampered)
# RFC 9110 and RFC 4918: too large, no room; else 422, what was typed needs mending.
NO_ROOM = (DocumentsTooLarge, OrganizationFull, TooManyDocuments, UnpostedTooLarge)
FAULT_STATUS: dict[type[ConnexionError] | type[None], int] = {
    DocumentsTooLarge: 413,
    OrganizationFull: 409,  # as where posting finds it out
    TooManyDocuments: 413,
    UnpostedTooLarge: 409,
    StorageFull: 507,
    DatabaseFull: 507,
    StorageTrouble: 503,
}


class ComposerView(SealingFormMixin):
    """What both forms share: authorise before the body is read, then show, check, and hand to one verb."""

    organization: Organization
    draft: Draft | None = None

    def authorise(self) -> None:
        """Loads what the address names; raises Http404 for who may not."""
        raise NotImplementedError

    def sealing_handler(self) -> SealingUploadHandler:
        self.authorise()
        return SealingUploadHandler(
            self.request,
            key_for=new_document_key,
            limit_bytes=self.limit_bytes,
            storage=sealed_storage(),
            room=FormRoom(self.reserve, release),
            hear=self.hear,
        )

    def hear(self, typed: QueryDict) -> None:
        """What of the form came before its documents."""

    def reserve(self, reservation: UUID, length: int, unwritten: int) -> int:
        """Takes room for what is coming (`actions.room.reserve`)."""
        return reserve(
            reservation=reservation,
            author_id=self.request.user.pk,
            organization=self.organization_known_before(),
            length=length,
            unwritten=unwritten,
            draft_id=self.kwargs.get("draft_id"),
        )

    def organization_known_before(self) -> Organization | None:
        """The organization whose room the documents take, where that is known before they come."""
        return self.organization

    @property
    def limit_bytes(self) -> int:
        """What its documents may weigh together, before anything of the body is read."""
        return limit_of(self.organization)

    def standing_draft(self) -> Draft | None:
        """The draft of this form, as it is kept."""
        raise NotImplementedError

    def keep(self, *, keeps_nothing: bool) -> Draft | None:
        """Keeps what was typed as a draft; raises Refused."""
        raise NotImplementedError

    def here(self) -> str:
        """The address of this form."""
        raise NotImplementedError

    def uploads_url(self) -> str:
        """Where documents for this form begin (tus 1.0)."""
        raise NotImplementedError

    def was_sent(self) -> bool:
        """Whether this very form was submitted before."""
        raise NotImplementedError

    def has_documents(self) -> bool:
        """Whether its draft has; also where they went with what was sent before: its answer may have been lost."""
        return self.was_sent() if self.draft is None else bool(uploaded_or_nameless(self.draft))

    def shown(self) -> set[UUID] | None:
        """Which of the draft's documents the page listed when it was submitted; None where it does not say."""
        listed = self.request.POST.get("documents_shown")
        return None if listed is None else {UUID(one) for one in listed.split() if _is_id(one)}

    def keep_all(self) -> None:
        """Keeps what was sent, the documents that came with it included; raises Refused."""
        documents = self.request.FILES.getlist("documents")
        self.draft = self.keep(keeps_nothing=bool(documents))
        if documents and self.draft is not None:
            self.uploads.keep()
            try:
                keep_documents(draft=self.draft, documents=cast(list[SealedUpload], documents))
            except (Refused, *SEALING_FAULTS):
                self.uploads.discard()
                raise

    def saved(self, form: PostForm) -> HttpResponse:
        """The buttons for browsers that run no scripts: one keeps what was sent, one takes a document back."""
        taken_back = self.request.POST.get("remove_upload")
        if taken_back and self.draft is not None:
            discard_uploads_named(
                self.draft, taken_back
            )  # first: it may hold the room of what the form brings
        if self.uploads.fault is not None:
            return self.invalid(form)  # what was typed is kept, and the page says what became of the rest
        try:
            self.keep_all()
        except Refused as reason:
            form.add_error(None, str(reason.sentence))
            self._say_what_takes_room(form, reason)
            return self.page(form, status=_status_of(reason))
        except SEALING_FAULTS as fault:
            return self.key_lost(form, fault)
        if self.draft is None:
            messages.info(self.request, _("There was nothing to keep as a draft."))
        elif taken_back:
            messages.success(self.request, _("The document is removed."))
        else:
            messages.success(self.request, saved_sentence(self.draft.saved_at))
        return redirect(self.here())

    def refused(self, form: PostForm, reason: Refused) -> HttpResponse:
        """What was typed stays on the page and is kept as a draft, with its documents where there is room."""
        if isinstance(reason, DocumentsLost):
            return self.documents_lost(form, reason)
        form.add_error(None, str(reason.sentence))
        return self._kept(form, _status_of(reason))

    def documents_lost(self, form: PostForm, reason: DocumentsLost) -> HttpResponse:
        """As `refused`; what nothing opens any more leaves the draft, or it could never be posted. The page says so:
        nobody is to post without it unknowingly. The log has its ids."""
        try:
            lost = discard_lost_uploads(self.draft) if self.draft else []
        except KeyStoreFault as fault:
            return self.key_lost(form, fault)
        if not lost:  # restored meanwhile, or taken back in another window
            form.add_error(None, str(reason.sentence))
        else:
            sizes = ", ".join(formats.size(upload.length) for upload in lost[:NAMED])
            sizes += ", …" if len(lost) > NAMED else ""
            text = ngettext(
                "%(count)s document that was kept with your draft can no longer be opened, nor its name be read "
                "(%(sizes)s). It is not posted: choose it again, then submit. What you typed is still here.",
                "%(count)s documents that were kept with your draft can no longer be opened, nor their names be "
                "read (%(sizes)s). They are not posted: choose them again, then submit. What you typed is still here.",
                len(lost),
            )
            form.add_error("documents", text % {"count": formats.number(len(lost)), "sizes": sizes})
        logged(reason, 409)
        return self._kept(form, 409)

    def documents_missing(self, form: PostForm) -> HttpResponse | None:
        """The answer where what is kept with the draft is not stored any more, or nobody can tell; else nothing.

        As `documents_lost`, but that their names are known. To be asked before anything is posted.
        """
        try:
            missing = discard_missing(self.draft) if self.draft else []
        except KeyStoreFault as fault:
            return self.key_lost(form, fault)
        except StorageUnreachable as fault:
            form.add_error(None, str(fault.sentence))
            return self._kept(form, 503)
        if not missing:
            return None
        names = ", ".join(_("“%(name)s”") % {"name": name} for name in missing[:NAMED])
        names += ", …" if len(missing) > NAMED else ""
        text = ngettext(
            "%(count)s document that was kept with your draft was lost on our side: %(names)s. It is not posted: "
            "choose it again, then submit. What you typed is still here.",
            "%(count)s documents that were kept with your draft were lost on our side: %(names)s. They are not "
            "posted: choose them again, then submit. What you typed is still here.",
            len(missing),
        )
        form.add_error("documents", text % {"count": formats.number(len(missing)), "names": names})
        return self._kept(form, 409)

    def key_lost(self, form: PostForm, fault: ConnexionError) -> HttpResponse:
        """As `refused`: nothing that was typed is wrong. Only the operator can help; the log names the key."""
        form.add_error(None, with_reference(fault))
        return self._kept(form, 503)

    def invalid(self, form: PostForm) -> HttpResponse:
        if isinstance(self.uploads.fault, OrganizationFull | UnpostedTooLarge):
            self._say_what_takes_room(form, self.uploads.fault)
        return self._kept(form, FAULT_STATUS.get(type(self.uploads.fault), 422))

    def _kept(self, form: PostForm, status: int) -> HttpResponse:
        try:
            self.keep_all()
        except (Refused, *SEALING_FAULTS) as reason:
            self.uploads.discard()
            if self.request.FILES:
                form.add_error(
                    "documents", _("The documents were not kept: choose them again before you submit.")
                )
                self._say_what_takes_room(form, reason)
        return self.page(form, status=status)

    def _say_what_takes_room(self, form: PostForm, reason: ConnexionError) -> None:
        """What was begun elsewhere, or under another name, counts whole; each has its button below."""
        if not isinstance(reason, NO_ROOM):
            return
        for upload in uploaded_or_nameless(self.draft):
            if not upload.is_complete:
                sentence = _(
                    "“%(name)s” is not sent to its end, and takes the room: remove it, then try again."
                )
                form.add_error("documents", sentence % {"name": upload.name})

    def documents_context(self) -> dict[str, Any]:
        """What the page says of documents: the limit, and those that are kept with the draft."""
        shown = uploaded_or_nameless if self.request.method == "POST" else uploaded
        return {
            "limit_bytes": self.limit_bytes,
            "files_limit": settings.message_files_limit,
            "uploads": shown(self.draft),
            "uploads_url": self.uploads_url(),
        }

    def page(self, form: PostForm, status: int = 200) -> HttpResponse:
        raise NotImplementedError


def _is_id(word: str) -> bool:
    with suppress(ValueError):
        return bool(UUID(word))
    return False


def _status_of(reason: Refused) -> int:
    return 507 if isinstance(reason, DatabaseFull) else 409
