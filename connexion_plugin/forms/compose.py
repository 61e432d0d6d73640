"""What one types to post, and to start a conversation (spec C7, C11, D1, E1)."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from connexion_plugin import formats, personas
from connexion_plugin.conf import settings
from connexion_plugin.documents.limits import limit_of
from connexion_plugin.documents.uploads import SealingUploadHandler
from connexion_plugin.forms.addresses import AddressesField
from connexion_plugin.forms.contacts import FromAddressBook
from connexion_plugin.forms.limits import FromSelect, limits_differ, say_limits
from connexion_plugin.models import Collaborator, Organization
from connexion_plugin.models.organizations import LANGUAGES
from connexion_plugin.plain_text import TITLE_LIMIT_CHARACTERS, plain_title

EXPIRY_CHOICES_DAYS = (7, 30, 90, 182, 364, 730)
ANNOUNCED_ABOVE = 50  # addresses, from which on hiding them from each other is proposed (spec C9)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class DocumentsField(forms.FileField):
    """Any number of files, each of which the upload handler has sealed already."""

    widget = ManyFilesInput

    def clean(self, value: Any, initial: Any = None) -> list[Any]:
        return [file for file in (value or []) if file]


class MessageField(forms.CharField):
    """Not required where there is a document; saying "optional" of it would mislead."""

    is_needed_alone = True


class PostForm(forms.Form):
    """A message: text, documents, its life. `uploads` is the handler that sealed the documents;
    `has_documents` says that others are kept with the draft."""

    text = MessageField(
        label=_("Message"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "data-grows": ""}),
    )
    expires_in_days = forms.TypedChoiceField(label=_("Kept for"), coerce=int, choices=())
    documents = DocumentsField(label=_("Documents"), required=False)

    def __init__(
        self,
        *args: Any,
        organization: Organization,
        uploads: SealingUploadHandler | None = None,
        has_documents: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.has_documents = has_documents
        self.organization = organization
        self.uploads = uploads
        self.fields["text"].widget.attrs["maxlength"] = settings.text_limit_characters
        self._offer_lengths(days_allowed_by(organization))

    def _offer_lengths(self, lengths: Collection[int]) -> None:
        expiry = self.fields["expires_in_days"]
        assert isinstance(expiry, forms.TypedChoiceField)
        expiry.choices = [(days, _in_days(days)) for days in sorted(lengths)]
        expiry.initial = self.organization.default_expiry_days
        expiry.error_messages["invalid_choice"] = _(
            "The length that you chose is no longer allowed. Choose again, and submit."
        )
        # A draft may be older than what is allowed now: of nothing chosen a browser would make the shortest.
        if str(self.initial.get("expires_in_days", "")) not in map(str, lengths):
            self.initial = {name: said for name, said in self.initial.items() if name != "expires_in_days"}

    @classmethod
    def typed_in(cls, sent: QueryDict) -> dict[str, str]:
        """What a draft keeps of a form that was sent: every field but the documents, as it was typed."""
        kept = [name for name, field in cls.base_fields.items() if not isinstance(field, forms.FileField)]
        return {name: str(sent[name]) for name in kept if name in sent}

    def clean_text(self) -> str:
        # Browsers send CRLF; the limit that the box shows counts one character a line break.
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        limit = settings.text_limit_characters
        if len(text) > limit:
            raise ValidationError(
                _("A message has at most %(limit)s characters."), params={"limit": formats.number(limit)}
            )
        if "\x00" in text:
            raise ValidationError(_("This text holds a character that cannot be shown. Type it again."))
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.uploads is not None and self.uploads.fault is not None:
            self.add_error("documents", str(self.uploads.fault.sentence))
        elif not self.errors and not (
            cleaned.get("text", "").strip() or cleaned.get("documents") or self.has_documents
        ):
            self.add_error("text", _("Write a message or choose a document."))
        if "expires_in_days" in self.errors:
            self._choose_again()
        return cleaned

    def _choose_again(self) -> None:
        """The usual length stands there chosen again, and not the shortest."""
        said = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**said, self.add_prefix("expires_in_days"): self.organization.default_expiry_days}


def days_allowed_by(organization: Organization) -> set[int]:
    """The lengths of life that the organization leaves to choose from, its own among them (spec E1)."""
    shortest, longest = organization.shortest_expiry_days, organization.longest_expiry_days
    offered = {organization.default_expiry_days, *EXPIRY_CHOICES_DAYS}
    return {days for days in offered if shortest <= days <= longest}


def _in_days(days: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


class TitledPostForm(PostForm):
    """A message with a title: for a conversation whose own has expired (spec E3), and for a new one."""

    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_LIMIT_CHARACTERS,
        help_text=_("At most 100 characters. E-mails never show it."),
        error_messages={
            "required": _("Give the conversation a title."),
            "max_length": _("A title has at most 100 characters."),
        },
    )

    def clean_title(self) -> str:
        try:
            return plain_title(self.cleaned_data["title"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _own_alone(number: int) -> str:
    return ngettext(
        "This is your own address. Name somebody to write to.",
        "These are your own addresses. Name somebody to write to.",
        number,
    )


class StartForm(FromAddressBook, TitledPostForm):
    """A first message, with the title and whom to invite."""

    field_order = (
        *("collaborator", "title", "addresses", "contact", "hides_participants", "language"),
        *("text", "documents", "expires_in_days"),
    )

    collaborator = forms.ChoiceField(label=pgettext_lazy("e-mail", "From"), widget=FromSelect)
    addresses = AddressesField()
    language = forms.ChoiceField(
        label=_("Language of the notices"),
        choices=LANGUAGES,
        help_text=_("For people who have no account yet. The others have chosen theirs."),
    )
    hides_participants = forms.BooleanField(
        label=_("Hide participants from each other"),
        required=False,
        help_text=_(
            "The conversation is then an announcement: only you post in it, and nobody sees who else reads it."
        ),
    )
    announcement_proposed = forms.BooleanField(required=False, widget=forms.HiddenInput())

    def __init__(
        self, *args: Any, enrolments: list[Collaborator], own: Collection[str] = (), **kwargs: Any
    ) -> None:
        """`own` are the addresses of whoever starts it."""
        super().__init__(*args, **kwargs)
        self.own = own
        self.enrolments = {str(enrolment.pk): enrolment for enrolment in enrolments}
        # What any of them allows; which of them it is, is chosen in the form itself.
        self._offer_lengths(set().union(*(days_allowed_by(one.organization) for one in enrolments)))
        choice = self.fields["collaborator"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            (key, f"{enrolment.address} - {enrolment.organization.name}")
            for key, enrolment in self.enrolments.items()
        ]
        choice.initial = str(enrolments[0].pk)
        choice.error_messages["invalid_choice"] = _(
            "No conversation can be started from this address any more. Choose another, and submit again."
        )
        named = (
            self.data.get(self.add_prefix("collaborator"))
            if self.is_bound
            else self.initial.get("collaborator")
        )
        if len(enrolments) == 1 and named in {None, "", choice.initial}:
            # Nothing to choose (spec I2); whoever began from another one, which has ended, sees from which they go on.
            choice.required = False
            choice.widget = forms.HiddenInput()
        self.chosen = self.enrolments.get(str(named), enrolments[0])
        self.limits_differ = limits_differ(enrolments)
        if self.limits_differ:
            say_limits(choice, self.enrolments)

    @property
    def limit_bytes(self) -> int:
        """What the documents may weigh together by the organization that is chosen as the page is shown."""
        return limit_of(self.chosen.organization)

    def clean_collaborator(self) -> Collaborator:
        first = next(iter(self.enrolments.values()))
        return self.enrolments.get(self.cleaned_data["collaborator"], first)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        collaborator, addresses = cleaned.get("collaborator"), cleaned.get("addresses")
        if collaborator and addresses:
            theirs = {personas.normalise(collaborator.address), *self.own}
            if theirs.issuperset(addresses):
                self.add_error("addresses", _own_alone(len(addresses)))
        if collaborator and "expires_in_days" in cleaned:
            self._hold_to_bounds(collaborator.organization, cleaned["expires_in_days"])
        if addresses and len(addresses) > ANNOUNCED_ABOVE:
            self._propose_announcement(len(addresses))
        return cleaned

    def _hold_to_bounds(self, organization: Organization, days: int) -> None:
        allowed = days_allowed_by(organization)
        if days in allowed:
            return
        lengths = ", ".join(map(_in_days, sorted(allowed)))
        text = _("From this address, a message is kept for: %(lengths)s. Choose again, and submit.")
        self.add_error("expires_in_days", text % {"lengths": lengths})
        self.organization = organization
        self._choose_again()

    def _propose_announcement(self, number: int) -> None:
        """Once: the box comes back ticked, and whoever takes the tick out again has chosen (spec C9)."""
        if self.cleaned_data.get("hides_participants") or self.cleaned_data.get("announcement_proposed"):
            return
        self.add_error(
            "hides_participants",
            _(
                "You name %(number)s people: we propose to hide them from each other, and have ticked this box. "
                "Leave the tick, or take it out, and submit again."
            )
            % {"number": formats.number(number)},
        )
        ticked = dict.fromkeys(
            [self.add_prefix("hides_participants"), self.add_prefix("announcement_proposed")], "on"
        )
        self.data = (
            {**self.data.dict(), **ticked} if isinstance(self.data, QueryDict) else {**self.data, **ticked}
        )
