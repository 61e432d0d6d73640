"""What the demo's story does not show: told by the verbs in the product's own process, walked by test_rare_states."""

from uuid import uuid4

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from wagtail.users.models import UserProfile

from connexion_plugin.actions import (
    collaborators,
    deleting,
    drafts,
    expiry,
    handing_over,
    holds,
    more_time,
    moving,
    participants,
)
from connexion_plugin.actions.personas import take_up_address
from connexion_plugin.demo.story import EMMA, JEAN, JEAN_AT_WORK, MARIE, PASSWORD, Post, Thread
from connexion_plugin.demo.telling import tell
from connexion_plugin.models import (
    Activity,
    Attachment,
    Bounce,
    Collaborator,
    Conversation,
    Message,
    Organization,
    Participation,
    Persona,
)

ORGANIZATION = "Étude Tremblay Roy, notaires"
EXPIRED = "Succession Bouchard"
HANDED_OVER = "Servitude de passage"
HELD = "Litige du 8, rue Cartier"
SCANNED = "Pièces à vérifier"
DELETED = "Projet abandonné"
EXPIRING = "Bail de la rue Garneau"
ANNOUNCEMENT = "Avis aux copropriétaires"
TROUBLED = "Dossier Pelletier"
OF_MANY = "Assemblée générale"
DECLINED = "Quittance de mars"
WAITING = "Cahier des charges"
TO_COME = "Suites de l’inventaire"
FROZEN = "Hypothèque du 21, rue Racine"
TWO_SEATS = "Copropriété des Pins"
BEGUN = "J’avais commencé à vous répondre : les deux chèques sont partis mardi, et l’état des lieux suit."
SOPHIE = "sophie.archambault-desrochers-de-la-bruere@cooperative-d-habitation-des-erables-argentes.example"
LEFT = "denis.caron@etude-tremblay-roy.example"
DEACTIVATED = "paule.gauthier@etude-tremblay-roy.example"


def tell_all() -> None:
    expired = _told(EXPIRED, Post(MARIE, 20, "Vieux.", [("vieux.pdf", 900)], [JEAN], expires_in_days=10))
    _expire(expired)
    deleting.delete_conversation(by=_seat(_told(DELETED), MARIE))
    _withhold(_told(SCANNED, Post(MARIE, 2, "Voici.", [(f"{n}.pdf", 900) for n in range(5)], [JEAN])))
    held = _told(HELD)
    administrator = get_user_model()._default_manager.get(username="claire")
    marie = Collaborator.unscoped.get(address=MARIE)
    holds.set_hold(collaborator=marie, conversation_id=held.pk, by=administrator)
    soon = _told(EXPIRING, Post(MARIE, 8, "À signer.", opened_by=[JEAN], expires_in_days=10))
    more_time.ask_for_time(by=_seat(soon, JEAN), message=Message.unscoped.get(conversation=soon))
    _hand_over(marie)
    _trouble(_told(TROUBLED))
    _of_twelve_addresses()
    kept = _told(DECLINED, Post(MARIE, 8, "À signer.", opened_by=[JEAN], expires_in_days=10))
    letter = Message.unscoped.get(conversation=kept)
    more_time.ask_for_time(by=_seat(kept, JEAN), message=letter)
    more_time.decline_time(by=_seat(kept, MARIE), message=letter)
    _told(WAITING, *(Post(MARIE, 9 - number, f"Partie {number}.") for number in range(1, 9)))
    told_before = tell(Thread(ORGANIZATION, TO_COME, [JEAN], [Post(MARIE, 3, "Bonjour.")]))
    participants.invite(by=_seat(told_before, MARIE), addresses=[EMMA], language="fr", sees_past=False)
    crowd = [f"proprietaire.{number:02}@vieux-port.example" for number in range(60)]
    tell(Thread(ORGANIZATION, ANNOUNCEMENT, [JEAN, *crowd], [Post(MARIE, 2, "À tous.", opened_by=[JEAN])]))
    _freeze_what_is_being_answered()
    _answer_from_one_of_two()


def _freeze_what_is_being_answered() -> None:
    """Jean had begun an answer when its owner was deactivated: he can read it, and copy it."""
    owner = _enrolled(DEACTIVATED, "Paule Gauthier", "paule")
    frozen = tell(Thread(ORGANIZATION, FROZEN, [JEAN], [Post(DEACTIVATED, 4, "Bonjour.", opened_by=[JEAN])]))
    _begin(_seat(frozen, JEAN))
    collaborators.deactivate_collaborator(collaborator=owner, by=None)


