"""What became of a participant's notices, in words for the owner (spec A2, N4)."""

from django.utils.translation import gettext as _

from connexion_plugin import formats
from connexion_plugin.models import Mail, Notice


def notice_words(notice: Notice | None) -> str:
    """What became of a participant's last notice, in the owner's eyes (spec A2)."""
    if notice is None:
        return ""
    state = notice.mail.state if notice.mail else Mail.State.WAITING
    if state == Mail.State.SENT and notice.mail and notice.mail.sent_at:
        return _("last notice sent on %(moment)s") % {"moment": formats.in_a_sentence(notice.mail.sent_at)}
    if state == Mail.State.REFUSED:
        return _("last notice refused by the recipient’s mail system")
    return _("notice on its way")


def bounce_words(code: str) -> str:
    """`code` is RFC 5321's number and RFC 3463's status, as `mail.faults` keeps them: `550 5.1.1`."""
    status = code.split()[-1] if code else ""
    if status.startswith("5.2.2"):
        return _("the mailbox is full")
    if status.startswith("5.2."):
        return _("the mailbox takes no mail")
    if status.startswith("5.1.") or code.startswith(("550", "551", "553")):
        return _("there is no such address")
    return _("the e-mail could not be delivered")
