"""The history of a conversation as it is looked through: by kind, by person, in an order (spec A1)."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from connexion_plugin.access.abilities import ConversationAccess
from connexion_plugin.access.announcements import OF_ANY_NUMBER, corrections_since
from connexion_plugin.models import Activity, Conversation, Correction
from connexion_plugin.plain_text import folded

Verb = Activity.Verb
# What one may ask for. Whatever is in none of these is of the conversation itself.
KINDS: dict[str, Sequence[Verb]] = {
    "messages": (Verb.CREATED, Verb.POSTED, Verb.OPENED, Verb.WITHDRAWN, Verb.EXPIRED),
    "documents": (Verb.DOWNLOADED,),
    "people": (
        Verb.INVITED,
        Verb.JOINED,
        Verb.REMOVED,
        Verb.LEFT,
        Verb.RELEASED,
        Verb.READMITTED,
        Verb.REPLY_GIVEN,
        Verb.REPLY_TAKEN,
    ),
}
THE_CONVERSATION = "conversation"


def lines_of_kind(lines: QuerySet[Activity], kind: str) -> QuerySet[Activity]:
    """All of them for a kind that there is not."""
    if kind == THE_CONVERSATION:
        return lines.exclude(verb__in=[verb for verbs in KINDS.values() for verb in verbs])
    return lines.filter(verb__in=KINDS[kind]) if kind in KINDS else lines


def lines_about(
    lines: QuerySet[Activity],
    words: str,
    *,
    hides_others: bool = False,
    corrected_in: Conversation | None = None,
) -> QuerySet[Activity]:
    """Lines that name, on either side, an address with these characters in it; with `corrected_in`, those by or about a
    seat of that conversation that had such an address before it was corrected, too: the owner's to find.

    Where others are hidden, whom a line of any number is about is found no more than it is shown.
    """
    fragment = words.strip().lower()
    if not fragment:
        return lines
    by, about = Q(actor__persona__address__contains=fragment), Q(subject__persona__address__contains=fragment)
    if corrected_in is not None:
        mistaken = Correction.unscoped.filter(
            participation__conversation=corrected_in, persona__address__contains=fragment
        ).values("participation")
        by, about = by | Q(actor__in=mistaken), about | Q(subject__in=mistaken)
    if hides_others:
        about &= ~Q(verb__in=OF_ANY_NUMBER)
    return lines.filter(by | about)


def lines_in_order(
    lines: QuerySet[Activity], sort: str, *, descending: bool, nobody: str
) -> QuerySet[Activity]:
    """By `name`, by `verb` as the reader's language sorts its words, or by date: what was noted later, such as an
    expiry, bears the hour at which it was.

    `nobody` is what stands where no person acted, and sorts like a name.
    """
    sign = "-" if descending else ""
    if sort == "name":
        named = lines.annotate(sort_key=Coalesce(F("actor__persona__address"), Value(nobody.lower())))
        return named.order_by(f"{sign}sort_key", f"{sign}number")
    if sort == "verb":
        by_label = sorted(Verb, key=lambda verb: folded(str(verb.label)))
        rank = Case(
            *(When(verb=verb, then=Value(place)) for place, verb in enumerate(by_label)),
            output_field=IntegerField(),
        )
        return lines.annotate(sort_key=rank).order_by(f"{sign}sort_key", f"{sign}number")
    return lines.order_by(f"{sign}at", f"{sign}number")


def lines_with_names(wanted: Iterable[UUID], *, entry: ConversationAccess) -> list[Any]:
    """The lines of a page, of those that the person may read, in this order and with the seats that they name: whom
    each is about says `address_in`.

    A statement of its own: in one with the sorting, PostgreSQL would join all lines with four tables before it sorts
    them. Of 100,000 the first page took six times as long, the last five times.
    """
    keys = list(wanted)
    lines = Activity.unscoped.select_related("actor__persona", "subject__persona")
    found = _with_former_addresses(lines, entry).in_bulk(keys)
    return [found[key] for key in keys]


def _with_former_addresses(lines: QuerySet[Activity], entry: ConversationAccess) -> QuerySet[Activity]:
    """A line by or about a seat whose address was corrected since names the mistaken one, to the owner who typed it. To
    the others it names nobody: the mistaken address may be a stranger's, and the right one was not meant (spec A2, C9).
    """
    nothing = Value(None, CharField(null=True))
    this = Correction.unscoped.filter(participation=OuterRef("subject"), at=OuterRef("at"))
    return lines.annotate(
        actor_was_elsewhere=Exists(corrections_since("actor")),
        actor_then=_former(corrections_since("actor")) if entry.is_owner else nothing,
        was_elsewhere=Exists(corrections_since("subject")),
        address_then=_former(corrections_since("subject")) if entry.is_owner else nothing,
        mistaken=_former(this) if entry.is_owner else nothing,
    )


def _former(corrections: QuerySet[Correction]) -> Subquery:
    return Subquery(corrections.order_by("at").values("persona__address")[:1])


def actor_in(line: Any) -> str | None:
    """Who did what one of `lines_with_names` says, by the address that they had then: nothing where its reader may not
    know it any more, None where no person did it."""
    if line.actor is None:
        return None
    return (line.actor_then or "") if line.actor_was_elsewhere else str(line.actor.persona.address)


def address_in(line: Any) -> str:
    """Whom one of `lines_with_names` is about, by the address that they had then, as far as its reader may know it."""
    if line.subject is None:
        return ""
    return (line.address_then or "") if line.was_elsewhere else str(line.subject.persona.address)


def corrected_from(line: Any) -> str:
    """Of the line of a correction: the mistaken address; nothing to anybody but the owner, nor of any other line."""
    return (line.mistaken or "") if line.verb == Verb.CORRECTED else ""
