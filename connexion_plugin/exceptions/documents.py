"""Why a document is not taken, not kept or not given."""

from django.utils.translation import gettext_lazy as _

from connexion_plugin.exceptions.base import ConnexionError, Refused


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


class TooManyDocuments(Refused):
    sentence = _("A message cannot carry that many documents.")


class UnpostedTooLarge(Refused):
    sentence = _(
        "Your drafts already hold as many documents as one person may keep unposted. Post or delete some of them first."
    )


class OrganizationFull(Refused):
    sentence = _("The organization has no room left for documents. Tell the person who wrote to you.")


class DocumentsStillComing(Refused):
    sentence = _(
        "A document is not here in whole yet. Wait for it, choose it again, or remove it, then submit."
    )


class DocumentsChanged(Refused):
    """The draft has other documents than the page of its form shows: nobody posts what they do not see (spec D2)."""

    sentence = _(
        "The documents of this message were changed in another window. The list shows them as they are now: "
        "look at it, then submit."
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
