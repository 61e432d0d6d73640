"""Whose address book: the person's who wrote it, in the enrolment in which they wrote it (spec B6)."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from connexion_plugin.access.abilities import Person
from connexion_plugin.access.administration import active_enrolments
from connexion_plugin.models import Collaborator, Contact


@dataclass(frozen=True)
class AddressBook:
    """One person's address book in one enrolment; `enrolments` are all that they could have one in."""

    collaborator: Collaborator
    holder_id: int
    enrolments: tuple[Collaborator, ...]


def address_book_of(user: Person, collaborator_id: UUID | None = None) -> AddressBook:
    """The book of this enrolment, or of the person's first. Raises Http404 for whoever is not enrolled there."""
    enrolments = active_enrolments(user)
    for enrolment in enrolments:
        if collaborator_id in {None, enrolment.pk}:
            assert user.pk is not None
            return AddressBook(enrolment, user.pk, tuple(enrolments))
    raise Http404


def contacts_of(book: AddressBook) -> QuerySet[Contact]:
    """In the order of their addresses, which the constraint `contact_once_a_book` keeps."""
    return Contact.unscoped.filter(
        collaborator=book.collaborator, holder=book.holder_id, deleted_at=None
    ).order_by("address")


def contact_in(book: AddressBook, contact_id: UUID) -> Contact | None:
    """One contact of one's own; None for what is not in the book, or no longer."""
    return contacts_of(book).filter(pk=contact_id).first()
