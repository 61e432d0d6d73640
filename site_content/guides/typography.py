"""The small spaces that a typist leaves out: the guides are written with ordinary ones."""

import re

NO_BREAK = "\u00a0"


def french(text: str) -> str:
    """Canadian French: a no-break space before the colon and inside guillemets, curved apostrophes."""
    text = re.sub(r" (?=[:»%▼])", NO_BREAK, text)
    text = text.replace("« ", f"«{NO_BREAK}")
    return text.replace("'", "’")


def english(text: str) -> str:
    """Curved apostrophes, and an arrow that stays with its word."""
    return text.replace("'", "’").replace(" ▼", f"{NO_BREAK}▼")
