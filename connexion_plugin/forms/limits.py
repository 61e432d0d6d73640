"""What each of several organizations allows a message to carry: said where one chooses among them (spec D1)."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from connexion_plugin import formats
from connexion_plugin.documents.limits import limit_of
from connexion_plugin.models import Collaborator


class FromSelect(forms.Select):
    """Its options tell the page's script (`upload-limit.js`) what theirs allows."""

    enrolments: Mapping[str, Collaborator] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if (enrolment := self.enrolments.get(str(value))) is not None:
            limit = limit_of(enrolment.organization)
            option["attrs"] |= {
                "data-limit": str(limit),
                "data-size": formats.size(limit),
                "data-organization": enrolment.organization.name,
            }
        return option


def limits_differ(enrolments: Collection[Collaborator]) -> bool:
    return len({limit_of(enrolment.organization) for enrolment in enrolments}) > 1


def say_limits(choice: forms.ChoiceField, enrolments: Mapping[str, Collaborator]) -> None:
    """In words below the label, where one reads them first, with scripts or without."""
    assert isinstance(choice.widget, FromSelect)
    choice.widget.enrolments = enrolments
    organizations = {one.organization_id: one.organization for one in enrolments.values()}
    lines = [
        (
            _("%(organization)s: up to %(limit)s")
            % {"organization": one.name, "limit": formats.size(limit_of(one))},
        )
        for one in organizations.values()
    ]
    choice.help_text = format_html(
        "{}<ul>{}</ul>",
        _("What the documents of a message may weigh together:"),
        format_html_join("", "<li>{}</li>", lines),
    )
