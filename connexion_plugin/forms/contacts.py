"""One contact of the address book, a file of them, and an address taken from the book (spec B6)."""

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connexion_plugin.actions.contacts import NAME_LIMIT_CHARACTERS, NOTE_LIMIT_CHARACTERS, Entry
from connexion_plugin.contact_files import FileRefused, Line
from connexion_plugin.contact_files.lines import one_line, paragraphs
from connexion_plugin.forms.addresses import AddressField
from connexion_plugin.models.organizations import LANGUAGES

BESIDE_BYTES = 64 * 1024  # of the form that brings the lines back, beside them
_signer = Signer(salt="connexion.address-book.import")


class ContactForm(forms.Form):
    """Address, name, language and note."""

    address = AddressField()
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=NAME_LIMIT_CHARACTERS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the notices"),
        choices=LANGUAGES,
        help_text=_("Of the first ones, until the person has an account and chooses."),
    )
    note = forms.CharField(
        label=pgettext_lazy("contact", "Note"),
        required=False,
        max_length=NOTE_LIMIT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3, "data-grows": ""}),
        help_text=_("Only you read it."),
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_note(self) -> str:
        return paragraphs(self.cleaned_data["note"])

    @property
    def entry(self) -> Entry:
        return Entry(**self.cleaned_data)


class ImportForm(forms.Form):
    """The file, and the language of those of whom it does not say it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A spreadsheet saved as CSV, or a vCard file (.vcf); at most 5 MB and 10,000 contacts."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.vcf,.vcard,text/csv,text/vcard"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the notices"),
        choices=LANGUAGES,
        help_text=_("For new contacts of whom the file does not say it."),
    )


class ConfirmImportForm(forms.Form):
    """What the dry run has read travels in the page that shows it: nothing of it is stored before it is confirmed.

    It is signed, so that only what was read within its bounds is unpacked.
    """

    lines = forms.CharField(widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=LANGUAGES, widget=forms.HiddenInput)

    def clean_lines(self) -> list[Line]:
        try:
            return unpacked(self.cleaned_data["lines"])
        except BadSignature as error:
            raise ValidationError(_("The list did not arrive whole. Choose the file again.")) from error


def packed(lines: Sequence[Line]) -> str:
    """The lines as one word for a hidden field. Raises FileRefused where the site takes no form so long."""
    plain = json.dumps([asdict(line) for line in lines]).encode()
    word = _signer.sign(base64.urlsafe_b64encode(zlib.compress(plain)).decode())
    most = django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if most is not None and len(word) > most - BESIDE_BYTES:
        raise FileRefused(_("The notes of this file are too long to be read at once. Divide it."))
    return word


def unpacked(word: str) -> list[Line]:
    """The same lines. Raises BadSignature for what `packed` did not make."""
    plain = zlib.decompress(base64.urlsafe_b64decode(_signer.unsign(word)))
    return [Line(**line) for line in json.loads(plain)]


class FromAddressBook(forms.Form):
    """For forms with a box of addresses: one more field that takes an address from the book.

    Without JavaScript what it holds joins the box when the form is sent, before anything is checked.
    """

    def __init__(self, *args: Any, contacts: Sequence[Entry] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = contacts
        if contacts:
            self.fields["contact"] = contact_field()
            self.order_fields(self.field_order)
        if self.is_bound and self.data.get(self.add_prefix("contact")):
            self._join()

    def _join(self) -> None:
        box, name = self.add_prefix("addresses"), self.add_prefix("contact")
        joined = f"{self.data.get(box, '')}\n{self.data[name]}".strip()
        changes = {box: joined, name: ""}
        self.data = {**(self.data.dict() if isinstance(self.data, QueryDict) else self.data), **changes}


def contact_field() -> forms.CharField:
    shown = {"list": "contacts", "autocomplete": "off", "spellcheck": "false", "data-contact": ""}
    return forms.CharField(
        label=_("From my address book"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs=shown),
        help_text=_("Part of a name or of an address; what you choose joins the participants above."),
    )
