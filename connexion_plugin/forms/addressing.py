"""Another address for a seat: corrected by the owner, or wished by its holder (spec I7, N4)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connexion_plugin.forms.addresses import AddressField
from connexion_plugin.models import Persona
from connexion_plugin.models.organizations import LANGUAGES


class CorrectAddressForm(forms.Form):
    """The right address, and the language of its notices where nobody has chosen one."""

    address = AddressField()
    former = forms.CharField(required=False, widget=forms.HiddenInput())  # which one the page was about
    language = forms.ChoiceField(
        label=_("Language of the notices"),
        choices=LANGUAGES,
        help_text=_("For people who have no account yet. The others have chosen theirs."),
    )


class MoveSeatForm(forms.Form):
    """To which of one's addresses."""

    persona = forms.ChoiceField(label=_("Address"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: Sequence[Persona], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.personas = {str(persona.pk): persona for persona in choices}
        field = self.fields["persona"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, persona.address) for key, persona in self.personas.items()]
        field.initial = next(iter(self.personas), None)

    def clean_persona(self) -> Persona:
        return self.personas[self.cleaned_data["persona"]]
