"""One contact of a file, whatever the file is."""

import re
import unicodedata
from dataclasses import dataclass, field

# What a spreadsheet would take for a formula (OWASP, "CSV Injection"), wide signs too; an apostrophe makes it text.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NAME_AND_ADDRESS = re.compile(r"([^<>]*)<([^<>]*)>")


@dataclass(frozen=True)
class Line:
    """As the file says it, trimmed: nothing is checked yet. `number` is the line, or the card, of the file.

    `language` is `fr`, `en`, or empty where the file says nothing that we know.
    """

    number: int
    address: str = field(repr=False)
    name: str = field(default="", repr=False)
    language: str = ""
    note: str = field(default="", repr=False)
    is_readable: bool = True


def one_line(text: str) -> str:
    """Spaces collapsed, and nothing that cannot be shown."""
    return " ".join(_shown(text).split())


def address_in(text: str) -> tuple[str, str]:
    """The name and the address of what mail programs write in one: `Marie Roy <m@b.ca>`, `mailto:m@b.ca`."""
    said = one_line(text)
    found = _NAME_AND_ADDRESS.fullmatch(said)
    name, address = found.groups() if found else ("", said)
    return name.strip(" \"'"), address.strip().removeprefix("mailto:")


def paragraphs(text: str) -> str:
    """Line ends kept, and nothing that cannot be shown."""
    return "\n".join(_shown(line).strip() for line in text.splitlines()).strip()


def begins_formula(cell: str) -> bool:
    """Once apostrophes are off: one that somebody wrote there must not be taken for ours."""
    return cell.lstrip("'").startswith(FORMULA_BEGINS)


def is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def language_in(text: str) -> str:
    """`fr` or `en` out of `fr-CA`, `Français`, `English`…; empty where it is neither."""
    word = text.strip().casefold()
    if word.startswith("fr"):
        return "fr"
    return "en" if word.startswith(("en", "an")) else ""


def _shown(text: str) -> str:
    unshown = {"Cc", "Cf", "Cs", "Co"}
    return "".join(
        " " if character in "\t\r\n" else character
        for character in text
        if unicodedata.category(character) not in unshown or character in "\t\r\n\u200c\u200d"
    )
