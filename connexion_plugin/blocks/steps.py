"""Numbered steps, each with a picture where one helps (spec H1)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.blocks import CharBlock, ListBlock, StructBlock
from wagtail.images.blocks import ImageBlock

from connexion_plugin.blocks.rich_text import text_block


class StepBlock(StructBlock):
    heading = CharBlock(label=_("What to do"), max_length=120)
    text = text_block(label=_("Explanation"), required=False)
    picture = ImageBlock(label=_("Picture"), required=False)

    class Meta:
        icon = "order"
        label = _("Step")


class StepsBlock(StructBlock):
    steps = ListBlock(StepBlock(), label=_("Steps"), min_num=1)

    class Meta:
        icon = "list-ol"
        label = _("Numbered steps")
        description = _("What to do, in order. Each step has a short heading, and a picture if it helps.")
        template = "connexion_plugin/blocks/steps.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "steps": [
                    {"heading": _("Open the notice"), "text": "", "picture": None},
                    {"heading": pgettext_lazy("session", "Sign in"), "text": "", "picture": None},
                    {"heading": _("Read the message"), "text": "", "picture": None},
                ]
            }
        )
