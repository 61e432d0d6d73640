"""How the store watches time pass: no clock can hurry it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connexion_plugin.sealing.watch import LONGEST_STEP_SECONDS, WAIT_SECONDS, Watch
from tests.sealing.conftest import HOUR, NOON

FILE = "a" * 32


def watched(*steps):
    """Seconds credited to a file over clock readings that are `steps` apart."""
    watch, moment = Watch(NOON, {FILE: 0}), NOON
    for step in steps:
        moment += step
        watch, _ = watch.advance(moment, [FILE])
    return watch.unclaimed[FILE]


def test_an_hour_counts_as_an_hour():
    watch, observation = Watch(NOON, {}).advance(NOON + HOUR, [])
    assert (observation.since, observation.seconds) == (NOON, 3600)
    assert watch.seen_at == NOON + HOUR


def test_a_step_just_under_two_hours_counts_and_one_of_two_hours_does_not():
    second = timedelta(seconds=1)
    assert watched(2 * HOUR - second) == LONGEST_STEP_SECONDS - 1
    assert watched(2 * HOUR) == 0


def test_a_jump_of_a_year_counts_for_nothing_either_way():
    assert watched(timedelta(days=365)) == 0
    assert watched(HOUR, timedelta(days=-365)) == 3600


def test_a_clock_that_swings_gains_nothing():
    assert watched(*[timedelta(minutes=110), timedelta(minutes=-110)] * 100) == 0


@given(st.lists(st.integers(-6900, 6900), max_size=60))
def test_small_steps_add_up_to_no_more_than_the_highest_climb(seconds):
    heights = [0]
    for step in seconds:
        heights.append(heights[-1] + step)
    climbs = [later - earlier for i, earlier in enumerate(heights) for later in heights[i:]]
    assert watched(*[timedelta(seconds=step) for step in seconds]) <= max(climbs)


@given(st.lists(st.integers(7200, 10**8), max_size=30))
def test_jumps_add_up_to_nothing(seconds):
    assert watched(*[timedelta(seconds=step) for step in seconds]) == 0


def test_an_unclaimed_file_is_due_after_a_day_of_steps():
    watch, moment = Watch(NOON, {FILE: 0}), NOON
    for _ in range(23):
        moment += HOUR
        watch, observation = watch.advance(moment, [FILE])
        assert observation.unclaimed_due == frozenset()
    _, observation = watch.advance(moment + HOUR, [FILE])
    assert observation.unclaimed_due == {FILE}
    assert WAIT_SECONDS == 24 * 3600


def test_a_file_begins_at_nothing_and_one_that_is_claimed_is_forgotten():
    watch, _ = Watch(NOON, {}).advance(NOON + HOUR, [FILE])
    assert watch.unclaimed == {FILE: 0}
    assert watch.advance(NOON + 2 * HOUR, [])[0].unclaimed == {}


def test_it_is_read_back_as_it_was_written():
    watch = Watch(NOON, {FILE: 12}, steady_since=NOON - HOUR)
    assert Watch.from_json(watch.to_json()) == watch
