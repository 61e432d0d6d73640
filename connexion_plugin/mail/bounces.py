"""A mail that came back for good, noted beside the seat it was for (spec N4)."""

from datetime import datetime

from connexion_plugin.models import Bounce, Mail, Notice, SeatNotice


def note(mail: Mail, *, code: str, at: datetime) -> None:
    """For mails that are a seat's; a code or a reset is nobody else's to know. Once a mail, whoever says it."""
    seats = [
        *Notice.unscoped.filter(mail=mail.pk).values_list("participation", flat=True),
        *SeatNotice.unscoped.filter(mail=mail.pk).values_list("participation", flat=True),
    ]
    bounces = [
        Bounce(participation_id=seat, mail_id=mail.pk, address=mail.to, code=code, at=at) for seat in seats
    ]
    Bounce.unscoped.bulk_create(bounces, ignore_conflicts=True)
