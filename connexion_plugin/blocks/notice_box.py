"""A box for what must not be missed (spec H1)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock, StructBlock

from connexion_plugin.blocks.rich_text import text_block

TONES: dict[str, str | Promise] = {
    "information": _("Good to know"),
    "caution": _("Be careful"),
}


def tone_choices() -> list[tuple[str, str | Promise]]:
    return list(TONES.items())


class NoticeBoxBlock(StructBlock):
    tone = ChoiceBlock(choices=tone_choices, default="information", label=_("Tone"))
    heading = CharBlock(label=_("Heading"), max_length=120)
    text = text_block(label=_("Text"))

    class Meta:
        icon = "info-circle"
        label = _("Notice box")
        description = _("One thing that readers must not miss. Use few: two on a page are already many.")
        template = "connexion_plugin/blocks/notice_box.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "tone": "information",
                "heading": _("Good to know"),
                "text": _(
                    "The notice says only that a message waits. The message itself never travels by e-mail."
                ),
            }
        )
