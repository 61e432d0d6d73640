"""How much waits for the person who reads the page; nothing for a visitor (spec H1)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import StaticBlock

from connexion_plugin.blocks.sign_in_button import way_in


class UnreadCounterBlock(StaticBlock):
    class Meta:
        icon = "mail"
        label = _("Unread counter")
        description = _("Tells a person who is signed in how many conversations hold something unread.")
        admin_text = _(
            "The number of unread conversations, to a person who is signed in. A visitor sees nothing."
        )
        template = "connexion_plugin/blocks/unread_counter.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return {**context, **way_in(context.get("request"))}
