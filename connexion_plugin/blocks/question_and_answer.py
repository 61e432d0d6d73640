"""A question as readers would ask it, and its answer (spec H1)."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, StructBlock

from connexion_plugin.blocks.rich_text import text_block


class QuestionAndAnswerBlock(StructBlock):
    question = CharBlock(label=_("Question"), max_length=160)
    answer = text_block(label=_("Answer"))

    class Meta:
        icon = "help"
        label = _("Question and answer")
        description = _(
            "A question in the reader's words. The answer unfolds under it, and is printed whole."
        )
        template = "connexion_plugin/blocks/question_and_answer.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "question": _("Who can read my messages?"),
                "answer": _("Only the people who take part in the conversation."),
            }
        )
