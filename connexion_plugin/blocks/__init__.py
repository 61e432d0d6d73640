"""StreamField blocks for a site's own help pages (spec H1); any page of any site may use them."""

from connexion_plugin.blocks.contact_card import ContactCardBlock
from connexion_plugin.blocks.glossary import GlossaryBlock
from connexion_plugin.blocks.legend import LegendBlock
from connexion_plugin.blocks.limits import LimitsBlock
from connexion_plugin.blocks.notice_box import NoticeBoxBlock
from connexion_plugin.blocks.question_and_answer import QuestionAndAnswerBlock
from connexion_plugin.blocks.section import SectionBlock, SectionContentBlock
from connexion_plugin.blocks.sign_in_button import SignInButtonBlock
from connexion_plugin.blocks.steps import StepsBlock
from connexion_plugin.blocks.unread_counter import UnreadCounterBlock

__all__ = [
    "ContactCardBlock",
    "GlossaryBlock",
    "LegendBlock",
    "LimitsBlock",
    "NoticeBoxBlock",
    "QuestionAndAnswerBlock",
    "SectionBlock",
    "SectionContentBlock",
    "SignInButtonBlock",
    "StepsBlock",
    "UnreadCounterBlock",
]
