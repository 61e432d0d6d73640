"""What people typed, made safe to show: plain text with links (spec C11), addresses shortened (B1)."""

import re
import unicodedata

import idna
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

# Ended by a space, a quotation mark or an angle bracket; a bare name such as "rapport.pdf" is no link.
_LINK = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"«»“”]+", re.IGNORECASE)
_TRAILING = ".,;:!?…'’"
_PAIRS = {")": "(", "]": "[", "}": "{"}
LINE_CHARACTERS = 68
SHOWN_LINES = 10  # as css/conversation.css cuts
SPARED_LINES = 4  # nobody presses a button for two lines more
_BREAKS = re.compile(r"(?<=[@.])(?=[^\s.])")
_AS_TYPED = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "‐": "-", "–": "-"})
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def folded(text: str) -> str:
    """Without case and accents, for comparing: "Érables" is found by "erables", and stands before "Façade"; "d’achat"
    and "cœur" by what a keyboard has, "d'achat" and "coeur"."""
    spread = unicodedata.normalize("NFKD", text.casefold()).translate(_AS_TYPED)
    return "".join(character for character in spread if not unicodedata.combining(character))


def linkify(text: str) -> SafeString:
    """Plain text as paragraphs of escaped HTML; `http`, `https` and `mailto` addresses become links."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    paragraphs = (_paragraph(part) for part in _PARAGRAPHS.split(lines) if part.strip())
    return format_html_join("\n", "<p>{}</p>", ((paragraph,) for paragraph in paragraphs))


def is_long(text: str) -> bool:
    """Whether a message is cut in the window (spec C6): more than the lines that it shows, and a few to spare,
    in a line of 68 characters; on a telephone it is longer still. Empty lines only part paragraphs."""
    lines = sum(-(-len(line) // LINE_CHARACTERS) for line in text.splitlines())
    return lines > SHOWN_LINES + SPARED_LINES


def in_own_letters(address: str) -> str:
    """`marie@xn--municipalit-lbb.example` as people write it. Only where all its letters are Latin: those of
    other alphabets that look like them would let one domain pass for another."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        shown = idna.decode(domain)
    except idna.IDNAError:
        return address
    is_latin = all(
        not letter.isalpha() or unicodedata.name(letter, "").startswith("LATIN") for letter in shown
    )
    return f"{local}@{shown}" if at and is_latin else address


def shortened(address: str, limit: int = 24) -> str:
    """`marie-an…mblay@ville.ca`: the middle of the local part gives way, its ends and the domain stay.

    `limit` is in characters; a domain that alone is longer stays whole, since it tells who writes.
    """
    address = in_own_letters(address)
    local, at, domain = address.rpartition("@")
    if len(address) <= limit or not at:
        return address
    room = max(limit - len(domain) - 2, 3)
    if len(local) <= room + 1:
        return address
    tail = room // 3
    # A full stop beside the mark of omission would read as a fourth.
    return f"{local[: room - tail].rstrip('.')}…{local[-tail:].lstrip('.')}@{domain}"


def breakable(address: str) -> SafeString:
    """One address, or several in a sentence, as HTML that may go on in the next line after an @ and after a
    full stop: on a telephone a long one would be cut inside a word. Nothing is added to what is copied, and what
    has tags in it stays as it is."""
    escaped = conditional_escape(address)
    return escaped if "<" in escaped else mark_safe(_BREAKS.sub("<wbr>", escaped))


def _paragraph(text: str) -> SafeString:
    pieces: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        link = _without_trailing(match.group())
        pieces += [escape(text[end : match.start()]), _anchor(link)]
        end = match.start() + len(link)
    pieces.append(escape(text[end:]))
    # Each piece was escaped above, one by one.
    return mark_safe("".join(conditional_escape(piece) for piece in pieces).replace("\n", "<br>"))


def _anchor(link: str) -> SafeString:
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', link, link)


def _without_trailing(link: str) -> str:
    """The sentence's own full stop or bracket is no part of the address."""
    while link:
        last = link[-1]
        opening = _PAIRS.get(last)
        unbalanced = opening is not None and link.count(last) > link.count(opening)
        if last not in _TRAILING and not unbalanced:
            break
        link = link[:-1]
    return link


TITLE_LIMIT_CHARACTERS = 100


def plain_title(title: str) -> str:
    """A title with its spaces collapsed (spec C11). Raises ValueError, with a sentence for people, when nothing
    of it can be seen, it is longer than 100 characters, or holds a control or a direction-changing character."""
    collapsed = " ".join(title.split())
    if not any(_is_seen(character) for character in collapsed):
        raise ValueError(_("Give the conversation a title."))
    if len(collapsed) > TITLE_LIMIT_CHARACTERS:
        raise ValueError(_("A title has at most 100 characters."))
    if any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} - _allowed(character)
        for character in collapsed
    ):
        raise ValueError(_("This title holds a character that cannot be shown. Type it again."))
    return collapsed


# Signs and letters without a picture: Braille's empty cell and Hangul's fillers.
_BLANKS = "\u2800\u3164\u115f\u1160\uffa0"


def _is_seen(character: str) -> bool:
    """By itself: neither a space, a joiner nor a mark without a letter; what is forbidden is said to be so."""
    return unicodedata.category(character)[0] not in "ZM" and character not in f"\u200c\u200d{_BLANKS}"


def _allowed(character: str) -> set[str]:
    # Joiners make emoji and some scripts; marks that turn the direction of what follows stay out.
    return {"Cf"} if character in "\u200c\u200d" else set()
