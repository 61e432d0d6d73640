"""A section of a guide: a heading that keeps its address, and the screens that it explains (spec H3)."""

from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.blocks import CharBlock, MultipleChoiceBlock, RegexBlock, StreamBlock, StructBlock

from connexion_plugin.blocks.contact_card import ContactCardBlock
from connexion_plugin.blocks.glossary import GlossaryBlock
from connexion_plugin.blocks.legend import LegendBlock
from connexion_plugin.blocks.limits import LimitsBlock
from connexion_plugin.blocks.notice_box import NoticeBoxBlock
from connexion_plugin.blocks.question_and_answer import QuestionAndAnswerBlock
from connexion_plugin.blocks.rich_text import text_block
from connexion_plugin.blocks.sign_in_button import SignInButtonBlock
from connexion_plugin.blocks.steps import StepsBlock
from connexion_plugin.blocks.unread_counter import UnreadCounterBlock
from connexion_plugin.help import screen_choices


class SectionContentBlock(StreamBlock):
    paragraph = text_block(
        icon="pilcrow",
        label=pgettext_lazy("running text", "Text"),
        description=_("Running text, with lists and links."),
        preview_value=_("You receive a notice by e-mail each time a message is posted."),
        preview_template="connexion_plugin/blocks/preview.html",
    )
    steps = StepsBlock()
    legend = LegendBlock()
    glossary = GlossaryBlock()
    notice_box = NoticeBoxBlock()
    question_and_answer = QuestionAndAnswerBlock()
    limits = LimitsBlock()
    sign_in_button = SignInButtonBlock()
    unread_counter = UnreadCounterBlock()
    contact_card = ContactCardBlock()


class SectionBlock(StructBlock):
    heading = CharBlock(label=_("Heading"), max_length=120)
    anchor = RegexBlock(
        regex=r"^[a-z][a-z0-9-]*$",
        required=False,
        max_length=60,
        label=_("Anchor"),
        help_text=_("The end of this section's address, after the #. Keep it when you change the heading."),
        error_messages={"invalid": _("Use small letters without accents, digits and hyphens.")},
    )
    screens = MultipleChoiceBlock(
        choices=screen_choices,
        required=False,
        widget=CheckboxSelectMultiple,
        label=_("Explains these screens"),
        help_text=_("“Help” on these screens leads to this section."),
    )
    content = SectionContentBlock(label=_("Content"))

    class Meta:
        icon = "title"
        label = _("Section")
        description = _("A part of a guide with its own heading, in the table of contents.")
        template = "connexion_plugin/blocks/section.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_preview_value(self) -> object:
        text: dict[str, object] = {
            "type": "paragraph",
            "value": str(_("You receive a notice by e-mail each time a message is posted.")),
        }
        return self.normalize(
            {"heading": _("Finding your way"), "anchor": "", "screens": [], "content": self._content([text])}
        )

    def _content(self, raw: list[dict[str, object]]) -> object:
        return self.child_blocks["content"].to_python(raw)
