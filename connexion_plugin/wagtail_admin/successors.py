"""Forms in which an administrator names a successor, or confirms a deletion by typing (spec C13, M2)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connexion_plugin import exceptions, personas
from connexion_plugin.actions import handing_over
from connexion_plugin.models import Collaborator

SUGGESTIONS = 200  # beyond, one types: a list of thousands is no help


class AddressInput(forms.EmailInput):
    """Suggests addresses while they are few; without them one types."""

    template_name = "connexion_plugin/wagtail_admin/address_input.html"

    def __init__(self, suggestions: list[Collaborator], **attrs: Any) -> None:
        super().__init__(attrs={"autocomplete": "off", "spellcheck": "false", **attrs})
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if self.suggestions:
            context["suggestions"] = self.suggestions
            context["widget"]["attrs"]["list"] = f"{name}-suggestions"
        return context


class SuccessorForm(forms.Form):
    """An active collaborator of the same organization, by address."""

    successor = forms.CharField(label=_("Address of the successor"), max_length=254)

    def __init__(self, *args: Any, collaborator: Collaborator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.possible = handing_over.possible_successors(collaborator)
        found = list(self.possible[: SUGGESTIONS + 1])
        field = self.fields["successor"]
        field.widget = AddressInput(found if len(found) <= SUGGESTIONS else [])
        field.help_text = _(
            "An active collaborator of %(organization)s. Somebody who has no account yet is waited for."
        ) % {"organization": collaborator.organization.name}

    def clean_successor(self) -> Collaborator | None:
        address = personas.normalise(self.cleaned_data["successor"])
        if not address and not self.fields["successor"].required:
            return None
        found = self.possible.filter(address=address).first()
        if found is None:
            raise forms.ValidationError(exceptions.NotASuccessor.sentence)
        return found


class DeletionForm(SuccessorForm):
    """The address typed, as it stands above; and a successor, if there is one."""

    field_order = ("successor", "address")
    address = forms.CharField(label=_("To confirm, type the address of the collaborator"), max_length=254)

    def __init__(self, *args: Any, collaborator: Collaborator, **kwargs: Any) -> None:
        super().__init__(*args, collaborator=collaborator, **kwargs)
        self.expected = collaborator.address
        self.possible = self.possible.exclude(pk=collaborator.pk)
        self.fields["successor"].required = False
        self.fields["address"].widget = AddressInput([])

    def clean_address(self) -> str:
        address = personas.normalise(self.cleaned_data["address"])
        if address != self.expected:
            raise forms.ValidationError(_("This is not the address of the collaborator: %s.") % self.expected)
        return address


class BulkDeletionForm(forms.Form):
    """How many, typed."""

    number = forms.IntegerField(
        label=_("To confirm, type the number of collaborators to delete"), min_value=1
    )
