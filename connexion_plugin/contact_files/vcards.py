"""vCard 2.1, 3.0 and 4.0, card by card, so that a broken one costs only itself."""

import io
import quopri
import re
from collections.abc import Iterator
from typing import Any

import vobject
from vobject.base import getLogicalLines

from connexion_plugin.contact_files.lines import Line, address_in, is_utf_8, language_in, one_line, paragraphs

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
_QUOTED = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])", re.IGNORECASE)


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
    return "\r\n".join(map(_quoted_in_letters, found))


def _quoted_in_letters(line: str) -> str:
    """The encoding of vCard 2.1 as the parser knows it: in capitals, with the character set that Windows leaves out."""
    head, colon, value = line.partition(":")
    if not _QUOTED.search(head + colon):
        return line
    head = _QUOTED.sub(";ENCODING=QUOTED-PRINTABLE", head + colon).removesuffix(":")
    if "CHARSET=" not in head.upper() and not is_utf_8(quopri.decodestring(value.encode())):
        head += ";CHARSET=WINDOWS-1252"
    return head + colon + value


def _line(number: int, card: str) -> Line:
    try:
        found = vobject.readOne(_properties(card), allowQP=True)
        written, address = address_in(_preferred(found, "email"))
        name = one_line(_preferred(found, "fn") or _structured_name(found)) or written
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
    return _in_letters(best.value) if best is not None else ""


def _in_letters(value: Any) -> str:
    """What the parser makes of a value: base64 it leaves as bytes, and parts (`Marie,Anne`) as a list."""
    if isinstance(value, bytes):
        return value.decode() if is_utf_8(value) else value.decode("cp1252", errors="replace")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


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
    return f"{_in_letters(value.given)} {_in_letters(value.family)}"
