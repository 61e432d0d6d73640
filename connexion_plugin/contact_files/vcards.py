"""vCard 2.1, 3.0 and 4.0, card by card, so that a broken one costs only itself."""

import re
from collections.abc import Iterator
from typing import Any

import vobject

from connexion_plugin.contact_files.lines import Line, language_in, one_line, paragraphs

_CARD = re.compile(r"^BEGIN:VCARD\s*$.*?^END:VCARD\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
# Pictures and sounds: large, and nothing of ours.
_HEAVY = re.compile(
    r"^(?:item\d+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:].*(?:\r?\n[ \t].*)*\r?\n?", re.IGNORECASE | re.MULTILINE
)


def are_in(text: str) -> bool:
    return text.lstrip()[:11].upper() == "BEGIN:VCARD"


def read(text: str) -> Iterator[Line]:
    """The cards of a file; an unreadable one is a line that says so."""
    for number, card in enumerate(_CARD.finditer(text), start=1):
        yield _line(number, card.group())


def _line(number: int, card: str) -> Line:
    try:
        found = vobject.readOne(_HEAVY.sub("", card), allowQP=True)
        return Line(
            number=number,
            address=one_line(_preferred(found, "email")),
            name=one_line(_preferred(found, "fn") or _structured_name(found)),
            language=language_in(_preferred(found, "lang")),
            note=paragraphs(_preferred(found, "note")),
        )
    except Exception:
        # Whatever a parser of other people's files may raise: this card is bad, and the others are read.
        return Line(number=number, address="", is_readable=False)


def _preferred(card: Any, name: str) -> str:
    """The first value, or the one that the card prefers."""
    found = card.contents.get(name, [])
    best = min(found, key=_rank, default=None)
    return str(best.value) if best is not None else ""


def _rank(property_: Any) -> int:
    types = {str(kind).casefold() for kind in property_.params.get("TYPE", [])}
    bare = {str(kind).casefold() for kind in property_.singletonparams}
    if "pref" in types | bare:
        return 0
    preference = property_.params.get("PREF", ["101"])[0]
    return int(preference) if preference.isdecimal() else 101


def _structured_name(card: Any) -> str:
    names = card.contents.get("n", [])
    if not names:
        return ""
    value = names[0].value
    return f"{value.given} {value.family}"
