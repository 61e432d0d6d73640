"""The address book at hand where people are named: inviting, and starting a conversation (spec B6)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse

from connexion_plugin import access
from connexion_plugin.access import AddressBook
from connexion_plugin.actions import contacts
from connexion_plugin.actions.contacts import Entry
from connexion_plugin.forms.contacts import FromAddressBook
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.words import words_asked

SUGGESTIONS = 20
OFFERED_AT_FIRST = 300  # in the page itself; a larger book is asked while one types


@door(Policy.SIGNED_IN, "GET")
def contact_suggestions(request: HttpRequest, collaborator_id: UUID | None = None) -> JsonResponse:
    """What the person's address books, or one of them, have for a part of a name or an address."""
    words = words_asked(request, "q", longest=100)
    found: list[str] = []
    for book in _books(request, collaborator_id) if words else []:
        rows = contacts.find(book, words)[:SUGGESTIONS]
        found += [suggestion(entry) for entry in contacts.entries_of(rows)]
    return JsonResponse({"suggestions": list(dict.fromkeys(found))[:SUGGESTIONS]})


def offered(request: HttpRequest, collaborator_id: UUID | None = None) -> list[Entry]:
    """What the form's own list holds; nothing for whoever is not enrolled there any more."""
    try:
        books = _books(request, collaborator_id)
    except Http404:
        return []
    rows = [row for book in books for row in access.contacts_of(book)[:OFFERED_AT_FIRST]]
    return contacts.entries_of(rows[:OFFERED_AT_FIRST])


def suggestions_context(form: FromAddressBook, collaborator_id: UUID | None = None) -> dict[str, Any]:
    """What `address_book/suggestions.html` needs; tells the form's field where to ask."""
    if "contact" in form.fields:
        arguments = [collaborator_id] if collaborator_id else []
        url = reverse("connexion:contact_suggestions", args=arguments)
        form.fields["contact"].widget.attrs["data-suggestions-url"] = url
    return {"suggestions": list(dict.fromkeys(suggestion(entry) for entry in form.contacts))}


def languages_of(request: HttpRequest, collaborator_id: UUID, addresses: Sequence[str]) -> dict[str, str]:
    """The languages in which the address book says that these are written to."""
    try:
        book = access.address_book_of(request.user, collaborator_id)
    except Http404:
        return {}
    return contacts.languages_of(book, addresses)


def chosen_addresses(request: HttpRequest) -> str:
    """The contacts that were ticked in the address book before one came here, one a line."""
    try:
        book = access.address_book_of(request.user, UUID(request.GET.get("book", "")))
        ids = [UUID(key) for key in request.GET.getlist("contact")[:OFFERED_AT_FIRST]]
    except (Http404, ValueError):
        return ""
    chosen = access.contacts_of(book).filter(pk__in=ids)
    return "\n".join(suggestion(entry) for entry in contacts.entries_of(chosen))


def suggestion(entry: Entry) -> str:
    """As mail programs write it, and as the box of addresses reads it."""
    name = " ".join(entry.name.translate(str.maketrans('<>,;"', "     ")).split())
    return f"{name} <{entry.address}>" if name else entry.address


def _books(request: HttpRequest, collaborator_id: UUID | None) -> list[AddressBook]:
    if collaborator_id is not None:
        return [access.address_book_of(request.user, collaborator_id)]
    first = access.address_book_of(request.user)
    return [AddressBook(row, first.holder_id, first.enrolments) for row in first.enrolments]
