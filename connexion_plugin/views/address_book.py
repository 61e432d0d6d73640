"""*Carnet d'adresses*: the contacts of a collaborator, in each of their enrolments (spec B6)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from connexion_plugin import access, formats
from connexion_plugin.access import AddressBook
from connexion_plugin.actions import contacts
from connexion_plugin.exceptions import ContactGone, Refused
from connexion_plugin.forms.contacts import ContactForm
from connexion_plugin.models import Contact
from connexion_plugin.plain_text import shortened
from connexion_plugin.views.deletions import Deletions
from connexion_plugin.views.inbox_tabs import tabs_context
from connexion_plugin.views.pages import foot_of
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.words import words_asked

CONTACTS_A_PAGE = 50
ADDRESS_CHARACTERS = 32
DELETED = "connexion_deleted_contacts"  # in the session (`Deletions`)


@door(Policy.SIGNED_IN, "GET")
def address_book(request: HttpRequest, collaborator_id: UUID | None = None) -> HttpResponse:
    """The contacts by address, a page at a time; or those that a search finds."""
    book = access.address_book_of(request.user, collaborator_id)
    words = words_asked(request, "q", longest=100)
    found = contacts.find(book, words) if words else access.contacts_of(book)
    page = Paginator(found, CONTACTS_A_PAGE).get_page(request.GET.get("page"))
    here = book_url(book)
    kept = {"q": words} if words else {}
    context = {
        **book_context(request, book),
        "rows": _rows(request, book, list(page.object_list)),
        "page": foot_of(page, lambda number: f"{here}?{urlencode({**kept, 'page': number})}"),
        "words": words,
        "found_count": page.paginator.count,
        "is_empty": not words and page.paginator.count == 0,
        "undo": _deletions(request, book).offered(_here(request, _url(book, "restore_contacts"))),
        "write_to_contacts": _url(book, "write_to_contacts"),
        **{name: _here(request, _url(book, name)) for name in ("add_contact", "delete_contacts")},
        "import_url": _url(book, "import_contacts"),
        "csv_url": _url(book, "export_contacts", kind="csv"),
        "vcard_url": _url(book, "export_contacts", kind="vcf"),
    }
    return render(request, "connexion_plugin/address_book/address_book.html", context)


@door(Policy.SIGNED_IN, "GET", "POST")
def add_contact(request: HttpRequest, collaborator_id: UUID) -> HttpResponse:
    book = access.address_book_of(request.user, collaborator_id)
    form = ContactForm(request.POST or None, initial={"language": get_language() or "fr"})
    if request.method == "POST" and form.is_valid():
        try:
            contacts.add_contact(book=book, entry=form.entry)
        except Refused as reason:
            form.add_error("address", str(reason.sentence))
        else:
            messages.success(
                request, _("%(address)s is in your address book.") % {"address": form.entry.address}
            )
            return redirect(_here(request, book_url(book)))
    return _form_page(request, book, form)


@door(Policy.SIGNED_IN, "GET", "POST")
def change_contact(request: HttpRequest, collaborator_id: UUID, contact_id: UUID) -> HttpResponse:
    book = access.address_book_of(request.user, collaborator_id)
    contact = access.contact_in(book, contact_id)
    if contact is None:
        if request.method == "POST":
            return _vanished(request, book)
        raise Http404
    entry = contacts.readable_entry(contact)
    initial = {"address": entry.address, "name": entry.name, "language": entry.language, "note": entry.note}
    form = ContactForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            contacts.change_contact(contact=contact, entry=form.entry)
        except ContactGone:  # at this very moment
            return _vanished(request, book)
        except Refused as reason:
            form.add_error("address", str(reason.sentence))
        else:
            messages.success(request, _("%(address)s is changed.") % {"address": form.entry.address})
            return redirect(_here(request, book_url(book)))
    return _form_page(request, book, form, contact)


@door(Policy.SIGNED_IN, "POST")
def delete_contacts(request: HttpRequest, collaborator_id: UUID) -> HttpResponse:
    """The chosen ones; each of the last deletions can be undone by itself, for a day."""
    book = access.address_book_of(request.user, collaborator_id)
    chosen = _selection(request)
    deleted = contacts.delete_contacts(book=book, ids=chosen)
    if deleted:
        _deletions(request, book).keep(deleted)  # the page says so, beside the undo
    if not chosen:
        messages.info(request, _("No contact was selected. Tick the boxes of those that you mean."))
    elif vanished := len(chosen) - len(deleted):
        text = ngettext(
            "%(count)s contact that you had selected was in this address book no longer.",
            "%(count)s contacts that you had selected were in this address book no longer.",
            vanished,
        )
        messages.info(request, text % {"count": vanished})
    return redirect(_here(request, book_url(book)))


@door(Policy.SIGNED_IN, "POST")
def restore_contacts(request: HttpRequest, collaborator_id: UUID) -> HttpResponse:
    book = access.address_book_of(request.user, collaborator_id)
    restored = _deletions(request, book).undo(lambda ids: contacts.restore_contacts(book=book, ids=ids))
    if restored:
        text = ngettext("%(count)s contact is back.", "%(count)s contacts are back.", restored)
        messages.success(request, text % {"count": formats.number(restored)})
    elif restored is not None:
        messages.info(request, _("There was nothing left to bring back."))
    return redirect(_here(request, book_url(book)))


@door(Policy.SIGNED_IN, "POST")
def write_to_contacts(request: HttpRequest, collaborator_id: UUID) -> HttpResponse:
    """A conversation that begins with the chosen ones; its form can still be changed."""
    book = access.address_book_of(request.user, collaborator_id)
    chosen = _selection(request)
    if not chosen:
        messages.info(request, _("No contact was selected. Tick the boxes of those that you mean."))
        return redirect(book_url(book))
    query = urlencode(
        {"book": str(book.collaborator.pk), "contact": [str(key) for key in chosen]}, doseq=True
    )
    return redirect(f"{reverse('connexion:start_conversation')}?{query}")


def book_url(book: AddressBook) -> str:
    return _url(book, "address_book")


def book_context(request: HttpRequest, book: AddressBook) -> dict[str, Any]:
    """What every page of the address book needs: the inboxes' tabs, and whose book it is."""
    return {
        **tabs_context(access.tabs_of(request.user), None),
        "may_start": True,
        "is_address_book": True,
        "book_address": book.collaborator.address,
        "organization_name": book.collaborator.organization.name,
        "book_url": book_url(book),
        "books": [
            {
                "address": enrolment.address,
                "organization": enrolment.organization.name,
                "url": reverse("connexion:address_book", args=[enrolment.pk]),
                "is_current": enrolment.pk == book.collaborator.pk,
            }
            for enrolment in book.enrolments
        ],
    }


