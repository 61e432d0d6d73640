"""What cannot be sealed or opened."""

from django.utils.translation import gettext_lazy as _

from connexion_plugin.exceptions.base import ConnexionError, NotConfigured, Refused


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
