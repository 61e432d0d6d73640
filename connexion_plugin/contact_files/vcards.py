"""vCard 2.1, 3.0 and 4.0, card by card, so that a broken one costs only itself."""

import io
import re
from collections.abc import Iterator
from typing import Any

import vobject
from vobject.base import getLogicalLines

from connexion_plugin.contact_files.lines import Line, language_in, one_line, paragraphs

# A card without its pictures, and its properties that are read here. The longest note fits several times over.
MOST_CHARACTERS = 16 * 1024
MOST_PROPERTIES = 50
# Pictures and sounds: large, and nothing of ours.
_HEAVY = re.compile(r"(?:item\d+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)
_OURS = re.compile(r"(?:[\w-]+\.)?(?:BEGIN|END|VERSION|FN|N|EMAIL|LANG|NOTE)[;:]", re.IGNORECASE | re.ASCII)
# What may stand before the value. The parser's own expression for it takes longer than a life over a line that
# does not fit, so it is shown none.
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_PARAMETER = rf";[\w-]+(?:={_VALUE})?(?:,{_VALUE})*"
_HEAD = re.compile(rf"(?:[\w-]+\.)?[\w-]+(?:;|(?:{_PARAMETER})*):", re.ASCII)


def are_in(text: str) -> bool:
    return text.lstrip()[:11].upper() == "BEGIN:VCARD"


def read(text: str) -> Iterator[Line]:
    """The cards of a file; an unreadable one is a line that says so."""
    for number, card in enumerate(_cards(text), start=1):
        yield _line(number, card)


def _cards(text: str) -> Iterator[str]:
    """Each card without its pictures, in one pass; nothing of one that is too long. One without an end is none."""
    card: list[str] | None = None
    length, is_heavy = 0, False
    for line in io.StringIO(text):
        word = line.rstrip().upper()
        if card is None:
            if word == "BEGIN:VCARD":
                card, length, is_heavy = [line], len(line), False
            continue
        if line[:1] not in {" ", "\t"}:
            is_heavy = bool(_HEAVY.match(line))
        if is_heavy:
            continue
        length += len(line)
        if length <= MOST_CHARACTERS:
            card.append(line)
        if word == "END:VCARD":
            yield "".join(card) if length <= MOST_CHARACTERS else ""
            card = None


def _properties(card: str) -> str:
    """Those that are read here. Raises ValueError for what the parser must not see."""
    lines = [line for line, _number in getLogicalLines(io.StringIO(card))]
    found = [line for line in lines if _OURS.match(line)]
    if len(found) > MOST_PROPERTIES or not all(_HEAD.match(line) for line in lines):
        raise ValueError("This is no card.")
    return "\r\n".join(found)


def _line(number: int, card: str) -> Line:
    try:
        found = vobject.readOne(_properties(card), allowQP=True)
        address = one_line(_preferred(found, "email"))
        name = one_line(_preferred(found, "fn") or _structured_name(found))
        return Line(
            number=number,
            address=address,
            # A card must have a name (RFC 6350): whoever has none is written by their address.
            name="" if name.casefold() == address.casefold() else name,
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
