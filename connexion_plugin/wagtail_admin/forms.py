"""Forms of the administration."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from connexion_plugin import personas


class ScopedForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Asks for the choices of each relation again, for this request.

    Wagtail builds a form class once: the scope of its first visitor would be baked into every choice, and the
    next administrator could write into the first one's organization (access.md).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = field.queryset.model._default_manager.all()


@cache
def _time_zones() -> list[tuple[str, str]]:
    """As choices. Python opens each of the system's six hundred files to list them: once a process is enough."""
    return [(name, name) for name in sorted(available_timezones())]


class OrganizationForm(ScopedForm):
    """Name and policies of an organization."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_time_zones,
        help_text=_("Dates are shown in it."),
    )


class EnrolmentForm(ScopedForm):
    """A new collaborator. Somebody who administers one organization finds it chosen already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(self.fields["organization"].queryset[:2])
        if len(choices) == 1:
            self.fields["organization"].initial = choices[0].pk
            self.fields["organization"].empty_label = None
            self.fields["language"].initial = choices[0].language

    def clean_address(self) -> str:
        return personas.normalise(self.cleaned_data["address"])
