"""What stands where a title does."""

from django.utils.translation import gettext as _

from connexion_plugin.actions.titles import read_title
from connexion_plugin.exceptions import KeyStoreFault, Tampered
from connexion_plugin.models import Conversation


def shown_title(conversation: Conversation) -> str | None:
    """The title, or None once it has expired. One that was altered shuts no page of others, nor its own; nor does a
    store of keys that is away take what was typed along."""
    try:
        return read_title(conversation)
    except (KeyStoreFault, Tampered):  # the log has it
        return _("Unreadable title")
