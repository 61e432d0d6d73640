"""The plugin's own exceptions: one class a reason, each with a sentence for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


class ConnexionError(Exception):
    """Base of all; `sentence` is what a person may read, and never holds content."""

    sentence: str | Promise = _("Something went wrong. Nothing you typed is lost; please try again.")


class UnscopedRead(ConnexionError):
    """A queryset of a guarded model was evaluated with no scope declared (access.md)."""


class NotConfigured(ConnexionError):
    """A setting that the plugin cannot do without is missing; the text is the line to paste."""


class AppendOnly(ConnexionError):
    """Somebody tried to alter or delete what is written once (spec A2, M6)."""


# Why a verb refuses


class Refused(ConnexionError):
    """The state of things forbids this act, whoever asks."""


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


class NotACollaborator(Refused):
    sentence = _("Only an active collaborator can start a conversation.")


class AddressTaken(Refused):
    sentence = _("This address is already confirmed in another account.")


class DocumentsTooLarge(Refused):
    sentence = _("These documents are larger than a message may carry.")


class DocumentWithheld(Refused):
    """A document that this reader may not fetch, or not yet (spec D4); the subclass says why."""

    sentence = _("This document is withheld.")


class DocumentBeingChecked(DocumentWithheld):
    sentence = _("This document is being checked for viruses. It can be downloaded once that is done.")


class DocumentInfected(DocumentWithheld):
    sentence = _("A virus was found in this document: nobody can download it, its sender included.")


class DocumentNotChecked(DocumentWithheld):
    sentence = _("This document could not be checked for viruses. Ask its sender to post it in another form.")


class AlreadyEnrolled(Refused):
    sentence = _("This address is already enrolled in this organization.")


class NotASuccessor(Refused):
    sentence = _("The successor must be an active collaborator of the same organization.")


class NotToOneself(Refused):
    sentence = _(
        "You cannot name an address of your own: whoever hands conversations over does not read them. "
        "Ask another administrator."
    )


class NothingToHandOver(Refused):
    sentence = _("There is no conversation to hand over.")


class EnrolmentDeleted(Refused):
    sentence = _(
        "This collaborator was deleted, which is for good. Enrol the address again if it must come back."
    )


class InvitationsRefused(Refused):
    sentence = _("This address accepts no further invitations from your organization.")


class AlreadySeated(Refused):
    sentence = _("This address already has its place in this conversation.")


class OwnAddress(Refused):
    sentence = _("This is one of your own addresses. You read this conversation already.")


class NoMoveAsked(Refused):
    sentence = _("Nothing was changed: no other address is asked for here any more.")


class SeatTaken(Refused):
    sentence = _("Somebody has taken this place already: its address can no longer be corrected.")


class AddressBookFull(Refused):
    sentence = _("This address book is full: delete contacts before you add others.")


class ContactExists(Refused):
    sentence = _("This address is already in the address book.")


class ContactGone(Refused):
    sentence = _(
        "This contact was deleted meanwhile. What you typed is still here: save it to add the contact anew."
    )


# Documents that come in by pieces


class TooManyDocuments(Refused):
    sentence = _("A message cannot carry that many documents.")


class UnpostedTooLarge(Refused):
    sentence = _(
        "Your drafts already hold as many documents as one person may keep unposted. Post or delete some of them first."
    )


class DatabaseFull(Refused):
    """The database can write nothing more (goals.md, row 4); reading goes on."""

    sentence = _(
        "There is no room left at the moment, and this could not be kept. What you typed is still on this page: try "
        "again in a few minutes."
    )


class OrganizationFull(Refused):
    sentence = _("The organization has no room left for documents. Tell the person who wrote to you.")


class DocumentsStillComing(Refused):
    sentence = _(
        "A document is not here in whole yet. Wait for it, choose it again, or remove it, then submit."
    )


class DocumentsLost(Refused):
    """Documents of a draft whose key, or the draft's, was altered or is gone: nothing opens them any more."""

    sentence = _("Documents that were kept with your draft can no longer be opened.")


class UploadBusy(ConnexionError):
    sentence = _("Another window is sending this document at this moment.")


class OffsetMismatch(ConnexionError):
    sentence = _("The document stands elsewhere than this browser thought. It goes on from there.")


class UploadTooLong(ConnexionError):
    sentence = _("More was sent than this document was said to hold.")


class ChecksumMismatch(ConnexionError):
    sentence = _("Some bytes were damaged on the way, and are not kept. They have to be sent again.")


class UploadGone(Refused):
    sentence = _("This document is no longer waited for. Choose it again.")


class StorageTrouble(ConnexionError):
    sentence = _(
        "Documents cannot be kept at this moment. What is here already stays; try again in a minute."
    )


class StorageUnreachable(ConnexionError):
    """The storage failed while a document was read; that says nothing about the document."""

    sentence = _("Documents cannot be reached at this moment. They are still there; try again in a minute.")


# Drafts


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


# Sealing


class EpochOver(Refused):
    """Nothing is wrapped under a day that is over, or whose key is marked (sealing.md)."""

    sentence = _("This date of expiry has passed. Choose a later one.")


class KeyGone(ConnexionError):
    """The epoch key was destroyed, or its file is missing: show a tombstone, never an error."""

    sentence = _("This has expired: nobody can read it any more.")


class Tampered(ConnexionError):
    """Sealed bytes do not open in the place they were found in: altered, cut, swapped or taken elsewhere."""

    sentence = _("This cannot be shown: what is stored was altered. The operator has been told.")


class KeyStoreFault(NotConfigured):
    """The key store is missing, belongs to another master key, or lacks a key that it must have."""

    sentence = _(
        "The service cannot reach its keys at this moment: nothing can be read, sent or kept. Nothing is lost."
    )


class KeyLost(KeyStoreFault):
    """The store is there and lacks one key that it must have: what else it holds is sound."""

    sentence = _(
        "This cannot be sealed at this moment: a key of the service is missing. What you typed is still here."
    )
