"""Why a verb refuses: who somebody is, or an address and whose it is."""

from django.utils.translation import gettext_lazy as _

from connexion_plugin.exceptions.base import Refused


class NotACollaborator(Refused):
    sentence = _("Only an active collaborator can start a conversation.")


class AddressTaken(Refused):
    sentence = _("This address is already confirmed in another account.")


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
