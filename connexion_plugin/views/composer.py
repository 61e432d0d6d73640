"""Adding a message, and starting a conversation: the two forms that bring documents (spec C7, B6)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Ability
from connexion_plugin.actions.conversations import Beginning, start_conversation
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.titles import read_title
from connexion_plugin.conf import settings
from connexion_plugin.documents.limits import message_limit
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.documents.uploads import SealingFormMixin, SealingUploadHandler
from connexion_plugin.exceptions import ConnexionError, DocumentsTooLarge, Refused
from connexion_plugin.forms.compose import PostForm, StartForm, TitledPostForm
from connexion_plugin.models import Organization
from connexion_plugin.views.conversation import persona_asked, window_context
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.suggestions import chosen_addresses, languages_of, offered, suggestions_context

# RFC 9110 and RFC 4918: too large, no room; else 422, what was typed needs mending.
FAULT_STATUS: dict[type[ConnexionError] | type[None], int] = {DocumentsTooLarge: 413, StorageFull: 507}


class ComposerView(SealingFormMixin):
    """What both forms share: authorise before the body is read, then show, check, and hand to one verb."""

    organization: Organization

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

    def refused(self, form: PostForm, reason: Refused) -> HttpResponse:
        """What was typed stays on the page; documents have to be chosen again, and the page says so."""
        form.add_error(None, str(reason.sentence))
        return self.page(form, status=409)

    def invalid(self, form: PostForm) -> HttpResponse:
        if self.request.FILES:
            form.add_error(
                "documents", _("The documents were not kept: choose them again before you submit.")
            )
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

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if Ability.POST not in self.entry.abilities:
            return redirect(window_context(request, self.entry)["conversation_url"])
        return self.page(self.form_class(organization=self.organization))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(
            request.POST, request.FILES, organization=self.organization, uploads=self.uploads
        )
        if not form.is_valid():
            return self.invalid(form)
        self.uploads.keep()
        try:
            message = post_message(
                participation=self.entry.seat,
                text=form.cleaned_data["text"],
                documents=form.cleaned_data["documents"],
                expires_at=timezone.now() + timedelta(days=form.cleaned_data["expires_in_days"]),
                idempotency_key=self.kwargs["draft_id"],
                title=form.cleaned_data.get("title"),
            )
        except Refused as reason:
            self.uploads.discard()
            return self.refused(form, reason)
        messages.success(request, _("Your message is posted."))
        window = window_context(request, self.entry)["conversation_url"]
        return redirect(f"{window}#message-{message.sequence}")

    def page(self, form: PostForm, status: int = 200) -> HttpResponse:
        window = window_context(self.request, self.entry)
        context = {
            **window,
            "back_url": window["conversation_url"],
            "form": form,
            "action_url": self.request.get_full_path(),
            "limit_bytes": self.limit_bytes,
        }
        return render(self.request, "connexion_plugin/conversation/compose.html", context, status=status)


class StartConversation(ComposerView):
    """*Lancer une conversation*, for collaborators; who is none finds nothing here."""

    def authorise(self) -> None:
        self.enrolments = access.active_enrolments(self.request.user)
        if not self.enrolments:
            raise Http404
        self.organization = self.enrolments[0].organization

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "draft_id" not in kwargs:
            draft = reverse("connexion:start_conversation_draft", args=[uuid4()])
            query = request.GET.urlencode()
            return redirect(f"{draft}?{query}" if query else draft)
        initial = {"language": get_language() or "fr", "addresses": chosen_addresses(request)}
        form = StartForm(
            organization=self.organization,
            enrolments=self.enrolments,
            contacts=offered(request),
            initial=initial,
        )
        return self.page(form)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = StartForm(
            request.POST,
            request.FILES,
            organization=self.organization,
            enrolments=self.enrolments,
            contacts=offered(request),
            uploads=self.uploads,
        )
        if not form.is_valid():
            return self.invalid(form)
        wanted = form.cleaned_data
        self.uploads.keep()
        try:
            conversation = start_conversation(
                person=request.user,
                collaborator=wanted["collaborator"],
                beginning=_beginning(
                    wanted, languages_of(request, wanted["collaborator"].pk, wanted["addresses"])
                ),
                idempotency_key=kwargs.get("draft_id") or uuid4(),
            )
        except Refused as reason:
            self.uploads.discard()
            return self.refused(form, reason)
        messages.success(request, _("The conversation is started and its participants are being told."))
        return redirect(reverse("connexion:conversation", args=[conversation.pk]))

    def page(self, form: PostForm, status: int = 200) -> HttpResponse:
        assert isinstance(form, StartForm)
        context = {
            **suggestions_context(form),
            "form": form,
            "action_url": self.request.get_full_path(),
            "limit_bytes": self.limit_bytes,
            "back_url": reverse("connexion:inbox"),
        }
        return render(self.request, "connexion_plugin/conversation/start.html", context, status=status)


def _beginning(wanted: dict[str, Any], languages: dict[str, str]) -> Beginning:
    return Beginning(
        title=wanted["title"],
        addresses=wanted["addresses"],
        language=wanted["language"],
        languages=languages,
        text=wanted["text"],
        documents=wanted["documents"],
        expires_at=timezone.now() + timedelta(days=wanted["expires_in_days"]),
        hides_participants=wanted["hides_participants"],
    )


as_door = door(Policy.SIGNED_IN, "GET", "POST")
post_message_page = as_door(PostMessage.as_view())
start_conversation_page = as_door(StartConversation.as_view())
