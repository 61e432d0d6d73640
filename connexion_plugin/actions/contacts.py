"""The address book: added, changed, deleted, brought back, found (spec B6)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from connexion_plugin import exceptions, personas
from connexion_plugin.access import AddressBook, contacts_of
from connexion_plugin.models import Collaborator, Contact
from connexion_plugin.plain_text import folded
from connexion_plugin.sealing import records
from connexion_plugin.sealing.secrets import SecretKey, secret_key

MOST_CONTACTS = 10_000
NAME_LIMIT_CHARACTERS = 120
NOTE_LIMIT_CHARACTERS = 1_000
FORGOTTEN_AFTER = timedelta(days=1)  # until then a deletion can be undone


@dataclass(frozen=True)
class Entry:
    """What is written of a contact: its address as stored, the language of its notices, a name and a note."""

    address: str
    language: str
    name: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


def add_contact(*, book: AddressBook, entry: Entry) -> Contact:
    """One transaction. Raises ContactExists, AddressBookFull."""
    try:
        with transaction.atomic():
            if contacts_of(book).count() >= MOST_CONTACTS:
                raise exceptions.AddressBookFull
            contact = sealed(book, entry)
            contact.save(force_insert=True)
            return contact
    except IntegrityError as error:  # the constraint `contact_once_a_book`
        raise exceptions.ContactExists from error


def change_contact(*, contact: Contact, entry: Entry) -> None:
    """One statement. Raises ContactExists when another contact has the address, ContactGone when it was deleted."""
    rewrite(contact, entry)
    written = {name: getattr(contact, name) for name in WRITTEN}
    try:
        with transaction.atomic():
            if not Contact.unscoped.filter(pk=contact.pk, deleted_at=None).update(**written):
                raise exceptions.ContactGone
    except IntegrityError as error:
        raise exceptions.ContactExists from error


def delete_contacts(*, book: AddressBook, ids: Sequence[UUID]) -> list[UUID]:
    """Takes them out of the book; which ones, for `restore_contacts`. What vanished meanwhile is not in it."""
    with transaction.atomic():
        found = list(contacts_of(book).filter(pk__in=ids).values_list("pk", flat=True))
        Contact.unscoped.filter(pk__in=found).update(deleted_at=timezone.now())
    return found


def restore_contacts(*, book: AddressBook, ids: Sequence[UUID]) -> int:
    """Brings back what was deleted and not forgotten yet; an address that was added anew keeps its new line."""
    gone = Contact.unscoped.filter(
        collaborator=book.collaborator, holder=book.holder_id, pk__in=ids, deleted_at__isnull=False
    )
    try:
        with transaction.atomic():
            living = contacts_of(book).filter(address__in=list(gone.values_list("address", flat=True)))
            again = list(living.values_list("address", flat=True))
            return gone.exclude(address__in=again).update(deleted_at=None)
    except IntegrityError:  # added anew at this very moment
        return 0


def forget_deleted(now: datetime | None = None) -> int:
    """Erases what was deleted a day ago, and the books of enrolments that were deleted. For the worker."""
    before = (now or timezone.now()) - FORGOTTEN_AFTER
    gone = Q(deleted_at__lte=before) | Q(collaborator__status=Collaborator.Status.DELETED)
    return Contact.unscoped.filter(gone).delete()[0]


def entries_of(contacts: Iterable[Contact]) -> list[Entry]:
    """What is written of these contacts, unsealed; of one that was altered, what stands in clear: it shuts no book."""
    key = secret_key()
    return [readable_entry(contact, key) for contact in contacts]


def find(book: AddressBook, words: str) -> list[Contact]:
    """Contacts in whose name or address every word occurs, accents aside; in the order of the book.

    Names are unsealed in memory, of at most 10,000 contacts; nothing searchable is stored.
    """
    wanted, key = folded(words).split(), secret_key()
    return [
        contact
        for contact in contacts_of(book)
        if wanted
        and all(word in folded(f"{readable_entry(contact, key).name} {contact.address}") for word in wanted)
    ]


def languages_of(book: AddressBook, addresses: Sequence[str]) -> dict[str, str]:
    """In which language the address book says these are to be written to; for those it knows."""
    return dict(contacts_of(book).filter(address__in=addresses).values_list("address", "language"))


# Sealing. By the standing key: no day ends a contact, only its deletion (docs/decisions.md). Whoever reads or
# writes many gives the key along.

WRITTEN = ["address", "language", "details_sealed", "changed_at"]


def sealed(book: AddressBook, entry: Entry, key: SecretKey | None = None) -> Contact:
    """A new row, not saved."""
    contact = Contact(id=uuid4(), collaborator=book.collaborator, holder_id=book.holder_id)
    rewrite(contact, entry, key)
    return contact


def rewrite(contact: Contact, entry: Entry, key: SecretKey | None = None) -> None:
    """The row says what the entry says; not saved."""
    contact.address, contact.language = personas.normalise(entry.address), entry.language
    details = json.dumps({"name": entry.name, "note": entry.note}, ensure_ascii=False)
    contact.details_sealed = (key or secret_key()).seal(details, context=_context(contact))
    contact.changed_at = timezone.now()


def read_entry(contact: Contact, key: SecretKey | None = None) -> Entry:
    """What is written of the contact. Raises Tampered."""
    plain = (key or secret_key()).unseal(contact.details_sealed, context=_context(contact))
    details = json.loads(plain)
    return Entry(contact.address, contact.language, details["name"], details["note"])


def readable_entry(contact: Contact, key: SecretKey | None = None) -> Entry:
    """The same, without name and note where they were altered, which the log has."""
    try:
        return read_entry(contact, key)
    except exceptions.Tampered:
        return Entry(contact.address, contact.language)


def _context(contact: Contact) -> bytes:
    # Whose it is, too: a row that is given to another holder does not open (I3).
    return records.context(
        "contact", contact.pk, contact.collaborator_id, field=f"details of {contact.holder_id}"
    )
