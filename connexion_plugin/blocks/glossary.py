"""The words of the service, each with what it means (spec H1)."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock

from connexion_plugin.blocks.rich_text import sentence_block


class GlossaryEntryBlock(StructBlock):
    term = CharBlock(label=_("Word"), max_length=80)
    meaning = sentence_block(label=_("What it means"))

    class Meta:
        icon = "openquote"
        label = _("Word")


class GlossaryBlock(StructBlock):
    entries = ListBlock(GlossaryEntryBlock(), label=_("Words"), min_num=1)

    class Meta:
        icon = "list-ul"
        label = _("Glossary")
        description = _("The words of the service, each with what it means.")
        template = "connexion_plugin/blocks/glossary.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_preview_value(self) -> object:
        meaning = _("A private exchange between the people who were invited to it.")
        return self.normalize({"entries": [{"term": _("Conversation"), "meaning": meaning}]})
