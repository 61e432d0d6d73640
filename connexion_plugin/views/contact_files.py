"""An address book from a file, and into one (spec B6)."""

from collections.abc import Callable, Sequence
from functools import wraps
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from connexion_plugin import access, formats
from connexion_plugin.access import AddressBook
from connexion_plugin.actions import contacts, importing_contacts
from connexion_plugin.actions.importing_contacts import Fate, Outcome
from connexion_plugin.contact_files import FileRefused, Line, as_csv, as_vcards, read
from connexion_plugin.contact_files.reading import MOST_BYTES, TOO_LARGE
from connexion_plugin.forms.contacts import ConfirmImportForm, ImportForm, packed
from connexion_plugin.views.address_book import book_context, book_url
from connexion_plugin.views.policy import Policy, door, sign_in_for_a_file

# Beyond this nothing of a body is read. A form around a file of the allowed size stays well below.
LONGEST_BODY_BYTES = 4 * MOST_BYTES

View = Callable[..., HttpResponse]


class HeldInMemory(FileUploadHandler):
    """Keeps the one file of a form in memory, cut one byte after what is allowed: names and notes of people do
    not touch the disk in clear (sealing.md), as Django's own handlers would let them."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._held = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._held.write(raw_data[: max(MOST_BYTES + 1 - self._held.tell(), 0)])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        size = self._held.tell()
        self._held.seek(0)
        return InMemoryUploadedFile(self._held, self.field_name, "contacts", None, size, None)


def in_memory(view: View) -> View:
    """Sets the handler before anything reads the body; only then can the CSRF token, which is in it, be checked."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY_BYTES:
            return _too_large(request, *args, **kwargs)
        request.upload_handlers = [HeldInMemory(request)]
        try:
            request.POST  # noqa: B018  a body that was cut is not taken for a missing token
        except UnreadablePostError:
            return HttpResponse(status=400)
        return csrf_protect(view)(request, *args, **kwargs)

    return answer


@door(Policy.SIGNED_IN, "GET", "POST")
@in_memory
def import_contacts(request: HttpRequest, collaborator_id: UUID) -> HttpResponse:
    """The file, then what would become of each of its lines; nothing is written before that is confirmed."""
    book = access.address_book_of(request.user, collaborator_id)
    if request.method == "POST" and "lines" in request.POST:
        return _confirmed(request, book)
    form = ImportForm(
        request.POST or None, request.FILES or None, initial={"language": get_language() or "fr"}
    )
    if request.method == "POST" and form.is_valid():
        try:
            lines = read(form.cleaned_data["file"].read())
            return _dry_run(request, book, lines, form.cleaned_data["language"])
        except FileRefused as refused:
            form.add_error("file", str(refused.sentence))
    return _file_page(request, book, form)


def _too_large(request: HttpRequest, collaborator_id: UUID) -> HttpResponse:
    """The same for a body that is not even read: neither what was chosen nor the token in it is known."""
    book = access.address_book_of(request.user, collaborator_id)
    form = ImportForm({"language": get_language() or "fr"})
    form.errors["file"] = form.error_class([str(TOO_LARGE)])
    return _file_page(request, book, form, status=413)


def _dry_run(request: HttpRequest, book: AddressBook, lines: Sequence[Line], language: str) -> HttpResponse:
    outcomes = importing_contacts.forecast(book=book, lines=lines, language=language)
    groups = [
        {"fate": fate.value, "rows": [_row(outcome) for outcome in outcomes if outcome.fate is fate]}
        for fate in (Fate.BAD, Fate.NEW, Fate.CHANGED, Fate.SAME)
    ]
    writes = [outcome.line for outcome in outcomes if outcome.fate in {Fate.NEW, Fate.CHANGED}]
    context = {
        **book_context(request, book),
        "groups": [group for group in groups if group["rows"]],
        "lines_count": len(lines),
        "writes_count": len(writes),
        "form": ConfirmImportForm(initial={"lines": packed(writes), "language": language}),
        "action_url": request.get_full_path(),
    }
    return render(request, "connexion_plugin/address_book/dry_run.html", context)


def _confirmed(request: HttpRequest, book: AddressBook) -> HttpResponse:
    form = ConfirmImportForm(request.POST)
    if not form.is_valid():
        empty = ImportForm(initial={"language": get_language() or "fr"})
        messages.error(request, _("The list did not arrive whole. Choose the file again."))
        return _file_page(request, book, empty, status=422)
    counts = importing_contacts.import_contacts(
        book=book, lines=form.cleaned_data["lines"], language=form.cleaned_data["language"]
    )
    new, changed = counts[Fate.NEW], counts[Fate.CHANGED]
    added = ngettext("%(count)s contact is added", "%(count)s contacts are added", new) % {
        "count": formats.number(new)
    }
    altered = ngettext("%(count)s is changed.", "%(count)s are changed.", changed) % {
        "count": formats.number(changed)
    }
    messages.success(request, f"{added}, {altered}")
    return redirect(book_url(book))


def _file_page(
    request: HttpRequest, book: AddressBook, form: ImportForm, status: int | None = None
) -> HttpResponse:
    context = {**book_context(request, book), "form": form, "action_url": request.get_full_path()}
    status = status or (422 if form.errors else 200)
    return render(request, "connexion_plugin/address_book/import.html", context, status=status)


def _row(outcome: Outcome) -> dict[str, Any]:
    """What the page shows of a line: what would stand in the book, or what the file says."""
    said = outcome.entry or outcome.line
    return {
        "number": outcome.line.number,
        "address": said.address,
        "name": said.name,
        "reason": outcome.reason,
    }


@door(Policy.SIGNED_IN, "GET", signed_out=sign_in_for_a_file)
def export_contacts(request: HttpRequest, collaborator_id: UUID, kind: str) -> HttpResponse:
    """The whole book, as a spreadsheet opens it or as a telephone reads it."""
    book = access.address_book_of(request.user, collaborator_id)
    if kind not in {"csv", "vcf"}:
        raise Http404
    entries = contacts.entries_of(access.contacts_of(book))
    rows = [(entry.name, entry.address, entry.language, entry.note) for entry in entries]
    if kind == "csv":
        heads = [_("Name"), _("E-mail"), _("Language"), pgettext("contact", "Note")]
        delimiter = ";" if get_language() == "fr" else ","
        content, content_type = as_csv(rows, heads=heads, delimiter=delimiter), "text/csv; charset=utf-8"
    else:
        content, content_type = as_vcards(rows), "text/vcard; charset=utf-8"
    response = HttpResponse(content, content_type=content_type)
    name = _("address-book-%(day)s") % {"day": timezone.localdate().isoformat()} + f".{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
