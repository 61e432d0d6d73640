"""What a file of contacts says, line by line; nothing in it is trusted."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connexion_plugin.contact_files import spreadsheets, vcards
from connexion_plugin.contact_files.lines import Line, is_utf_8
from connexion_plugin.exceptions import ConnexionError

MOST_BYTES = 5 * 1024 * 1024  # vCards carry pictures
MOST_LINES = 10_000  # as many as a book may hold, so that what was exported comes back
TOO_LARGE = _("This file is larger than 5 MB. Divide it, or export it without pictures.")
_FOLD = re.compile(rb"\r?\n[ \t]")

__all__ = ["MOST_BYTES", "MOST_LINES", "FileRefused", "Line", "read"]


@dataclass
class FileRefused(ConnexionError):
    """The file as a whole cannot be read; `sentence` says why and what to do."""

    sentence: str | Promise = field()


def read(content: bytes) -> list[Line]:
    """The contacts of a CSV or vCard file, in its order, bad ones included. Raises FileRefused."""
    if len(content) > MOST_BYTES:
        raise FileRefused(TOO_LARGE)
    lines = list(_bounded(_lines_of(text_of(content))))
    if not lines:
        raise FileRefused(_("There is no contact in this file."))
    return lines


def text_of(content: bytes) -> str:
    """As spreadsheets and telephones write it: UTF-8 with or without its mark, UTF-16 with it, Windows' own
    Western characters, or the first and the last in one file. Raises FileRefused for what is no text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        text = _western(content.removeprefix(codecs.BOM_UTF8))
    if any(unicodedata.category(character) == "Cc" and character not in "\t\r\n" for character in text):
        raise FileRefused(_("This is neither a CSV nor a vCard file."))
    return text


def _western(content: bytes) -> str:
    """UTF-8; in a file that was put together from several, the lines that are none as Windows' own."""
    if vcards.are_in(content[:64].decode("ascii", errors="replace")) and not is_utf_8(content):
        content = _FOLD.sub(b"", content)  # which may lie within a character (RFC 6350, 3.2)
    if is_utf_8(content):
        return content.decode()
    lines = content.splitlines(keepends=True)
    return "".join(
        line.decode() if is_utf_8(line) else line.decode("cp1252", errors="replace") for line in lines
    )


def _lines_of(text: str) -> Iterator[Line]:
    if vcards.are_in(text):
        return vcards.read(text)
    try:
        return spreadsheets.read(text)
    except spreadsheets.NoAddressColumn as error:
        raise FileRefused(
            _("No column of this file holds e-mail addresses. Name one “E-mail” in its first line.")
        ) from error


def _bounded(lines: Iterator[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines):
        if number >= MOST_LINES:
            raise FileRefused(_("A file may hold at most 10,000 contacts. Divide it."))
        yield line
