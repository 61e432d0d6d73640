"""Names of documents that lie side by side, told apart (spec D1, D6)."""

import re
import unicodedata
from collections.abc import Callable

from connexion_plugin.documents.names import NAME_BYTES, parted, shortened

_NUMBER = re.compile(r" \([0-9]+\)$")


def as_a_folder_sees(name: str) -> str:
    """What two names have in common of which a reader's computer keeps one."""
    return unicodedata.normalize("NFKC", name).casefold()


class UniqueNames:
    """Tells apart the names that are taken for one: `devis.pdf`, `devis (2).pdf`.

    `as_taken` gives what two of those have in common. By default that is a folder's view: those of Windows and macOS
    see neither case nor how an accent is composed.
    """

    def __init__(self, as_taken: Callable[[str], str] = as_a_folder_sees) -> None:
        self._as_taken = as_taken
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def of(self, name: str) -> str:
        """This name, or the next that is free."""
        key = self._as_taken(name)
        if key not in self._taken:
            self._taken.add(key)
            return name
        # Thousands of `image.png` must not each try all the numbers before their own. Long names are cut for their
        # number: those that differ only in what is cut count together.
        family = self._as_taken(numbered(name, 2))
        candidate, number = name, self._last.get(family, 1)
        while key in self._taken:
            number += 1
            candidate = numbered(name, number)
            key = self._as_taken(candidate)
        self._taken.add(key)
        self._last[family] = number
        return candidate


def numbered(name: str, number: int) -> str:
    """`devis (2).pdf`, of 255 bytes at most."""
    stem, extension = parted(name)
    mark = f" ({number}){extension}"
    return shortened(stem, NAME_BYTES - len(mark.encode())) + mark


def family_of(name: str) -> str:
    """The same for a name and for whatever `numbered` made of it."""
    stem, extension = parted(name)
    return numbered(_NUMBER.sub("", stem) + extension, 2)
