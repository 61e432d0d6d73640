"""An address book written for others to read: a spreadsheet, a telephone."""

import csv
import io
from collections.abc import Iterable, Sequence

import vobject

from connexion_plugin.contact_files.lines import begins_formula

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


def as_csv(rows: Iterable[Sequence[str]], *, heads: Sequence[str], delimiter: str) -> bytes:
    """A spreadsheet: heads, then a row each. French Excel parts cells by a semicolon, English by a comma."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_as_text(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def as_vcards(rows: Iterable[Sequence[str]]) -> bytes:
    """One vCard 3.0 a row of (name, address, language, note): what every telephone and mail program reads."""
    return "".join(_card(*row) for row in rows).encode()


def _card(name: str, address: str, language: str, note: str) -> str:
    card = vobject.vCard()
    card.add("fn").value = name or address
    given, _, family = name.rpartition(" ")
    card.add("n").value = vobject.vcard.Name(family=family, given=given)
    card.add("email").value = address
    card.add("lang").value = language
    if note:
        card.add("note").value = note
    text: str = card.serialize()
    return text


def _as_text(cell: str) -> str:
    return f"'{cell}" if begins_formula(cell) else cell
