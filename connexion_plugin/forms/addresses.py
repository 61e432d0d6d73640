"""Many addresses in one box: typed, pasted from a list, or as mail programs write them (spec C10)."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from connexion_plugin import formats, personas
from connexion_plugin.actions.participants import MOST_PARTICIPANTS

_LINES = re.compile(r"[;\r\n\u2028\u2029]+")
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_NAME_IN_QUOTES = re.compile(r"\"[^\"\r\n]*\"\s*(?=<)")
# `Roy, Jean-Éric J. <…>`: a full stop only after an initial, or a mistyped address would pass for a name.
_NAME = r"(?:[^\W\d_]|[ '’-]|\.(?=[ <,]))+"
_SURNAME_FIRST = re.compile(rf"{_NAME},{_NAME}(<[^<>]*>)")
# A cell of a spreadsheet beside an address: a name, and nothing that an address was mistyped into.
_NAME_ALONE = re.compile(r"(?:[^\W\d_]|[ ,'’-]|\.(?=[ ,]|$))*")
_EDGES = "\"'<>()"


class AddressField(forms.CharField):
    """One address, in the form in which addresses are compared; cleaned data is a str."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": _("E-mail address"),
                "max_length": personas.LONGEST_ADDRESS,
                "widget": forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                **kwargs,
            }
        )

    def clean(self, value: Any) -> str:
        address = personas.normalise(super().clean(value))
        if not personas.is_address(address):
            raise ValidationError(_("This is not an e-mail address."))
        return address


class AddressesField(forms.CharField):
    """Cleans to the addresses in the order typed, each once.

    Where some are wrong, the error names every one of them, and `good` on the error says which were right.
    """

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        shown = {"rows": 2, "autocomplete": "off", "spellcheck": "false", "data-grows": ""}
        super().__init__(
            **{
                "label": _("Participants"),
                "widget": forms.Textarea(attrs=shown),
                "help_text": _("Their e-mail addresses, one a line or separated by commas."),
                **kwargs,
            }
        )

    def clean(self, value: Any) -> list[str]:
        typed = written_in(super().clean(value))
        wrong = list(dict.fromkeys(address for address in typed if not personas.is_address(address)))
        addresses = list(dict.fromkeys(personas.normalise(a) for a in typed if personas.is_address(a)))
        if wrong:
            errors: list[str | ValidationError] = [_not_addresses(wrong)]
            if addresses:
                errors.append(_good(len(addresses)))
            raise ValidationError(errors)
        if not addresses:
            raise ValidationError(_("Name at least one participant."))
        if len(addresses) > MOST_PARTICIPANTS:
            raise ValidationError(
                _("At most %(most)s participants at once."),
                params={"most": formats.number(MOST_PARTICIPANTS)},
            )
        return addresses


def written_in(text: str) -> list[str]:
    """The addresses of a list as typed: `a@b.ca, c@d.ca`, one a line, `Marie Roy <m.roy@b.ca>`, or with the name as
    mail programs sort it, `"Roy, Marie" <m.roy@b.ca>; Cyr, Al <al@b.ca>`.

    A piece in which no word can be an address is one wrong address, and not as many as it has words.
    """
    seen = "".join(
        letter for letter in text if unicodedata.category(letter) != "Cf"
    )  # pasted along, and not seen
    found = []
    for line in map(_without_names, _LINES.split(_NAME_IN_QUOTES.sub("", seen))):
        named = _SURNAME_FIRST.fullmatch(line.strip())
        for part in (named.group(1) if named else line).split(","):
            found += [address for word in _words(part) if (address := _bare(word))]
    return found


def _without_names(line: str) -> str:
    """Of a row that was copied from a spreadsheet (`Marie Roy⇥m.roy@b.ca`) what is no name."""
    if "\t" not in line or "@" not in line:
        return line
    return ",".join(cell for cell in line.split("\t") if not _NAME_ALONE.fullmatch(cell.strip()))


def _words(part: str) -> list[str]:
    if bracketed := _IN_BRACKETS.findall(part):
        return [*bracketed, *part.rpartition(">")[2].split()]
    return part.split() if "@" in part else [part]


def _bare(word: str) -> str:
    bare = word.strip().strip(_EDGES)
    return bare[len("mailto:") if bare.lower().startswith("mailto:") else 0 :].rstrip(".")


def good_among(text: str) -> list[str]:
    """Those that are addresses, for the page to name them beside the bad ones."""
    return list(dict.fromkeys(personas.normalise(a) for a in written_in(text) if personas.is_address(a)))


def _not_addresses(wrong: list[str]) -> ValidationError:
    return ValidationError(
        ngettext(
            "This is not an e-mail address: %(addresses)s.",
            "These are not e-mail addresses: %(addresses)s.",
            len(wrong),
        ),
        params={"addresses": ", ".join(wrong)},
    )


def _good(count: int) -> ValidationError:
    return ValidationError(
        ngettext(
            "%(count)s other address is right. Nobody is invited until this is corrected.",
            "%(count)s other addresses are right. Nobody is invited until this is corrected.",
            count,
        )
        % {"count": formats.number(count)}
    )
