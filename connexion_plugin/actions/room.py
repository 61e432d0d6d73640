"""Whether there is room for documents: in a message, for a person, for an organization (spec D1, D2).

What counts is what was posted, what is kept with drafts, and what is coming: an upload by pieces by its row, a form by
its reservation. The bytes of a form that was killed are nobody's after `RESERVED`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.actions.on_its_way import (
    RESERVED,
    live_reservations,
    lock_disk,
    total_bytes,
    yet_to_come,
)
from connexion_plugin.conf import settings
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents.limits import limit_of
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.models import Draft, Message, Organization, Reservation, Upload


@telling_no_room()
def reserve(
    *,
    reservation: UUID,
    author_id: Any,
    organization: Organization | None,
    length: int,
    unwritten: int = 0,
    draft_id: UUID | None = None,
) -> int:
    """Takes room for the documents of a form that is coming in, or changes and prolongs what this `reservation` took.

    `unwritten` is what of its body is not in storage yet. Returns what others that came before it have yet to write:
    so much more must be free on the disk, which is asked outside the transaction, as it may be slow to answer. Nothing
    for what was taken already: it is let in, and each of its parts stays above the floor by itself.

    `organization` is None where only the form's body says which of several it is. What is kept with the form's own
    draft takes none of the person's room yet: the form may be there to take it back (`require_room` counts it). One
    transaction: locks the author, then the organization where it has a quota, then, for a new one, the disk. Raises
    UnpostedTooLarge, OrganizationFull, DatabaseFull.
    """
    with transaction.atomic():
        lock_author(author_id)
        others = live_reservations(timezone.now()).exclude(pk=reservation)
        _require_a_person_has_room(author_id, length, others, but=draft_id)
        if organization is not None:
            _require_quota(organization, length, others)
        taken = {"length": length, "unwritten": unwritten, "ends_at": timezone.now() + RESERVED}
        if Reservation.unscoped.filter(pk=reservation).update(**taken):
            return 0
        lock_disk(sealed_storage())
        before = yet_to_come(sealed_storage())
        Reservation.unscoped.create(pk=reservation, author_id=author_id, organization=organization, **taken)
    return before


def release(reservation: UUID) -> None:
    """Nothing more of that form comes, or it counts as posted or kept. Idempotent."""
    Reservation.unscoped.filter(pk=reservation).delete()


def discard_ended_reservations(*, now: datetime) -> None:
    """Of requests that were killed: they count no more."""
    ended = Reservation.unscoped.exclude(pk__in=live_reservations(now).values("pk"))
    ended.delete()


def require_room(draft: Draft, *, length: int, count: int, documents: Sequence[SealedUpload] = ()) -> None:
    """For so many documents more in a draft, which `lock_author` and the draft's own lock hold.

    `documents` are those among them that a form brought: they give back what was reserved for them. Raises
    TooManyDocuments, DocumentsTooLarge, UnpostedTooLarge, OrganizationFull.
    """
    _give_back(documents)
    mine, organization = Upload.unscoped.filter(draft=draft), draft.organization
    _require_it_fits_a_message(organization, total_bytes(mine) + length, mine.count() + count)
    others = live_reservations(timezone.now())
    _require_a_person_has_room(draft.author_id, length, others)
    _require_quota(organization, length, others)


def require_room_to_post(organization: Organization, documents: Sequence[SealedUpload]) -> None:
    """For one message that carries all of these; once they are a draft's no more, so that none counts twice.

    What came had its room reserved, but in the organization that the draft was of, and its author may have chosen
    another since. Raises TooManyDocuments, DocumentsTooLarge, OrganizationFull.
    """
    if not documents:
        return
    _give_back(documents)
    length = sum(document.size or 0 for document in documents)
    _require_it_fits_a_message(organization, length, len(documents))
    _require_quota(organization, length, live_reservations(timezone.now()))


def lock_author(author_id: Any) -> None:
    """Two browsers of one person reserve one after the other. The first of the locks."""
    users = get_user_model()._default_manager
    users.select_for_update(no_key=True).filter(pk=author_id).values_list("pk", flat=True).first()


def _give_back(documents: Sequence[SealedUpload]) -> None:
    """In the transaction that counts them as documents; where it fails, the reservation stands again."""
    reservations = {document.reservation for document in documents if document.reservation}
    if reservations:
        Reservation.unscoped.filter(pk__in=reservations).delete()


def _require_a_person_has_room(
    author_id: Any, length: int, coming: "QuerySet[Reservation]", *, but: UUID | None = None
) -> None:
    unposted = total_bytes(Upload.unscoped.filter(draft__author=author_id).exclude(draft=but))
    if unposted + total_bytes(coming.filter(author=author_id)) + length > settings.unposted_limit_bytes:
        raise exceptions.UnpostedTooLarge


def _require_quota(organization: Organization, length: int, coming: "QuerySet[Reservation]") -> None:
    """Raises OrganizationFull when the organization's documents, unposted ones included, would pass its quota.

    Where it has one, it is locked until the caller's transaction ends: those who bring documents at once are counted
    one after the other. The last of the caller's locks, after the conversation's and the draft's.
    """
    if organization.storage_quota_bytes is None:
        return
    quota = _locked_quota(organization)
    posted = Message.unscoped.filter(conversation__organization=organization, emptied_at=None)
    kept = posted.aggregate(total=Sum("documents_bytes"))["total"] or 0
    unposted = total_bytes(Upload.unscoped.filter(draft__organization=organization))
    reserved = total_bytes(coming.filter(organization=organization))
    if quota is not None and kept + unposted + reserved + length > quota:
        raise exceptions.OrganizationFull


def _locked_quota(organization: Organization) -> int | None:
    # A statement of its own: what is summed next is read after the lock was awaited.
    rows = Organization.unscoped.select_for_update(no_key=True).filter(pk=organization.pk)
    return rows.values_list("storage_quota_bytes", flat=True).get()


def _require_it_fits_a_message(organization: Organization, length: int, count: int) -> None:
    if length > limit_of(organization):
        raise exceptions.DocumentsTooLarge
    if count > settings.message_files_limit:
        raise exceptions.TooManyDocuments
