"""What a file of contacts says, line by line; nothing in it is trusted."""

import codecs
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connexion_plugin.contact_files import spreadsheets, vcards
from connexion_plugin.contact_files.lines import Line
from connexion_plugin.exceptions import ConnexionError

MOST_BYTES = 5 * 1024 * 1024  # vCards carry pictures
MOST_LINES = 5_000

__all__ = ["MOST_BYTES", "MOST_LINES", "FileRefused", "Line", "read"]


@dataclass
class FileRefused(ConnexionError):
    """The file as a whole cannot be read; `sentence` says why and what to do."""

    sentence: str | Promise = field()


def read(content: bytes) -> list[Line]:
    """The contacts of a CSV or vCard file, in its order, bad ones included. Raises FileRefused."""
    if len(content) > MOST_BYTES:
        raise FileRefused(_("This file is larger than 5 MB. Divide it, or export it without pictures."))
    lines = list(_bounded(_lines_of(text_of(content))))
    if not lines:
        raise FileRefused(_("There is no contact in this file."))
    return lines


def text_of(content: bytes) -> str:
    """As spreadsheets and telephones write it: UTF-8 with or without its mark, UTF-16 with it, or Windows'
    own Western characters. Raises FileRefused for what is no text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if any(unicodedata.category(character) == "Cc" and character not in "\t\r\n" for character in text):
        raise FileRefused(_("This is neither a CSV nor a vCard file."))
    return text


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
            raise FileRefused(_("A file may hold at most 5,000 contacts. Divide it."))
        yield line
