"""Whom to call; the number is the one of the settings, so that it is right on every page (spec H1, H2)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, StructBlock

from connexion_plugin.blocks.rich_text import text_block
from connexion_plugin.conf import settings


class ContactCardBlock(StructBlock):
    heading = CharBlock(label=_("Heading"), max_length=120)
    text = text_block(label=_("Text"), required=False)

    class Meta:
        icon = "mail"
        label = _("Contact card")
        description = _("Whom to call. The telephone number comes from the settings of the service.")
        template = "connexion_plugin/blocks/contact_card.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["telephone"] = settings.support_telephone
        return context

    def get_preview_value(self) -> object:
        return self.normalize({"heading": _("By telephone, at any hour"), "text": ""})
