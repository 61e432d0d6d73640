"""Dates, times and sizes as people read them (spec B8, C3, D1).

Babel writes them, because Django's own French formats are not those of the guide; the units of size are
ours, because Babel writes `ko` and `kB`.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from babel.core import get_global
from babel.dates import format_date, get_timezone_name
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"

_LOCALES = {"fr": "fr_CA", "en": "en_CA"}
_DAY = {"fr": "d MMM, y", "en": "MMM d, y"}
_DAY_OF_A_MOMENT = {"fr": "dd MMM, y", "en": "MMM dd, y"}
_UNITS = {"fr": ("octets", "Ko", "Mo", "Go"), "en": ("bytes", "KB", "MB", "GB")}
_ONE_BYTE = {"fr": "octet", "en": "byte"}
_STEP = 1024
# *Heure avancée de l’Atlantique*, as the National Research Council and everybody there writes it; CLDR writes HEA.
_OF_CANADA = {"HEA": "HAA"}


def day(value: date | datetime, *, language: str | None = None, zone: tzinfo | None = None) -> str:
    """`27 avr., 2017`, `Apr 27, 2017` (spec B8). A moment is read in `zone`, the current one unless given."""
    tongue = _tongue(language)
    if isinstance(value, datetime):
        value = value.astimezone(zone or timezone.get_current_timezone()).date()
    return _written_day(value, _DAY[tongue], tongue)


def moment(value: datetime, *, language: str | None = None, zone: tzinfo | None = None) -> str:
    """`02 févr., 2015 - 15:14:18 HNE`, `Feb 02, 2015 - 15:14:18 EST` (spec C3); `value` is aware."""
    tongue = _tongue(language)
    local = value.astimezone(zone or timezone.get_current_timezone())
    day_of_it = _written_day(local.date(), _DAY_OF_A_MOMENT[tongue], tongue)
    return f"{day_of_it} - {local:%H:%M:%S} {_zone_name(local, tongue)}"


def in_a_sentence(value: datetime, *, language: str | None = None, zone: tzinfo | None = None) -> str:
    """`27 avr., 2017 à 14 h 05`, `Apr 27, 2017 at 14:05`: a moment as a sentence says it. Beside a message and in
    the history, where it counts to the second, it is a `moment`."""
    between = "à" if _tongue(language) == "fr" else "at"
    return (
        f"{day(value, language=language, zone=zone)} {between} {clock(value, language=language, zone=zone)}"
    )


def clock(value: datetime, *, language: str | None = None, zone: tzinfo | None = None) -> str:
    """The time of day of a moment: `9 h 05`, `09:05`, with no-break spaces; `value` is aware.

    In French no zero stands before the hour: a sentence says *à 9 h 05*.
    """
    local = value.astimezone(zone or timezone.get_current_timezone())
    if _tongue(language) == "fr":
        return f"{local.hour}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{local:%M}"
    return f"{local:%H:%M}"


def size(count: int, *, language: str | None = None) -> str:
    """`17,4 Ko`, `17.4 KB`: bytes in steps of 1,024, a no-break space before the unit (spec D1)."""
    tongue = _tongue(language)
    if count == 1:
        return f"1{NO_BREAK_SPACE}{_ONE_BYTE[tongue]}"
    units = _UNITS[tongue]
    amount, power = float(count), 0
    # 1,023.96 KB would read "1,024 KB": what rounds up to a whole step is written in the next unit.
    while power < len(units) - 1 and round(amount, 1 if power else 0) >= _STEP:
        amount, power = amount / _STEP, power + 1
    number = format_decimal(amount, "#,##0.#" if power else "#,##0", locale=_LOCALES[tongue])
    return f"{number}{NO_BREAK_SPACE}{units[power]}"


def number(count: int, *, language: str | None = None) -> str:
    """`5 001` with a no-break space, `5,001`: a count as people read it."""
    return _written_number(count, _tongue(language))


@lru_cache(maxsize=1024)
def _written_number(count: int, tongue: str) -> str:
    return str(format_decimal(count, "#,##0", locale=_LOCALES[tongue]))


def _tongue(language: str | None) -> str:
    """`fr` or `en`: the language given, or that of the request; French when there is neither."""
    code = (language or get_language() or "fr").split("-")[0].lower()
    return code if code in _LOCALES else "en"


@lru_cache(maxsize=1024)
def _written_day(value: date, pattern: str, tongue: str) -> str:
    """A page of thirty rows has few days, and Babel takes for each as long as the rest of the row takes."""
    return str(format_date(value, pattern, locale=_LOCALES[tongue]))


def _zone_name(local: datetime, tongue: str) -> str:
    """`HNE`, `EDT` in Canada; elsewhere an offset, because nobody knows the abbreviations of others."""
    abbreviation = _abbreviation(local.tzinfo, bool(local.dst()), tongue)
    return abbreviation or _offset(local.utcoffset() or timedelta())


@lru_cache(maxsize=256)
def _abbreviation(zone: tzinfo | None, is_summer: bool, tongue: str) -> str:
    """Empty where there is none: abroad, and in a few zones of Canada (Whitehorse)."""
    if not _is_canadian(zone):
        return ""
    variant: Literal["daylight", "standard"] = "daylight" if is_summer else "standard"
    name = get_timezone_name(zone, width="short", locale=_LOCALES[tongue], zone_variant=variant)
    return _OF_CANADA.get(name, name) if name.isalpha() else ""  # for want of one Babel describes the place


def _is_canadian(zone: tzinfo | None) -> bool:
    key = str(zone or UTC)
    canonical = get_global("zone_aliases").get(key, key)
    return bool(get_global("zone_territories").get(canonical) == "CA")


def _offset(offset: timedelta) -> str:
    """`UTC`, `UTC+01:00`, `UTC−08:00`."""
    minutes = int(offset.total_seconds() // 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else MINUS}{hours:02d}:{rest:02d}"
