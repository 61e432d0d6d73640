"""A file of contacts into an address book: first what would become of each line, then the act (spec B6)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connexion_plugin import personas
from connexion_plugin.access import AddressBook, contacts_of
from connexion_plugin.actions.contacts import (
    MOST_CONTACTS,
    NAME_LIMIT_CHARACTERS,
    NOTE_LIMIT_CHARACTERS,
    WRITTEN,
    Entry,
    readable_entry,
    rewrite,
    sealed,
)
from connexion_plugin.contact_files import Line
from connexion_plugin.models import Contact
from connexion_plugin.sealing.secrets import SecretKey, secret_key

ROWS_AT_ONCE = 500


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    BAD = "bad"


@dataclass(frozen=True)
class Outcome:
    """One line with its fate: why it is bad, or what would be written, and over which contact."""

    line: Line
    fate: Fate
    reason: str | Promise = ""
    entry: Entry | None = field(default=None, repr=False)
    contact: Contact | None = None


def forecast(*, book: AddressBook, lines: Sequence[Line], language: str) -> list[Outcome]:
    """What importing these lines would do, a fate each; writes nothing. One statement.

    `language` is for new contacts of which the file does not say it.
    """
    known = {contact.address: contact for contact in contacts_of(book)}
    key = secret_key()
    room = MOST_CONTACTS - len(known)
    seen: set[str] = set()
    outcomes = []
    for line in lines:
        address = personas.normalise(line.address)
        reason = _fault_of(line, address, seen)
        seen.add(address)
        outcome = Outcome(line, Fate.BAD, reason)
        if not reason:
            outcome = _compare(line, known.get(address), language, key)
        if outcome.fate is Fate.NEW:
            room -= 1
            if room < 0:
                outcome = Outcome(line, Fate.BAD, _("The address book is full."))
        outcomes.append(outcome)
    return outcomes


def import_contacts(*, book: AddressBook, lines: Sequence[Line], language: str) -> Counter[Fate]:
    """Writes what `forecast` says of these lines now; how many met which fate.

    One transaction. Contacts that the file does not name stay as they are.
    """
    with transaction.atomic():
        outcomes = forecast(book=book, lines=lines, language=language)
        key = secret_key()
        fresh, altered = [], []
        for outcome in outcomes:
            if outcome.entry is None:
                continue
            if outcome.contact is None:
                fresh.append(sealed(book, outcome.entry, key))
            else:
                rewrite(outcome.contact, outcome.entry, key)
                altered.append(outcome.contact)
        Contact.unscoped.bulk_create(fresh, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
        Contact.unscoped.bulk_update(altered, WRITTEN, batch_size=ROWS_AT_ONCE)
    return Counter(outcome.fate for outcome in outcomes)


def _fault_of(line: Line, address: str, seen: set[str]) -> str | Promise:
    faults: list[tuple[bool, str | Promise]] = [
        (not line.is_readable, _("This line cannot be read.")),
        (not line.address, _("It has no e-mail address.")),
        (not personas.is_address(line.address), _("This is not an e-mail address.")),
        (address in seen, _("The address stands further up in the file already.")),
        (len(line.name) > NAME_LIMIT_CHARACTERS, _("The name is longer than 120 characters.")),
        (len(line.note) > NOTE_LIMIT_CHARACTERS, _("The note is longer than 1,000 characters.")),
    ]
    return next((reason for is_so, reason in faults if is_so), "")


def _compare(line: Line, contact: Contact | None, language: str, key: SecretKey) -> Outcome:
    """An empty cell leaves what stands."""
    said = {
        name: value
        for name, value in (("name", line.name), ("language", line.language), ("note", line.note))
        if value
    }
    if contact is None:
        entry = Entry(personas.normalise(line.address), **{"language": language, **said})
        return Outcome(line, Fate.NEW, entry=entry)
    before = readable_entry(contact, key)
    after = replace(before, **said)
    if after == before:
        return Outcome(line, Fate.SAME)
    return Outcome(line, Fate.CHANGED, entry=after, contact=contact)
