"""Starting a conversation (spec B6, C7, C8)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from connexion_plugin import access, personas
from connexion_plugin.actions.conversations import Beginning, begins_otherwise, start_conversation
from connexion_plugin.conf import settings
from connexion_plugin.documents.limits import limit_of, surely_too_large
from connexion_plugin.exceptions import NotACollaborator, Refused, StartedBefore
from connexion_plugin.forms.compose import PostForm, StartForm
from connexion_plugin.models import Draft, Organization
from connexion_plugin.views.composing import SAVES, SEALING_FAULTS, ComposerView
from connexion_plugin.views.conversation import inbox_left, persona_asked, query_of
from connexion_plugin.views.drafts import keep_start, kept, typed_in
from connexion_plugin.views.in_vain import SIGNED_OUT, body_length, given_back, signed_out
from connexion_plugin.views.inviting import own_remark, refused_remark
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.suggestions import chosen_addresses, languages_of, offered, suggestions_context
from connexion_plugin.views.time_zone import show_times_of


class StartConversation(ComposerView):
    """*Lancer une conversation*, for collaborators; who is none finds nothing here."""

    organization_heard: Organization | None = None

    def authorise(self) -> None:
        asked = persona_asked(self.request)
        self.enrolments = access.active_enrolments(self.request.user, persona_id=asked)
        if not self.enrolments:
            raise Http404
        self.organization = self.enrolments[0].organization

    @property
    def limit_bytes(self) -> int:
        """The largest: which of several is chosen is in the body."""
        return max(limit_of(enrolment.organization) for enrolment in self.enrolments)

    def organization_known_before(self) -> Organization | None:
        """Of several, the one that was chosen above the documents; else it is asked by posting, or by the draft that
        keeps them."""
        organizations = {enrolment.organization for enrolment in self.enrolments}
        return self.organization if len(organizations) == 1 else self.organization_heard

    def hear(self, typed: QueryDict) -> None:
        chosen = [one for one in self.enrolments if str(one.pk) == typed.get("collaborator")]
        if chosen:
            self.organization_heard = chosen[0].organization
            self.uploads.limit_bytes = limit_of(self.organization_heard)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.draft_id: UUID = kwargs.get("draft_id") or uuid4()
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            if request.method != "POST" or not self._is_worth_reading():
                raise
            return typed_in_vain(request)

    def _is_worth_reading(self) -> bool:
        """A body that holds documents, only from somebody who could start a conversation until lately."""
        length = body_length(self.request)
        if not surely_too_large(length, 0):
            return True
        return access.was_enrolled(self.request.user) and not surely_too_large(
            length, settings.message_limit_bytes
        )

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "draft_id" not in kwargs:
            return redirect(self._address_with(self._begun() or uuid4(), request.GET.urlencode()))
        self.draft = access.draft_to_start(request.user, kwargs["draft_id"])
        if self.draft is None and access.was_started(request.user, kwargs["draft_id"]):
            return redirect(self._address_with(uuid4()))
        initial = {"language": get_language() or "fr"} | (
            typed_in(self.request, self.draft) if self.draft else {}
        )
        named = [words for words in (initial.get("addresses", ""), chosen_addresses(request)) if words]
        return self.page(self._form(initial={**initial, "addresses": "\n".join(named)}))

    def _begun(self) -> UUID | None:
        """What one goes on with: what was begun from the tab one came from, else from any."""
        drafts = access.drafts_to_start(self.request.user)
        if (asked := persona_asked(self.request)) is not None:
            drafts = drafts.filter(persona=asked)
        return drafts.values_list("pk", flat=True).first()

    def _form(self, *sent: Any, **more: Any) -> StartForm:
        return StartForm(
            *sent,
            organization=self.organization,
            enrolments=self.enrolments,
            own=personas.addresses_of(self.request.user) if sent else (),
            contacts=offered(self.request),
            **more,
        )

    def _address_with(self, draft_id: UUID, query: str | None = None) -> str:
        address = reverse("connexion:start_conversation_draft", args=[draft_id])
        query = query_of(self.request) if query is None else query
        return f"{address}?{query}" if query else address

    def here(self) -> str:
        return self._address_with(self.draft_id)

    def uploads_url(self) -> str:
        address = reverse("connexion:start_uploads", args=[self.draft_id])
        query = query_of(self.request)
        return f"{address}?{query}" if query else address

    def standing_draft(self) -> Draft | None:
        return access.draft_to_start(self.request.user, self.draft_id)

    def keep(self, *, keeps_nothing: bool) -> Draft | None:
        return keep_start(self.request, self.enrolments, self.draft_id, keeps_nothing=keeps_nothing)

    def was_sent(self) -> bool:
        return access.was_started(self.request.user, self.draft_id)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.draft = self.standing_draft()
        form = self._form(
            request.POST,
            request.FILES,
            uploads=self.uploads,
            has_documents=self.has_documents(),
        )
        if SAVES & request.POST.keys():
            return self.saved(form)
        if not form.is_valid():
            return self.invalid(form)
        if (answer := self.documents_missing(form)) is not None:
            return answer
        wanted = form.cleaned_data
        self.uploads.keep()
        collaborator = wanted["collaborator"]
        beginning = _beginning(
            wanted, languages_of(request, collaborator.pk, wanted["addresses"]), shown=self.shown()
        )
        try:
            conversation = start_conversation(
                person=request.user,
                collaborator=collaborator,
                beginning=beginning,
                idempotency_key=self.draft_id,
            )
        except Refused as reason:
            return self.refused(form, reason)
        except SEALING_FAULTS as fault:
            return self.key_lost(form, fault)
        if begins_otherwise(conversation, beginning):
            return self.started_before(form)
        messages.success(request, _("The conversation is started and its participants are being told."))
        if refused := access.refusing_among(collaborator.organization_id, wanted["addresses"]):
            messages.info(request, refused_remark(refused))
        if own := [address for address in wanted["addresses"] if address in form.own]:
            messages.info(request, own_remark(own))
        return redirect(self._window_of(conversation.pk, collaborator.address))

    def _window_of(self, conversation_id: UUID, owner: str) -> str:
        """With the place in the inbox that one came from, where the conversation is in that tab."""
        asked = persona_asked(self.request)
        is_there = any((row.pk, row.address) == (asked, owner) for row in personas.of(self.request.user))
        window = reverse("connexion:conversation", args=[conversation_id])
        return f"{window}?{query_of(self.request)}" if is_there else window

    def started_before(self, form: PostForm) -> HttpResponse:
        """Back in the browser after starting, somebody has written on: that is a second conversation."""
        self.draft_id = uuid4()
        return self.refused(form, StartedBefore())

    def page(self, form: PostForm, status: int = 200) -> HttpResponse:
        show_times_of(self.request, self.organization)
        assert isinstance(form, StartForm)
        context = {
            **suggestions_context(form),
            "form": form,
            "action_url": self._address_with(self.draft_id),
            **self.documents_context(),
            "limit_bytes": form.limit_bytes,
            "back_url": inbox_left(self.request),
            "draft": kept(
                self.request,
                self.draft,
                draft_id=self.draft_id,
                save_url=reverse("connexion:start_draft", args=[self.draft_id]),
            ),
        }
        return render(self.request, "connexion_plugin/conversation/start.html", context, status=status)


def _beginning(
    wanted: dict[str, Any], languages: dict[str, str], *, shown: Collection[UUID] | None
) -> Beginning:
    return Beginning(
        title=wanted["title"],
        addresses=wanted["addresses"],
        language=wanted["language"],
        languages=languages,
        text=wanted["text"],
        documents=wanted["documents"],
        shown=shown,
        expires_at=timezone.now() + timedelta(days=wanted["expires_in_days"]),
        hides_participants=wanted["hides_participants"],
    )


def typed_in_vain(request: HttpRequest) -> HttpResponseBase:
    """Not found, with what was typed: their enrolment has ended while they wrote."""
    was_one = access.was_enrolled(request.user)
    reason = str(NotACollaborator.sentence) if was_one else _("The address may be mistyped.")
    return given_back(request, StartForm, heading=_("The conversation was not started"), reason=reason)


def sign_in_again(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    """For who is signed in no more: what was typed, to copy, or the sign-in page."""
    return signed_out(
        request, StartForm, heading=_("The conversation was not started"), reason=str(SIGNED_OUT)
    )


start_conversation_page = door(Policy.SIGNED_IN, "GET", "POST", signed_out=sign_in_again)(
    StartConversation.as_view()
)