def _answer_from_one_of_two() -> None:
    """Jean sits there by two addresses; the one by which he had begun an answer may only read since."""
    shared = tell(Thread(ORGANIZATION, TWO_SEATS, [JEAN, JEAN_AT_WORK], [Post(MARIE, 1, "Bonjour.")]))
    at_work = _seat(shared, JEAN_AT_WORK)
    _begin(at_work)
    participants.change_reply(by=_seat(shared, MARIE), participation=at_work, may_reply=False)


def _begin(seat: Participation) -> None:
    typed = {"text": BEGUN, "expires_in_days": "90"}
    drafts.save_reply_draft(participation=seat, draft_id=uuid4(), typed=typed, revision=None)


def _of_twelve_addresses() -> None:
    """Who has as many tabs as an account may have addresses, one of them long, one just added."""
    user = get_user_model()._default_manager.create_user(username="sophie", password=PASSWORD)
    for number, address in enumerate([SOPHIE, *(f"sophie.{n}@courriel.example" for n in range(1, 12))]):
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=not number)
        take_up_address(user=user, address=address)
    tell(Thread(ORGANIZATION, OF_MANY, [SOPHIE, "sophie.9@courriel.example"], [Post(MARIE, 2, "Bonjour.")]))


def administer_in(language: str) -> None:
    """Claire chooses the language of the admin."""
    claire = get_user_model()._default_manager.get(username="claire")
    UserProfile.objects.update_or_create(user=claire, defaults={"preferred_language": language})


def _told(title: str, *posts: Post) -> Conversation:
    return tell(
        Thread(ORGANIZATION, title, [JEAN, EMMA], posts or [Post(MARIE, 5, "Bonjour.", opened_by=[JEAN])])
    )


def _seat(conversation: Conversation, address: str) -> Participation:
    return Participation.unscoped.get(conversation=conversation, persona__address=address)


def _expire(conversation: Conversation) -> None:
    """What the sweep does, which waits until the store of keys has watched the clock for a day."""
    now = timezone.now()
    for message in Message.unscoped.filter(conversation=conversation):
        expiry.empty_message(message.pk, now=now)
    expiry.empty_title_of(conversation.pk, now=now)


def _trouble(conversation: Conversation) -> None:
    """A mail that came back, somebody who asks to sit elsewhere, and a line of the history that was altered."""
    Bounce.unscoped.create(
        participation=_seat(conversation, EMMA), address=EMMA, code="550 5.1.1", at=timezone.now()
    )
    work = Persona.unscoped.get(address=JEAN_AT_WORK)
    moving.ask_to_move(seat=_seat(conversation, JEAN), persona=work)
    lines = QuerySet(Activity).filter(conversation=conversation, number=1)
    lines.update(verb=Activity.Verb.CLOSED)  # as no verb can


def _withhold(conversation: Conversation) -> None:
    """One document in each state; clean is what has its fingerprint, which the worker writes."""
    states = [*(state for state in Attachment.Scan if state != Attachment.Scan.CLEAN)]
    documents = Attachment.unscoped.filter(message__conversation=conversation).order_by("position")
    for document, state in zip(documents, states, strict=False):
        Attachment.unscoped.filter(pk=document.pk).update(scan=state, check_due_at=None)


def _hand_over(successor: Collaborator) -> None:
    leaving = _enrolled(LEFT, "Denis Caron", "denis")
    tell(Thread(ORGANIZATION, HANDED_OVER, [JEAN], [Post(LEFT, 15, "Voici l’acte.", opened_by=[JEAN])]))
    handing_over.hand_over(collaborator=leaving, successor=successor, by=None)
    handing_over.carry_hand_overs()


def _enrolled(address: str, name: str, user_name: str) -> Collaborator:
    """One more collaborator of the organization, with an account."""
    collaborator, _ = Collaborator.unscoped.get_or_create(
        organization=Organization.unscoped.get(name=ORGANIZATION),
        address=address,
        defaults={"name": name, "language": "fr"},
    )
    user = get_user_model()._default_manager.create_user(username=user_name, password=None)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    take_up_address(user=user, address=address)
    return collaborator
