"""CSV as Excel, Outlook, Google and others write it: comma, semicolon or tab, in French or in English."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from connexion_plugin.contact_files.lines import (
    Line,
    address_in,
    begins_formula,
    language_in,
    one_line,
    paragraphs,
)

# By what heads a column, without case, accents and punctuation. The first that a file has is taken.
HEADS = {
    "address": (
        *("e mail", "email", "courriel", "adresse courriel", "adresse de courriel", "e mail address"),
        *("email address", "adresse de messagerie", "adresse e mail", "adresse electronique"),
        *("e mail 1 value", "primary email", "premiere adresse electronique", "mail", "address", "adresse"),
    ),
    "name": (
        "name",
        "nom complet",
        "full name",
        "display name",
        "nom affiche",
        "nom a afficher",
        "contact",
        "nom",
    ),
    "given": ("given name", "first name", "prenom"),
    "family": ("family name", "last name", "surname", "nom de famille", "nom"),
    "language": ("language", "langue"),
    "note": ("note", "notes", "remarque", "remarques", "commentaires", "comments"),
}
UNREADABLE = "\ufffd"  # what a decoder writes for bytes that are no character
Row = tuple[int, list[str]]
DELIMITERS = ";,\t"
LOOKED_AT = 20  # rows, for the first that says something
_SEPARATOR_LINE = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)


class NoAddressColumn(ValueError):
    """No head names an address, and no cell of the first line is one."""


def read(text: str) -> Iterator[Line]:
    """Its contacts; empty lines are none. Raises NoAddressColumn."""
    delimiter, text = _delimiter_of(text)
    rows: Iterator[Row] = (row for row in _rows_of(text, delimiter) if any(cell.strip() for cell in row[1]))
    number, first = next(rows, (1, []))
    columns = _columns_by_head(first)
    if first and "address" not in columns:
        second = next(rows, None)
        rows = chain([] if second is None else [second], rows)
        at = None if second is None or _at_sign_in(first) is not None else _at_sign_in(second[1])
        if at is not None:  # under a head that we do not know
            columns = {**{name: place for name, place in columns.items() if place != at}, "address": at}
        else:
            rows = chain([(number, first)], rows)
            columns = _columns_by_content(first)
    return (_line(number, row, columns) for number, row in rows)


def _rows_of(text: str, delimiter: str) -> Iterator[Row]:
    """Each row with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell that is longer than any name or note
            yield number, [UNREADABLE]


def _line(number: int, row: Sequence[str], columns: dict[str, int]) -> Line:
    cells = {name: _unguarded(row[at]) if at < len(row) else "" for name, at in columns.items()}
    name = cells.get("name", "")
    if "given" in cells:
        name = f"{cells['given']} {cells.get('family') or name}"
    written, address = address_in(cells["address"])
    return Line(
        number=number,
        address=address,
        name=one_line(name) or written,
        language=language_in(cells.get("language", "")),
        note=paragraphs(cells.get("note", "")),
        is_readable=UNREADABLE not in "".join(row),
    )


def _unguarded(cell: str) -> str:
    """Without the apostrophe that our own export sets before what a spreadsheet would compute."""
    return cell[1:] if cell[:1] == "'" and begins_formula(cell) else cell


def _delimiter_of(text: str) -> tuple[str, str]:
    """What parts the cells: Excel may say it in a line of its own; else what the first line holds most, of those
    that leave an address column (`Nom, prénom, titre;Courriel`)."""
    if found := _SEPARATOR_LINE.match(text):
        return found[1], text[found.end() :]
    head = text.lstrip().partition("\n")[0]
    most_first = sorted(DELIMITERS, key=head.count, reverse=True)
    return next((one for one in most_first if _leaves_addresses(text, one)), most_first[0]), text


def _leaves_addresses(text: str, delimiter: str) -> bool:
    beginning = islice(_rows_of(text.lstrip("\r\n"), delimiter), LOOKED_AT)
    first = next((row for _number, row in beginning if any(cell.strip() for cell in row)), [])
    alone = ("@" in cell and not any(other in cell for other in DELIMITERS) for cell in first)
    return "address" in _columns_by_head(first) or any(alone)


def _columns_by_head(row: Sequence[str]) -> dict[str, int]:
    heads = [_plain(cell) for cell in row]
    return {
        name: next(heads.index(wanted) for wanted in known if wanted in heads)
        for name, known in HEADS.items()
        if any(wanted in heads for wanted in known)
    }


def _columns_by_content(row: Sequence[str]) -> dict[str, int]:
    """A file without heads: the cell with an @ is the address, the first other one the name."""
    at = _at_sign_in(row)
    if at is None:
        raise NoAddressColumn
    others = [index for index in range(len(row)) if index != at]
    return {"address": at, **({"name": others[0]} if others else {})}


def _at_sign_in(row: Sequence[str]) -> int | None:
    return next((index for index, cell in enumerate(row) if "@" in cell), None)


def _plain(head: str) -> str:
    decomposed = unicodedata.normalize("NFKD", head.casefold())
    kept = "".join(
        character if character.isalnum() else " "
        for character in decomposed
        if not unicodedata.combining(character)
    )
    return " ".join(kept.split())
