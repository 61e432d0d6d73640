"""Adding a message (spec C7, C8)."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from connexion_plugin import access, personas
from connexion_plugin.access import Ability, State
from connexion_plugin.actions.documents import brings_others
from connexion_plugin.actions.messages import lives_otherwise, post_message, read_text
from connexion_plugin.conf import settings
from connexion_plugin.documents.limits import surely_too_large
from connexion_plugin.documents.uploads import (
    SealingUploadHandler,
)
from connexion_plugin.exceptions import (
    MessageGone,
    NoLongerThere,
    PostedBefore,
    ReadOnlySeat,
    Refused,
    SenderGone,
)
from connexion_plugin.forms.compose import PostForm, TitledPostForm
from connexion_plugin.models import Draft, Message
from connexion_plugin.views.composing import SAVES, SEALING_FAULTS, ComposerView
from connexion_plugin.views.conversation import (
    compose_url,
    conversation_url,
    query_of,
    window_context,
)
from connexion_plugin.views.drafts import keep_reply, kept, typed_in
from connexion_plugin.views.in_vain import SIGNED_OUT, body_length, given_back, signed_out
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.senders import (
    ended_sender,
    entry_to_post,
    of_this_sender,
    seat_that_answers,
)
from connexion_plugin.views.titles import shown_title


class PostMessage(ComposerView):
    """*Ajouter un message*. The id in the address is the idempotency key: a double submit posts once."""

    @cached_property
    def entry(self) -> access.ConversationAccess:
        return entry_to_post(self.request, self.kwargs["conversation_id"], self.kwargs["draft_id"])

    @cached_property
    def ended_sender(self) -> str | None:
        """The address that this form writes from, where its seat has ended meanwhile."""
        return ended_sender(self.request, self.entry)

    @cached_property
    def form_class(self) -> type[PostForm]:
        """Where the title has expired, a new post asks for one (spec E3); where no post can be, nothing is asked."""
        asks = Ability.POST in self.entry.abilities and shown_title(self.entry.conversation) is None
        return TitledPostForm if asks else PostForm

    def authorise(self) -> None:
        self.organization = self.entry.conversation.organization

    def sealing_handler(self) -> SealingUploadHandler:
        """Whoever may only read stores no byte of a document: the first one that comes is one too many."""
        handler = super().sealing_handler()
        if self._only_reads():
            handler.limit_bytes = 0
        return handler

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.method == "POST" and surely_too_large(body_length(request), 0) and self._only_reads():
                raise PermissionDenied  # before anything of a body that must hold documents was read
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            # Removed meanwhile, or never there: what was typed is given back, and nothing else is said.
            if request.method != "POST" or not self._is_worth_reading():
                raise
            return typed_in_vain(request, self.kwargs["conversation_id"], self.kwargs["draft_id"])

    def _is_worth_reading(self) -> bool:
        """A body that holds documents, only from somebody who took part: nobody else makes us read past a gigabyte."""
        length = body_length(self.request)
        if not surely_too_large(length, 0):
            return True
        took_part = access.took_part(self.request.user, self.kwargs["conversation_id"])
        return took_part and not surely_too_large(length, settings.message_limit_bytes)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.draft = access.draft_in(self.entry.seat)
        if self.draft is None and Ability.POST not in self.entry.abilities:
            return redirect(conversation_url(request, self.entry.conversation.pk))
        if self.draft is not None and self.draft.pk != kwargs["draft_id"]:
            return redirect(self._address_with(self.draft.pk))
        if self.draft is None and access.was_posted(self.entry.seat, kwargs["draft_id"]):
            return redirect(self._address_with(uuid4()))
        initial = typed_in(self.request, self.draft) if self.draft else None
        return self.page(self.form_class(organization=self.organization, initial=initial))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.draft = self.standing_draft()
        form = self.form_class(
            request.POST,
            request.FILES,
            organization=self.organization,
            uploads=self.uploads,
            has_documents=self.has_documents(),
        )
        before = self.posted_elsewhere()
        if before is None and self.ended_sender and Ability.POST in self.entry.abilities:
            return self.sender_gone(form, self.ended_sender)
        if SAVES & request.POST.keys():
            return self.saved(form)
        if self.uploads.fault is not None and self._only_reads():
            form.errors.clear()  # nothing else of the form matters then, its documents least
            return self.refused(form, of_this_sender(self.entry, ReadOnlySeat()))
        if not form.is_valid():
            return self.invalid(form)
        if (answer := self.documents_missing(form)) is not None:
            return answer
        self.uploads.keep()
        expires_at = timezone.now() + timedelta(days=form.cleaned_data["expires_in_days"])
        try:
            message = before or post_message(
                participation=self.entry.seat,
                text=form.cleaned_data["text"],
                documents=form.cleaned_data["documents"],
                expires_at=expires_at,
                idempotency_key=self.kwargs["draft_id"],
                title=form.cleaned_data.get("title"),
                draft_id=self.kwargs["draft_id"],
                shown=self.shown(),
            )
        except Refused as reason:
            return self.refused(form, of_this_sender(self.entry, reason))
        except SEALING_FAULTS as fault:
            return self.key_lost(form, fault)
        # To the microsecond the hour that was asked for: it is this very one.
        if message.expires_at != expires_at and _reads_otherwise(message, form, expires_at):
            return self.posted_before(form)
        messages.success(request, _("Your message is posted."))
        window = conversation_url(request, self.entry.conversation.pk)
        return redirect(f"{window}#message-{message.sequence}")

    def was_sent(self) -> bool:
        return access.was_posted(self.entry.seat, self.kwargs["draft_id"])

    def _only_reads(self) -> bool:
        """Whether this seat may not post in an open conversation, as the guard saw it.

        Whoever wrote while it was frozen, closed or deleted keeps all of it, documents included (spec C8).
        """
        return self.entry.state is State.OPEN and Ability.POST not in self.entry.abilities

    def posted_before(self, form: PostForm) -> HttpResponse:
        """Back in the browser after posting, somebody has written on: that is a second message."""
        self.kwargs["draft_id"] = uuid4()
        return self.refused(form, PostedBefore())

    def posted_elsewhere(self) -> Message | None:
        """What this form has posted already, from whichever address; that of the seat itself is `post_message`'s."""
        if len(self.entry.seats) == 1 and not self.ended_sender:
            return None
        return access.posted_from_a_seat_of(
            self.request.user, self.entry.conversation.pk, self.kwargs["draft_id"]
        )

    def sender_gone(self, form: PostForm, address: str) -> HttpResponse:
        """The form comes back as another address's, and says whose it is now: nothing was posted from that one."""
        if self.draft is None:  # else the seat itself has moved, and took it along
            self.kwargs["draft_id"] = uuid4()
        return self.refused(form, SenderGone(address=address, other=self.entry.seat.persona.address))

    def here(self) -> str:
        return self._address_with(self.kwargs["draft_id"])

    def standing_draft(self) -> Draft | None:
        if self.entry.waiting_draft_id != self.kwargs["draft_id"]:
            return None  # the guard has looked
        return access.draft_in(self.entry.seat)

    def keep(self, *, keeps_nothing: bool) -> Draft | None:
        return keep_reply(self.request, self.entry, self.kwargs["draft_id"], keeps_nothing=keeps_nothing)

    def uploads_url(self) -> str:
        return self._below("connexion:reply_uploads")

    def _address_with(self, draft_id: UUID) -> str:
        address = reverse("connexion:post_message", args=[self.entry.conversation.pk, draft_id])
        return f"{address}?{self._query()}"

    def _query(self) -> str:
        """What is carried along, and from which address this form writes."""
        return query_of(self.request, sender=self.entry.seat.persona_id)

    def page(self, form: PostForm, status: int = 200) -> HttpResponse:
        window = window_context(self.request, self.entry)
        context = {
            **window,
            **self._sender_context(),
            "back_url": window["conversation_url"],
            "form": form,
            "action_url": self.here(),
            **self.documents_context(),
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
        return f"{address}?{self._query()}"

    def _sender_context(self) -> dict[str, Any]:
        """From which address the form writes, for who has others; and which other one answers where it may not."""
        address = self.entry.seat.persona.address
        has_others = len(self.entry.seats) > 1 or len(personas.of(self.request.user)) > 1
        context: dict[str, Any] = {"sender_address": address if has_others or self.ended_sender else None}
        other = seat_that_answers(self.entry)
        if other is not None:
            context["cannot_post_reason"] = str(of_this_sender(self.entry, ReadOnlySeat()).sentence)
            context["answers_from"] = other.persona.address
            context["answers_url"] = compose_url(self.request, other)
        return context


def typed_in_vain(request: HttpRequest, conversation_id: UUID, draft_id: UUID) -> HttpResponseBase:
    """Not found, with what was typed: somebody who was removed a minute ago has written for an hour."""
    heading = _("Your message was not posted")
    if access.posted_from_a_seat_of(request.user, conversation_id, draft_id):
        heading = _("Your message was already posted")
        reason = _(
            "You no longer take part in this conversation. What you changed after posting, if anything, was not posted."
        )
    elif access.took_part(request.user, conversation_id):
        reason = str(NoLongerThere.sentence)
    else:
        reason = _(
            "The address may be mistyped, or it belongs to a conversation in which you do not take part."
        )
    return given_back(request, TitledPostForm, heading=heading, reason=reason)


def sign_in_again(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    """For who is signed in no more: what was typed, to copy, or the sign-in page."""
    return signed_out(
        request, TitledPostForm, heading=_("Your message was not posted"), reason=str(SIGNED_OUT)
    )


def _reads_otherwise(message: Message, form: PostForm, expires_at: datetime) -> bool:
    """Whether the form says, brings or asks what this message does not: it would be lost with a repeat's answer."""
    with suppress(MessageGone):
        return (
            read_text(message) != form.cleaned_data["text"]
            or brings_others(message, form.cleaned_data["documents"])
            or lives_otherwise(message, expires_at)
        )
    return True


post_message_page = door(Policy.SIGNED_IN, "GET", "POST", signed_out=sign_in_again)(PostMessage.as_view())
