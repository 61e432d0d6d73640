"""What all of them are, and what may happen anywhere."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ConnexionError(Exception):
    """Base of all; `sentence` is what a person may read, and never holds content."""

    sentence: str | Promise = _("Something went wrong. Nothing you typed is lost; please try again.")


class UnscopedRead(ConnexionError):
    """A queryset of a guarded model was evaluated with no scope declared (access.md)."""


class NotConfigured(ConnexionError):
    """A setting that the plugin cannot do without is missing; the text is the line to paste."""


class AppendOnly(ConnexionError):
    """Somebody tried to alter or delete what is written once (spec A2, M6)."""


class Refused(ConnexionError):
    """The state of things forbids this act, whoever asks."""


class DatabaseFull(Refused):
    """The database can write nothing more (goals.md, row 4); reading goes on."""

    sentence = _(
        "There is no room left at the moment, and this could not be kept. What you typed is still on this page: try "
        "again in a few minutes."
    )
