"""Names of documents, made safe when they come in and kept readable (spec D1, D3).

A name that passed here can be saved by any of today's systems, shows what it is (no mark that turns its
reading direction: `exe.fdp` in disguise), and keeps its accents, its emoji and its extension.
"""

import re
import unicodedata

# For a document whose name leaves nothing that can be read; the same word in French and in English.
NAMELESS = "document"
NAME_BYTES = 255
EXTENSION_BYTES = 20

_FORBIDDEN_ON_WINDOWS = re.compile(r'[<>:"|?*]')
_RESERVED_ON_WINDOWS = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=[. ]|$)", re.IGNORECASE
)
# Emoji families and several scripts are spelled with these two; all other format characters go.
_JOINERS = {"\u200c", "\u200d"}
# Letters and a symbol by their category, and nothing to the eye: fillers of Hangul, and Braille without a point.
_BLANKS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"}
_NOTHINGS = {"\u034f", "\u17b4", "\u17b5"}  # marks without a form
# Where Unicode puts its next emoji and ideographs: what this Python does not know there, a newer telephone writes and
# a newer computer shows. Elsewhere a point without a character is refused by some file systems (APFS).
_NEXT_CHARACTERS = (range(0x1F000, 0x1FB00), range(0x20000, 0x2FFFE), range(0x30000, 0x3FFFE))
# England, Scotland, Wales and their like: a black flag, and the region in letters that are never shown.
_FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)")
# Nothing is seen of these where they have nothing to join or to vary, and `.pdf` with one of them behind opens nowhere:
# a joiner without a neighbour beyond ASCII, a selector on a letter of ASCII (digits make keycaps), more than one.
_VARYING = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_JOINED = rf"[^\x00-\x7f\u200c\u200d{_VARYING}]"
_UNSEEN = re.compile(
    rf"(?<!{_JOINED})(?<!{_JOINED}[{_VARYING}])[\u200c\u200d]+(?!{_JOINED})"
    rf"|(?<=[\x00-\x7f])(?<![0-9#*])[{_VARYING}]+|^[{_VARYING}]+|(?<=[{_VARYING}])[{_VARYING}]+"
)


def safe_name(name: str) -> str:
    """The name to keep for a document that its sender calls `name`; never empty, at most 255 bytes.

    What a step takes away may leave a neighbour that nothing holds there: so until nothing changes any more.
    """
    while (safer := _safer(name)) != name:
        name = safer
    return name


def _safer(name: str) -> str:
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(
        piece if _FLAG.fullmatch(piece) else "".join(map(_safe_character, piece))
        for piece in _FLAG.split(unicodedata.normalize("NFC", name))
    )
    name = _FORBIDDEN_ON_WINDOWS.sub("_", _UNSEEN.sub("", name))
    name = unicodedata.normalize("NFC", name)
    name = re.sub(" +", " ", name).strip(" ").rstrip(". ")
    if name.startswith("."):
        # It would be hidden on the reader's computer.
        name = "_" + name
    if _RESERVED_ON_WINDOWS.match(name):
        name = "_" + name
    return _shortened(name) if any(map(_is_seen, name)) else NAMELESS


def _safe_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character in "\t\n\r\v\f" or character in _BLANKS:
        return " "
    if category in {"Cc", "Cs"} or (category == "Cf" and character not in _JOINERS) or character in _NOTHINGS:
        return ""
    if category == "Co" or (
        category == "Cn" and not any(ord(character) in block for block in _NEXT_CHARACTERS)
    ):
        # A font's own sign, or none: nobody else sees what was meant, but sees that there was something.
        return "_"
    return character


def _is_seen(character: str) -> bool:
    """Whether it shows something by itself: a mark or a joiner needs a letter to stand on."""
    return character not in _JOINERS and not unicodedata.category(character).startswith("M")


def shortened(stem: str, room: int) -> str:
    """As much of a name's beginning as `room` bytes hold, whole characters only."""
    kept = stem.encode()[:room].decode(errors="ignore")
    return _whole_characters(kept, stem[len(kept) :]).rstrip(". ")


def parted(name: str) -> tuple[str, str]:
    """The name without its extension, and the extension with its dot, if it has one.

    What follows the last dot of `M. Tremblay et Mme Gagnon, compte rendu` is none, however a computer reads it.
    """
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) >= EXTENSION_BYTES:
        return name, ""
    return stem, dot + extension


def _shortened(name: str) -> str:
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, extension = parted(name)
    return shortened(stem, NAME_BYTES - len(extension.encode())) + extension


def _whole_characters(kept: str, rest: str) -> str:
    """Without a last character that the cut parted from its accents, or an emoji from its other half."""
    whole = kept
    while whole and rest and (_joins(rest[0]) or whole[-1] in _JOINERS):
        whole, rest = whole[:-1], whole[-1] + rest
    return whole or kept


def _joins(character: str) -> bool:
    return (
        character in _JOINERS
        or unicodedata.category(character).startswith("M")
        or character in _SKIN_TONES
        or "\U000e0020" <= character <= "\U000e007f"  # of a flag
    )


_SKIN_TONES = {chr(point) for point in range(0x1F3FB, 0x1F400)}
