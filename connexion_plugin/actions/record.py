"""The record of what administrators do: numbered, chained by hash, append-only (spec M6)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from connexion_plugin.models import AdministrativeAct, Collaborator, Organization, RecordHead

NAME_LENGTH = 200


def append_act(
    *,
    organization: Organization,
    verb: AdministrativeAct.Verb,
    by: AbstractBaseUser | None,
    at: datetime | None = None,
    collaborator: Collaborator | None = None,
    successor: Collaborator | None = None,
    details: Mapping[str, Any] | None = None,
) -> AdministrativeAct:
    """Adds one act, in the caller's transaction: it stands or falls with what it tells of.

    `by` is None for a command or the worker. `details` hold numbers, dates, ids, names of fields and values of
    policies; never content, nor a person's name or address. Called last, since it holds the organization's
    record until the transaction ends.
    """
    with transaction.atomic():
        RecordHead.unscoped.bulk_create([RecordHead(organization=organization)], ignore_conflicts=True)
        head = RecordHead.unscoped.select_for_update().get(organization=organization)
        act = AdministrativeAct(
            organization=organization,
            number=head.last_number + 1,
            verb=verb,
            at=at or timezone.now(),
            by_key=str(by.pk) if by else "",
            by_name=_name_of(by) if by else "",
            collaborator=collaborator,
            successor=successor,
            details=dict(details or {}),
        )
        act.hash = digest(act, previous=bytes(head.last_hash))
        act.save(force_insert=True)
        head.last_number, head.last_hash = act.number, act.hash
        head.save(update_fields=["last_number", "last_hash"])
    return act


def digest(act: AdministrativeAct, *, previous: bytes) -> bytes:
    """SHA-256 over the previous act's hash and this act's opaque keys; names are not in it."""
    fields = {
        "organization": str(act.organization_id),
        "number": act.number,
        "verb": str(act.verb),
        "at": act.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": act.by_key,
        "collaborator": str(act.collaborator_id),
        "successor": str(act.successor_id),
        "details": act.details,
    }
    written = json.dumps(fields, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(previous + written.encode()).digest()


def disagreements() -> Iterator[str]:
    """Names every act that was edited, removed or inserted; nothing when the chains hold."""
    recorded = AdministrativeAct.unscoped.values("organization")
    headless = Organization.unscoped.filter(pk__in=recorded).exclude(
        pk__in=RecordHead.unscoped.values("organization")
    )
    for organization in headless:
        yield f"record of organization {organization.pk}: its head is missing"
    for head in RecordHead.unscoped.all():
        for fault in _faults_in_record(head):
            yield f"record of organization {head.organization_id}: {fault}"


def _faults_in_record(head: RecordHead) -> Iterator[str]:
    previous, expected = b"", 1
    acts = AdministrativeAct.unscoped.filter(organization=head.organization_id).order_by("number")
    for act in acts.iterator():
        if act.number != expected:
            yield f"act {expected} is missing"
            expected = act.number
        if bytes(act.hash) != digest(act, previous=previous):
            yield f"act {act.number} was changed, or one before it"
        previous = bytes(act.hash)
        expected += 1
    if expected - 1 != head.last_number or previous != bytes(head.last_hash):
        yield f"it ends at act {expected - 1}, its head says {head.last_number}"


def _name_of(user: AbstractBaseUser) -> str:
    full_name = getattr(user, "get_full_name", str)()
    return str(full_name or user.get_username())[:NAME_LENGTH]
