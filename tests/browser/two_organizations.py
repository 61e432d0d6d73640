"""Anne of the demo, enrolled by a second organization as well: told by the verbs, in the product's own process."""

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model

from connexion_plugin.actions.collaborators import enrol_collaborator
from connexion_plugin.actions.drafts import discard_drafts
from connexion_plugin.actions.personas import take_up_address
from connexion_plugin.models import Collaborator, Draft, Organization

CLINIC, HARBOUR = "Clinique Belle-Rive", "Harbour Insurance"
ANNE_AT_HARBOUR = "anne.cote@harbour-insurance.example"
MIB = 1024**2


def enrol_anne_twice() -> None:
    """The second lets a message carry 5 MB, where the first allows what the site does. She has begun nothing.

    May be repeated.
    """
    discard_drafts(Draft.unscoped.filter(author__username="anne"))
    harbour = Organization.unscoped.get(name=HARBOUR)
    harbour.message_limit_bytes = 5 * MIB
    harbour.save()
    if Collaborator.unscoped.filter(address=ANNE_AT_HARBOUR).exists():
        return
    anne = get_user_model()._default_manager.get(username="anne")
    EmailAddress.objects.create(user=anne, email=ANNE_AT_HARBOUR, verified=True)
    take_up_address(user=anne, address=ANNE_AT_HARBOUR)
    enrol_collaborator(
        organization=harbour, address=ANNE_AT_HARBOUR, name="Anne Côté", language="fr", by=None
    )
