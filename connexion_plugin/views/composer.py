"""Adding a message, and what the two forms that bring documents share (spec C7, C8)."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Ability
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.drafts import read_draft
from connexion_plugin.actions.messages import post_message, read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.conf import settings
from connexion_plugin.documents.limits import message_limit, surely_too_large
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.documents.uploads import ForgettingUploadHandler, SealingFormMixin, SealingUploadHandler
from connexion_plugin.exceptions import (
    ConnexionError,
    DocumentsTooLarge,
    MessageGone,
    PostedBefore,
    Refused,
)
from connexion_plugin.forms.compose import PostForm, TitledPostForm
from connexion_plugin.models import Draft, Message, Organization
from connexion_plugin.views.conversation import persona_asked, query_of, window_context
from connexion_plugin.views.drafts import keep_reply, kept, saved_sentence
from connexion_plugin.views.policy import Policy, door

# RFC 9110 and RFC 4918: too large, no room; else 422, what was typed needs mending.
FAULT_STATUS: dict[type[ConnexionError] | type[None], int] = {DocumentsTooLarge: 413, StorageFull: 507}


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
            self.request, key_for=new_document_key, limit_bytes=self.limit_bytes, storage=sealed_storage()
        )

    @property
    def limit_bytes(self) -> int:
        return message_limit(
            site_bytes=settings.message_limit_bytes, organization_bytes=self.organization.message_limit_bytes
        )

    def keep(self) -> Draft | None:
        """Keeps what was sent as a draft; raises Refused."""
        raise NotImplementedError

    def saved(self, form: PostForm) -> HttpResponse:
        """The button for browsers that run no scripts; documents are not part of a draft that it keeps."""
        try:
            draft = self.keep()
        except Refused as reason:
            form.add_error(None, str(reason.sentence))
            return self.page(form, status=409)
        if draft is None:
            messages.info(self.request, _("There was nothing to keep as a draft."))
        else:
            messages.success(self.request, saved_sentence(draft.saved_at))
        return redirect(self.here())

    def here(self) -> str:
        """The address of this form."""
        raise NotImplementedError

    def refused(self, form: PostForm, reason: Refused) -> HttpResponse:
        """What was typed stays on the page and is kept as a draft; documents have to be chosen again."""
        form.add_error(None, str(reason.sentence))
        with suppress(Refused):
            self.draft = self.keep()
        return self.page(form, status=409)

    def invalid(self, form: PostForm) -> HttpResponse:
        if self.request.FILES:
            form.add_error(
                "documents", _("The documents were not kept: choose them again before you submit.")
            )
        with suppress(Refused):
            self.draft = self.keep()
        return self.page(form, status=FAULT_STATUS.get(type(self.uploads.fault), 422))

    def page(self, form: PostForm, status: int = 200) -> HttpResponse:
        raise NotImplementedError


class PostMessage(ComposerView):
    """*Ajouter un message*. The id in the address is the idempotency key: a double submit posts once."""

    @cached_property
    def entry(self) -> access.ConversationAccess:
        return access.conversation_to_post_in(
            self.request.user, self.kwargs["conversation_id"], persona_id=persona_asked(self.request)
        )

    @cached_property
    def form_class(self) -> type[PostForm]:
        """Where the title has expired, a new post asks for one (spec E3)."""
        return PostForm if read_title(self.entry.conversation) is not None else TitledPostForm

    def authorise(self) -> None:
        self.organization = self.entry.conversation.organization

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            # Removed meanwhile, or never there: what was typed is given back, and nothing else is said.
            if request.method != "POST" or surely_too_large(_length(request), 0):
                raise
            return typed_in_vain(request, self.kwargs["conversation_id"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.draft = access.draft_in(self.entry.seat)
        if self.draft is None and Ability.POST not in self.entry.abilities:
            return redirect(window_context(request, self.entry)["conversation_url"])
        if self.draft is not None and self.draft.pk != kwargs["draft_id"]:
            return redirect(self._address_with(self.draft.pk))
        if self.draft is None and access.was_posted(self.entry.seat, kwargs["draft_id"]):
            return redirect(self._address_with(uuid4()))
        initial = read_draft(self.draft) if self.draft else None
        return self.page(self.form_class(organization=self.organization, initial=initial))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(
            request.POST, request.FILES, organization=self.organization, uploads=self.uploads
        )
        if "save_draft" in request.POST:
            return self.saved(form)
        if not form.is_valid():
            return self.invalid(form)
        self.uploads.keep()
        now = timezone.now()
        try:
            message = post_message(
                participation=self.entry.seat,
                text=form.cleaned_data["text"],
                documents=form.cleaned_data["documents"],
                expires_at=timezone.now() + timedelta(days=form.cleaned_data["expires_in_days"]),
                idempotency_key=self.kwargs["draft_id"],
                title=form.cleaned_data.get("title"),
                draft_id=self.kwargs["draft_id"],
            )
        except Refused as reason:
            self.uploads.discard()
            return self.refused(form, reason)
        if message.posted_at < now and _reads_otherwise(message, form):
            self.uploads.discard()
            return self.posted_before(form)
        messages.success(request, _("Your message is posted."))
        window = window_context(request, self.entry)["conversation_url"]
        return redirect(f"{window}#message-{message.sequence}")

    def posted_before(self, form: PostForm) -> HttpResponse:
        """Back in the browser after posting, somebody has written on: that is a second message."""
        self.kwargs["draft_id"] = uuid4()
        return self.refused(form, PostedBefore())

    def here(self) -> str:
        return self._address_with(self.kwargs["draft_id"])

    def keep(self) -> Draft | None:
        return keep_reply(self.request, self.entry, self.kwargs["draft_id"])

    def _address_with(self, draft_id: UUID) -> str:
        address = reverse("connexion:post_message", args=[self.entry.conversation.pk, draft_id])
        query = query_of(self.request)
        return f"{address}?{query}" if query else address

    def page(self, form: PostForm, status: int = 200) -> HttpResponse:
        window = window_context(self.request, self.entry)
        context = {
            **window,
            "back_url": window["conversation_url"],
            "form": form,
            "action_url": self.here(),
            "limit_bytes": self.limit_bytes,
            "draft": kept(
                self.request,
                self.draft,
                draft_id=self.kwargs["draft_id"],
                save_url=self._below("connexion:reply_draft"),
            ),
        }
        return render(self.request, "connexion_plugin/conversation/compose.html", context, status=status)

    def _below(self, name: str) -> str:
        """An address of this form's draft, through the same persona."""
        address = reverse(name, args=[self.entry.conversation.pk, self.kwargs["draft_id"]])
        return f"{address}?{query_of(self.request)}"


def typed_in_vain(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Not found, with what was typed: somebody who was removed a minute ago has written for an hour."""
    request.upload_handlers = [ForgettingUploadHandler(request)]
    context = {
        "typed": PostForm.typed_in(request.POST).get("text", ""),
        "took_part": access.took_part(request.user, conversation_id),
    }
    return render(request, "connexion_plugin/conversation/typed_in_vain.html", context, status=404)


def _reads_otherwise(message: Message, form: PostForm) -> bool:
    with suppress(MessageGone):
        return bool(read_text(message) != form.cleaned_data["text"])
    return True


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


post_message_page = door(Policy.SIGNED_IN, "GET", "POST")(PostMessage.as_view())
