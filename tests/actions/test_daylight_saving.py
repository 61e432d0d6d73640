"""Days are those of who reads, in the week in which the clocks change too (spec E1, E2)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from connexion_plugin import formats
from connexion_plugin.actions.lifetimes import Bounds
from connexion_plugin.forms.lifetimes import ExpiryForm
from connexion_plugin.models import Organization
from connexion_plugin.views.inbox import _days_left
from tests.actions.test_expiry import live, parts_of_this_test  # noqa: F401
from tests.actions.test_warnings import letters_of, warned
from tests.factories.conversations import start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

TORONTO = ZoneInfo("America/Toronto")
SPRING, AUTUMN = (
    date(2027, 3, 14),
    date(2027, 11, 7),
)  # at two in the morning it is three; at two it is one again


@pytest.mark.spec("E1")
@pytest.mark.parametrize("hour", ["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "23:59"])
@pytest.mark.parametrize("around", [SPRING, AUTUMN])
@pytest.mark.parametrize("fold", [0, 1])
def test_the_day_that_was_chosen_is_the_day_on_which_it_expires(hour, around, fold):
    posted = datetime.fromisoformat(f"2026-11-01T{hour}").replace(tzinfo=TORONTO, fold=fold)
    bounds = Bounds(earliest=posted + timedelta(days=1), latest=posted + timedelta(days=730))
    with timezone.override(TORONTO):
        for distance in range(-2, 3):
            day = around + timedelta(days=distance)
            form = ExpiryForm(
                {"day": day.isoformat()},
                bounds=bounds,
                posted_at=posted.astimezone(UTC),
                expires_at=bounds.latest,
            )
            assert form.is_valid(), form.errors
            moment = form.cleaned_data["day"]
            assert timezone.localdate(moment) == day
            there_and_back = moment.astimezone(UTC).astimezone(
                TORONTO
            )  # the hour that spring leaves out is the next
            assert abs(
                there_and_back.hour * 60 + there_and_back.minute - posted.hour * 60 - posted.minute
            ) in {0, 60}


@pytest.mark.spec("B3")
@pytest.mark.parametrize("around", [SPRING, AUTUMN])
def test_days_left_are_midnights_though_a_day_has_an_hour_less_or_more(around):
    with timezone.override(TORONTO):
        before = datetime.combine(around, datetime.min.time(), tzinfo=TORONTO)
        for minutes, days in ((1, 0), (23 * 60 - 1, 0)):
            assert _days_left((before.astimezone(UTC) + timedelta(minutes=minutes)), before) == days
        tomorrow = datetime.combine(around + timedelta(days=1), datetime.min.time(), tzinfo=TORONTO)
        assert _days_left(tomorrow, before) == 1
        assert _days_left(tomorrow.astimezone(UTC) - timedelta(minutes=1), before) == 0


@pytest.mark.spec("E2", "B8")
@pytest.mark.django_db
@pytest.mark.usefixtures("store", "bob")
@pytest.mark.parametrize("around", [SPRING, AUTUMN])
@pytest.mark.parametrize("hour", ["00:30", "21:30"])
def test_a_warning_names_the_day_that_the_window_shows(clock, alice_enrolment, around, hour):  # noqa: F811
    """In the evening it is the next day already by the clock that the keys go by."""
    Organization.unscoped.update(time_zone="America/Toronto", longest_expiry_days=1000)
    moment = datetime.fromisoformat(f"{around}T{hour}").replace(tzinfo=TORONTO).astimezone(UTC)
    clock.jump(moment - timedelta(days=50) - clock.now)
    start(alice_enrolment, to=["bob@example.org"], expires_at=moment)
    live(clock, moment - clock.now - 3 * DAY - 12 * HOUR)
    live(clock, DAY)
    assert [row[2] for row in warned()] == [14, 3]
    shown = formats.day(moment, language="en", zone=TORONTO)
    letters = [letter for _to, letter in letters_of()]
    assert len(letters) == 2
    assert all(shown in letter.body for letter in letters)
