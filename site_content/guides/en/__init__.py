"""The English texts of the site: home, help and the guides."""

from site_content.guides.en import arriving, collaborator, conversing
from site_content.guides.writing import Guide

HOME_TITLE = "Home"
HOME_HEADLINE = "Private conversations, kept out of e-mail"
HOME_INTRODUCTION = (
    "<p>An organization writes to you here what it would not trust to an e-mail. You read its messages, "
    "receive its documents and answer it. Only the people in the conversation can enter it.</p>"
)
HOME_DESCRIPTION = "Read in private what an organization writes to you, and answer it."

HELP_TITLE = "Help"
HELP_SLUG = "help"
HELP_INTRODUCTION = (
    "<p>Each guide follows the screens of the service, one after the other, in the order you meet them.</p>"
)

PARTICIPANT = Guide(
    title="Participant's guide",
    slug="participants-guide",
    description="From the notice in your e-mail to your answer, step by step.",
    introduction=(
        "<p>An e-mail told you that a message is waiting. This guide starts there and takes you as far as "
        "your answer, one screen at a time. There is no need to read it all: on every screen, the link "
        "<b>Help</b> leads to the passage that explains it.</p>"
    ),
    sections=(*arriving.SECTIONS, *conversing.SECTIONS),
)

COLLABORATOR = Guide(
    title="Collaborator's guide",
    slug="collaborators-guide",
    description="Start a conversation and invite the right people to it.",
    introduction=(
        "<p>Your organization has made you a collaborator. You do everything that a participant does, and "
        "you start the conversations.</p>"
    ),
    sections=collaborator.SECTIONS,
)

GUIDES = {"participant": PARTICIPANT, "collaborator": COLLABORATOR}
