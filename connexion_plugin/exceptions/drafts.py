"""What became meanwhile of a draft, or of what was submitted."""

from django.utils.translation import gettext_lazy as _

from connexion_plugin.exceptions.base import Refused


class DraftChanged(Refused):
    sentence = _(
        "This draft was changed in another window since this page was opened. What you see here stays here: submit "
        "it as it is, or reload the page to go on with the other."
    )


class DraftElsewhere(Refused):
    sentence = _(
        "A draft of yours is already kept here, begun in another window. What you see here stays here: submit it as "
        "it is, or reload the page to go on with the other."
    )


class DraftPosted(Refused):
    sentence = _("This draft was posted in the meantime, from another window.")


class PostedBefore(Refused):
    sentence = _(
        "This form was already submitted, and its message is posted. What you typed since is here: submit it again to "
        "post it as another message."
    )


class StartedBefore(Refused):
    sentence = _(
        "This form was already submitted, and its conversation is started. What you typed since is here: submit it "
        "again to start another one."
    )


class DraftTooLong(Refused):
    sentence = _("This is too long to be kept as a draft.")