def _url(book: AddressBook, name: str, **more: Any) -> str:
    return reverse(f"connexion:{name}", kwargs={"collaborator_id": book.collaborator.pk, **more})


def _here(request: HttpRequest, url: str) -> str:
    """With the page of the book that one looks at, and the words: one comes back to them."""
    kept = {name: request.GET[name] for name in ("q", "page") if request.GET.get(name)}
    return f"{url}?{urlencode(kept)}" if kept else url


def _rows(request: HttpRequest, book: AddressBook, found: Sequence[Contact]) -> list[dict[str, Any]]:
    return [
        {
            "id": contact.pk,
            "address": entry.address,
            "short_address": shortened(entry.address, ADDRESS_CHARACTERS),
            "name": entry.name,
            "note": entry.note,
            "language_label": contact.get_language_display(),
            "url": _here(request, _url(book, "change_contact", contact_id=contact.pk)),
        }
        for contact, entry in zip(found, contacts.entries_of(found), strict=True)
    ]


def _vanished(request: HttpRequest, book: AddressBook) -> HttpResponse:
    """For a contact that is not in the book when it is saved: what was typed, in the form of a new one."""
    form = ContactForm(request.POST)
    form.add_error(None, str(ContactGone.sentence))
    return _form_page(request, book, form, action_url=_here(request, _url(book, "add_contact")), status=409)


def _form_page(
    request: HttpRequest,
    book: AddressBook,
    form: ContactForm,
    contact: Contact | None = None,
    *,
    action_url: str = "",
    status: int = 0,
) -> HttpResponse:
    context = {
        **book_context(request, book),
        "form": form,
        "contact_id": contact.pk if contact else None,
        "back_url": _here(request, book_url(book)),
        "delete_contacts": _here(request, _url(book, "delete_contacts")),
        "action_url": action_url or request.get_full_path(),
    }
    status = status or (422 if form.errors else 200)
    return render(request, "connexion_plugin/address_book/contact.html", context, status=status)


def _deletions(request: HttpRequest, book: AddressBook) -> Deletions:
    return Deletions(request, DELETED, book.collaborator.pk, seconds=contacts.FORGOTTEN_AFTER.total_seconds())


def _selection(request: HttpRequest) -> list[UUID]:
    found = []
    for value in dict.fromkeys(request.POST.getlist("selection")[:CONTACTS_A_PAGE]):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
