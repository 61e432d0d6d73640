"""A legend of the signs that readers meet, drawn with the product's own icons (spec H1, B3, B4, C4)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock, ListBlock, StructBlock

from connexion_plugin.blocks.rich_text import sentence_block

# Each is a symbol of the plugin's sprite, named for its meaning.
ICONS: dict[str, str | Promise] = {
    "unread": _("Bubble: an unopened message"),
    "envelope": _("Closed envelope: a sealed message"),
    "opened": _("Open envelope: an opened message"),
    "attachment": _("Attachment"),
    "download": _("Download"),
    "verified": _("Checked document"),
    "not-scanned": _("Document not scanned"),
    "waiting": _("Document being checked"),
    "infected": _("Infected document"),
    "cannot-scan": _("Document that could not be checked"),
    "expiry": _("Clock: expiry"),
    "readers": _("Who can read"),
    "print": _("Print"),
    "back": _("Arrow back to the inbox"),
    "descending": _("Arrow that inverts the order"),
    "help": _("Help"),
}

# Not icons: manners of writing a row, and the figures beside messages.
MANNERS: dict[str, str | Promise] = {
    "bold": _("Row in bold"),
    "frozen": _("Row in red"),
    "theirs": _("Green figure on the left"),
    "mine": _("Grey figure on the right"),
}


def sign_choices() -> list[tuple[str, str | Promise]]:
    """A function, so that a new icon asks no migration of a site's own pages."""
    return [*ICONS.items(), *MANNERS.items()]


class LegendEntryBlock(StructBlock):
    sign = ChoiceBlock(choices=sign_choices, label=_("Sign"))
    name = CharBlock(label=_("Its name in words"), max_length=80)
    meaning = sentence_block(label=_("What it says"))

    class Meta:
        icon = "tag"
        label = _("Sign")


class LegendBlock(StructBlock):
    entries = ListBlock(LegendEntryBlock(), label=_("Signs"), min_num=1)

    class Meta:
        icon = "view"
        label = _("Legend")
        description = _("The signs of the inbox and of the conversation window, drawn as readers see them.")
        template = "connexion_plugin/blocks/legend.html"
        preview_template = "connexion_plugin/blocks/preview.html"

    def get_preview_value(self) -> object:
        shown = {"unread": ICONS["unread"], "bold": MANNERS["bold"], "frozen": MANNERS["frozen"]}
        return self.normalize(
            {"entries": [{"sign": sign, "name": name, "meaning": ""} for sign, name in shown.items()]}
        )
