"""The limits of the service as it runs now: read from the settings each time the page is shown (spec H1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.forms import CheckboxSelectMultiple
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.blocks import MultipleChoiceBlock, StructBlock

from connexion_plugin import formats
from connexion_plugin.conf import settings


@dataclass(frozen=True)
class Limit:
    name: str | Promise
    figure: Callable[[], str]


def _document_size() -> str:
    return formats.size(settings.message_limit_bytes)


def _text_length() -> str:
    count = settings.text_limit_characters
    grouped = formats.number(count)
    return ngettext("%(count)s character", "%(count)s characters", count) % {"count": grouped}


def _days_before_expiry() -> str:
    days = settings.default_expiry_days
    sentence = ngettext(
        "%(days)s day, unless the organization has set another term",
        "%(days)s days, unless the organization has set another term",
        days,
    )
    return sentence % {"days": formats.number(days)}


LIMITS: dict[str, Limit] = {
    "documents": Limit(_("Documents of one message, all together"), _document_size),
    "text": Limit(_("Text of one message"), _text_length),
    "expiry": Limit(_("Life of a message"), _days_before_expiry),
}


def limit_choices() -> list[tuple[str, str | Promise]]:
    """A function, so that a new limit asks no migration of a site's own pages."""
    return [(key, limit.name) for key, limit in LIMITS.items()]


class LimitsBlock(StructBlock):
    shown = MultipleChoiceBlock(
        choices=limit_choices, widget=CheckboxSelectMultiple, label=_("Limits to show")
    )

    class Meta:
        icon = "sliders"
        label = _("Limits")
        description = _(
            "What the service allows at this moment. The figures follow the settings by themselves."
        )
        template = "connexion_plugin/blocks/limits.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["limits"] = [
            {"name": limit.name, "figure": limit.figure()}
            for key, limit in LIMITS.items()
            if key in value["shown"]
        ]
        return context

    def get_preview_value(self) -> object:
        return self.normalize({"shown": list(LIMITS)})
