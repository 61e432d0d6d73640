"""Each posted document is read once, by the worker: for the scanner and for its SHA-256, in one pass (D4, D5).

Nothing plain touches the disk here: segments are unsealed, hashed and handed to clamd one by one. Any number
of workers may run this and be killed anywhere; what is only held back is released by itself.
"""

import hashlib
import logging
import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connexion_plugin import personas
from connexion_plugin.actions import scan_leases
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import open_document, seal_digest
from connexion_plugin.actions.rereading import look_through
from connexion_plugin.actions.scan_leases import LeaseLost, Scan
from connexion_plugin.conf import Address, settings
from connexion_plugin.documents import scanner_trust
from connexion_plugin.documents.scanning import Clamd, Outcome, ScannerFault, Verdict
from connexion_plugin.exceptions import MessageGone, Tampered
from connexion_plugin.mail import outbox
from connexion_plugin.models import Activity, Attachment, Conversation, Mail, Participation
from connexion_plugin.sealing.segments import DocumentDamaged

# Begins no further document after so long; what a run leaves wakes the next one.
TASK_SECONDS = 10.0
RENEW_SECONDS = 15.0
# Tries of one document by a scanner that answered a moment before: over an hour of them.
TRIES = 10
OUTAGE = "connexion:scanner-is-down"
OUTAGE_SECONDS = 20

STATE_OF = {
    Outcome.CLEAN: Scan.CLEAN,
    Outcome.INFECTED: Scan.INFECTED,
    Outcome.UNSCANNABLE: Scan.FAILED,
}

logger = logging.getLogger(__name__)


def scan_documents(*, seconds: float = TASK_SECONDS, clock: Callable[[], float] = time.monotonic) -> bool:
    """Reads what is due, oldest first. True when there may be more."""
    scan_leases.take_up()
    deadline = clock() + seconds
    while clock() < deadline:
        attachment = scan_leases.claim(only_again=is_outage())
        if attachment is None:
            return False
        _check(attachment)
    return True


def is_outage() -> bool:
    """Has the scanner failed in the last seconds? Then nobody asks it, and nothing is late."""
    return settings.scanner is not None and cache.get(OUTAGE) is not None


def _check(attachment: Attachment) -> None:
    """One document, claimed. Whatever happens, the row is settled, put off or somebody else's afterwards."""
    alive = _heartbeat(attachment)
    try:
        if scan_leases.is_read_again(attachment):
            look_through(attachment, alive)
            scan_leases.held(attachment).update(check_due_at=None, check_lease=None)
            return
        if settings.scanner and not _is_trusted(settings.scanner, alive):
            scan_leases.put_back(attachment)
            return
        state, digest = _read(attachment, settings.scanner, alive)
        _settle(attachment, state, digest=digest)
    except LeaseLost:
        return
    except MessageGone:
        # Expired or withdrawn meanwhile: nobody can fetch it any more, checked or not.
        scan_leases.held(attachment).update(check_due_at=None, check_lease=None)
    except (ScannerFault, DocumentDamaged, Tampered) as fault:
        _note_fault(attachment, fault)
    except Exception as error:
        # The storage, most often. Only the type is told: the text may hold anything.
        logger.error("Document %s could not be read: %s", attachment.pk, type(error).__name__)
        scan_leases.put_back(attachment)


def _is_trusted(scanner: Address, alive: Callable[[], None]) -> bool:
    """Asked right before each document, so that what then goes wrong is the document's."""
    try:
        reason = scanner_trust.mistrust(scanner, alive)
    except ScannerFault as fault:
        reason = str(fault)
    if reason:
        logger.error("The scanner is not asked, documents wait: %s.", reason)
        cache.set(OUTAGE, reason, OUTAGE_SECONDS)
    return not reason


def _read(attachment: Attachment, scanner: Address | None, alive: Callable[[], None]) -> tuple[Scan, str]:
    """Its state and its SHA-256, in hexadecimal."""
    document, digest = open_document(attachment), hashlib.sha256()
    if scanner is None:
        for piece in document.read():
            digest.update(piece)
            alive()
        return Scan.NOT_SCANNED, digest.hexdigest()
    with Clamd(scanner) as clamd:
        for piece in document.read():
            digest.update(piece)
            clamd.feed(piece, alive)
        verdict = clamd.verdict(alive)
    _report(attachment, verdict)
    return STATE_OF[verdict.outcome], digest.hexdigest()


def _heartbeat(attachment: Attachment) -> Callable[[], None]:
    renewed_at = time.monotonic()

    def alive() -> None:
        nonlocal renewed_at
        if time.monotonic() - renewed_at > RENEW_SECONDS:
            scan_leases.renew(attachment)
            renewed_at = time.monotonic()

    return alive


def _report(attachment: Attachment, verdict: Verdict) -> None:
    if verdict.outcome is not Outcome.CLEAN:
        logger.warning("Document %s is withheld, %s: %s", attachment.pk, verdict.outcome, verdict.name)


def _note_fault(attachment: Attachment, fault: Exception) -> None:
    """Put off, or given up: a document that breaks the scanner each time would be tried for ever."""
    reason = str(fault) if isinstance(fault, ScannerFault) else type(fault).__name__
    logger.error(
        "Document %s could not be checked, try %s: %s", attachment.pk, attachment.check_tries, reason
    )
    if attachment.check_tries < TRIES:
        scan_leases.postpone(attachment)
    elif settings.scanner:
        _settle(attachment, Scan.FAILED)
    else:
        scan_leases.held(attachment).update(check_due_at=None, check_lease=None)


def _settle(attachment: Attachment, state: Scan, *, digest: str = "") -> None:
    """State and digest; and in the same transaction, under the conversation's lock, who is told of the bad."""
    sealed = seal_digest(attachment, digest) if digest else b""
    with transaction.atomic():
        conversation = Conversation.unscoped.select_for_update(of=("self",)).get(
            pk=attachment.message.conversation_id
        )
        settled = scan_leases.held(attachment).update(
            scan=state, digest_sealed=sealed, check_due_at=None, check_lease=None
        )
        if settled and state is Scan.INFECTED:
            append_line(
                conversation=conversation,
                verb=Activity.Verb.WITHHELD,
                at=timezone.now(),
                message_id=attachment.message_id,
                attachment_id=attachment.pk,
            )
        if settled and state in {Scan.INFECTED, Scan.FAILED}:
            _tell(attachment, conversation, state)


def _tell(attachment: Attachment, conversation: Conversation, state: Scan) -> None:
    """The sender, and of a virus the owner too: that it happened, and where; no file name, no title (N2)."""
    either = Q(pk=attachment.message.sender_id) | Q(role=Participation.Role.OWNER)  # of thousands
    seats = Participation.unscoped.filter(either, conversation=conversation, seat__in=Participation.LIVING)
    for seat in seats.select_related("persona"):
        is_sender = attachment.message.is_by(seat)
        if not (is_sender or (seat.is_owner and state is Scan.INFECTED)):
            continue
        outbox.enqueue(
            kind=Mail.Kind.WITHHELD,
            to=seat.persona.address,
            language=personas.language_of(seat.persona),
            payload={
                "state": state.value,
                "message": str(attachment.message_id),
                "is_sender": "yes" if is_sender else "",
                "organization": conversation.organization.name,
                "telephone": conversation.organization.telephone,
            },
        )
