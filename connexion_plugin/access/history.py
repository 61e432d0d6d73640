"""The history of a conversation as it is looked through: by kind, by person, in an order (spec A1)."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from connexion_plugin.access.announcements import OF_ANY_NUMBER
from connexion_plugin.models import Activity

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


def lines_about(lines: QuerySet[Activity], words: str, *, hides_others: bool = False) -> QuerySet[Activity]:
    """Lines that name, on either side, an address with these characters in it.

    Where others are hidden, whom a line of any number is about is found no more than it is shown.
    """
    fragment = words.strip().lower()
    if not fragment:
        return lines
    about = Q(subject__persona__address__contains=fragment)
    if hides_others:
        about &= ~Q(verb__in=OF_ANY_NUMBER)
    return lines.filter(Q(actor__persona__address__contains=fragment) | about)


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
        by_label = sorted(Verb, key=lambda verb: str(verb.label).casefold())
        rank = Case(
            *(When(verb=verb, then=Value(place)) for place, verb in enumerate(by_label)),
            output_field=IntegerField(),
        )
        return lines.annotate(sort_key=rank).order_by(f"{sign}sort_key", f"{sign}number")
    return lines.order_by(f"{sign}at", f"{sign}number")


def lines_with_names(wanted: Iterable[UUID]) -> list[Activity]:
    """The lines of a page, of those that the person may read, in this order and with the seats that they name.

    A statement of its own: in one with the sorting, PostgreSQL would join all lines with four tables before it sorts
    them. Of 100,000 the first page took six times as long, the last five times.
    """
    keys = list(wanted)
    found = Activity.unscoped.select_related("actor__persona", "subject__persona").in_bulk(keys)
    return [found[key] for key in keys]
