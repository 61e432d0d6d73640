"""Signing a person out of every browser at once (spec M5)."""

from django.db import transaction
from django.db.models import F

from connexion_plugin.models import Preferences


@transaction.atomic
def sign_out_everywhere(*, user_id: int) -> None:
    """Every session that the person has ends at its next request; they may sign in again at once.

    In the caller's transaction. A session that begins meanwhile may end too, and never the other way round.
    """
    Preferences.objects.get_or_create(user_id=user_id)
    Preferences.objects.filter(user_id=user_id).update(session_generation=F("session_generation") + 1)


def session_generation(*, user_id: int) -> int:
    """The number that a session beginning now carries."""
    found = Preferences.objects.filter(user_id=user_id).values_list("session_generation", flat=True).first()
    return found or 0
