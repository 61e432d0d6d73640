"""Dates, times and sizes are written as the guide writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from connexion_plugin import formats

WINTER = datetime(2015, 2, 2, 20, 14, 18, tzinfo=UTC)
SUMMER = datetime(2015, 7, 2, 19, 14, 18, tzinfo=UTC)
TORONTO = ZoneInfo("America/Toronto")


@pytest.mark.spec("B8")
@pytest.mark.parametrize(("language", "expected"), [("fr", "27 avr., 2017"), ("en", "Apr 27, 2017")])
def test_a_day_is_written_as_the_inbox_shows_it(language: str, expected: str) -> None:
    assert formats.day(date(2017, 4, 27), language=language) == expected


@pytest.mark.spec("B8")
def test_a_day_is_that_of_the_reader_and_not_of_greenwich() -> None:
    assert (
        formats.day(datetime(2017, 4, 28, 2, 0, tzinfo=UTC), language="fr", zone=TORONTO) == "27 avr., 2017"
    )


@pytest.mark.spec("B8")
def test_the_first_of_a_month_keeps_its_plain_number() -> None:
    assert formats.day(date(2017, 5, 1), language="fr") == "1 mai, 2017"


@pytest.mark.spec("C3")
@pytest.mark.parametrize(
    ("moment", "language", "expected"),
    [
        (WINTER, "fr", "02 févr., 2015 - 15:14:18 HNE"),
        (SUMMER, "fr", "02 juill., 2015 - 15:14:18 HAE"),
        (WINTER, "en", "Feb 02, 2015 - 15:14:18 EST"),
        (SUMMER, "en", "Jul 02, 2015 - 15:14:18 EDT"),
    ],
)
def test_a_moment_names_the_zone_in_winter_and_in_summer(
    moment: datetime, language: str, expected: str
) -> None:
    assert formats.moment(moment, language=language, zone=TORONTO) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", "2 févr., 2015 à 15\u00a0h\u00a014"), ("en", "Feb 2, 2015 at 15:14")],
)
def test_a_sentence_says_a_moment_without_seconds_and_zone(language: str, expected: str) -> None:
    assert formats.in_a_sentence(WINTER, language=language, zone=TORONTO) == expected


@pytest.mark.parametrize(("language", "expected"), [("fr", "0\u00a0h\u00a005"), ("en", "00:05")])
def test_no_french_hour_begins_with_a_zero(language: str, expected: str) -> None:
    after_midnight = datetime(2026, 11, 30, 0, 5, tzinfo=TORONTO)
    assert formats.clock(after_midnight, language=language, zone=TORONTO) == expected


@pytest.mark.spec("C3")
@pytest.mark.parametrize(
    ("moment", "zone"),
    [(WINTER, "HNA"), (SUMMER, "HAA")],
)
def test_the_atlantic_has_its_canadian_names(moment: datetime, zone: str) -> None:
    assert formats.moment(moment, language="fr", zone=ZoneInfo("America/Halifax")).endswith(f" {zone}")


@pytest.mark.spec("C3")
@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/Montreal", "02 févr., 2015 - 15:14:18 HNE"),
        ("America/Vancouver", "02 févr., 2015 - 12:14:18 HNP"),
        ("Europe/Paris", "02 févr., 2015 - 21:14:18 UTC+01:00"),
        ("America/New_York", "02 févr., 2015 - 15:14:18 UTC−05:00"),
        ("Asia/Kolkata", "03 févr., 2015 - 01:44:18 UTC+05:30"),
        ("UTC", "02 févr., 2015 - 20:14:18 UTC"),
    ],
)
def test_outside_canada_the_zone_is_an_offset(zone: str, expected: str) -> None:
    assert formats.moment(WINTER, language="fr", zone=ZoneInfo(zone)) == expected


@pytest.mark.spec("C3")
def test_a_canadian_zone_without_an_abbreviation_is_an_offset() -> None:
    written = formats.moment(WINTER, language="fr", zone=ZoneInfo("America/Whitehorse"))
    assert written == "02 févr., 2015 - 12:14:18 UTC−08:00"


def test_language_and_zone_are_those_of_the_request_unless_given() -> None:
    with translation.override("en-ca"), timezone.override(TORONTO):
        assert formats.moment(WINTER) == "Feb 02, 2015 - 15:14:18 EST"


@pytest.mark.spec("D1")
@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 octets", "0 bytes"),
        (1, "1 octet", "1 byte"),
        (1023, "1 023 octets", "1,023 bytes"),
        (1024, "1 Ko", "1 KB"),
        (17_818, "17,4 Ko", "17.4 KB"),
        (1024**2 - 1, "1 Mo", "1 MB"),
        (2_411_725, "2,3 Mo", "2.3 MB"),
        (1024**3, "1 Go", "1 GB"),
        (5 * 1024**4, "5 120 Go", "5,120 GB"),
    ],
)
def test_a_size_goes_in_steps_of_1024_with_our_units(count: int, french: str, english: str) -> None:
    def plain(text: str) -> str:
        return text.replace("\u00a0", " ").replace("\u202f", " ")

    assert plain(formats.size(count, language="fr")) == french
    assert plain(formats.size(count, language="en")) == english


@pytest.mark.spec("D1")
@given(st.integers(min_value=0, max_value=2 * 1024**3), st.sampled_from(["fr", "en"]))
def test_a_size_never_breaks_between_number_and_unit(count: int, language: str) -> None:
    assert " " not in formats.size(count, language=language)
