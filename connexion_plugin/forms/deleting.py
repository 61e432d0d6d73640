"""The word that one types before a conversation is deleted for everyone (spec C12)."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from connexion_plugin.models.organizations import LANGUAGES


def word_to_type() -> str:
    """In the language of the page."""
    return pgettext("word to type", "delete")


class DeleteForm(forms.Form):
    """A word that nobody types by accident; that of the other language will do, and capitals as well."""

    word = forms.CharField(
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the word as it is shown. Nothing was deleted.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        text = _("To delete, type the word “%(word)s”")
        self.fields["word"].label = text % {"word": word_to_type()}

    def clean_word(self) -> str:
        accepted = set()
        for code, _name in LANGUAGES:
            with translation.override(code):
                accepted.add(word_to_type().casefold())
        typed: str = self.cleaned_data["word"]
        if typed.strip().strip('«»“”"').strip().casefold() not in accepted:
            raise ValidationError(_("Type the word as it is shown. Nothing was deleted."))
        return typed
