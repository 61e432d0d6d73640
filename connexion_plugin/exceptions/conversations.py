"""Why a verb refuses: the state of a conversation, a seat or a message."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from connexion_plugin.exceptions.base import Refused


class ConversationFrozen(Refused):
    sentence = _("This conversation can only be read: its owner no longer has an active account.")


class ConversationClosed(Refused):
    sentence = _("This conversation is closed: it can be read, and no message can be added.")


class ConversationDeleted(Refused):
    sentence = _("This conversation was deleted for everyone: nothing of it is left to read or to add to.")


class NoLongerThere(Refused):
    sentence = _("You no longer take part in this conversation.")


class GoneAlready(NoLongerThere):
    """Said to the owner of somebody else, as its subclass."""

    sentence = _("This participant takes part no longer. Nothing was changed.")


class LeftAlready(GoneAlready):
    sentence = _("This participant had left the conversation already. Nothing was changed.")


class ReadOnlySeat(Refused):
    sentence: str | Promise = _("You may read this conversation, and not add to it.")


class SenderOnlyReads(ReadOnlySeat):
    """The address that a form writes from may read only; another of the same person's may answer."""

    def __init__(self, *, address: str, other: str) -> None:
        super().__init__()
        text = _(
            "%(address)s may read this conversation, and not add to it. It can be answered from %(other)s."
        )
        self.sentence = text % {"address": address, "other": other}


class SenderGone(Refused):
    """The address that a form writes from has no seat any more; another of the same person's may answer."""

    def __init__(self, *, address: str, other: str) -> None:
        super().__init__()
        text = _(
            "%(address)s may no longer write in this conversation, and nothing was posted. What you typed is still "
            "here, and the conversation can be answered from %(other)s. Documents that were kept with the draft may "
            "have to be chosen again."
        )
        self.sentence = text % {"address": address, "other": other}


class TooManyParticipants(Refused):
    """A conversation holds no more; `left` places are left, `written` is that number as people read it."""

    def __init__(self, *, left: int, written: str, most: str) -> None:
        super().__init__()
        if left:
            text = ngettext_lazy(
                "A conversation has at most %(most)s participants: %(left)s place is left. Nobody was invited.",
                "A conversation has at most %(most)s participants: %(left)s places are left. Nobody was invited.",
                left,
            )
        else:
            text = _(
                "A conversation has at most %(most)s participants: no place is left. Nobody was invited."
            )
        self.sentence = text % {"most": most, "left": written}


class OwnerStays(Refused):
    sentence = _("The owner cannot leave a conversation: it can be closed instead.")


class AnnouncementIsReadOnly(Refused):
    sentence = _("This conversation is an announcement: only its owner posts in it.")


class MessageGone(Refused):
    sentence = _("This message has expired or was withdrawn: it can no longer be read.")


class NothingToPost(Refused):
    sentence = _("Write a message or choose a document.")


class ExpiryOutOfBounds(Refused):
    sentence = _("This expiry is outside what the organization allows.")


class UnderLegalHold(Refused):
    sentence = _(
        "The organization keeps this conversation under a legal hold: nothing in it can be withdrawn, deleted or "
        "made to expire at another moment until the hold is lifted."
    )


class AlreadyHeld(Refused):
    sentence = _("A legal hold is set there already.")


class NothingToHold(Refused):
    sentence = _("No conversation of this collaborator has this reference, or it was deleted.")


class NoMoreTime(Refused):
    sentence = _(
        "More time can be asked for when the message expires soon, within what the organization allows."
    )


class TitleExpired(Refused):
    sentence = _("The title of this conversation has expired with its last message. Give it a new one.")
