"""Who has not opened a message is warned before it expires, once, and of nothing else (spec E2, N2, N3)."""

from datetime import timedelta

import pytest

from connexion_plugin.actions import expiry, warnings
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.participants import invite, leave
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.mail import rendering, seat_notices
from connexion_plugin.models import Mail, Message, Organization, SeatNotice
from tests.actions.test_expiry import house, live, parts_of_this_test  # noqa: F401
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("E2")


def warned():
    """Each warning: to whom, of which message, how many days ahead."""
    rows = SeatNotice.unscoped.filter(kind=SeatNotice.Kind.EXPIRING).order_by("created_at", "days_ahead")
    return [
        (row.participation.persona.address, row.message.sequence, row.days_ahead)
        for row in rows.select_related("participation__persona", "message")
    ]


def letters_of(kind=Mail.Kind.EXPIRING):
    while seat_notices.gather():
        pass
    mails = list(Mail.unscoped.filter(kind=kind).order_by("created_at"))
    letters = rendering.Letters(mails)
    return [(mail.to, letters.write(mail)) for mail in mails]


def test_a_reader_is_warned_fourteen_days_ahead_and_again_three(house, clock, alice, bob):  # noqa: F811
    post(alice, house, "Pour quarante jours", days=40)
    live(clock, 40 * DAY - 15 * DAY)
    assert warned() == []
    live(clock, 2 * DAY)
    assert warned() == [("bob@example.org", 2, 14)]
    live(clock, 9 * DAY)
    assert len(warned()) == 1
    live(clock, 4 * DAY - HOUR)
    assert warned() == [("bob@example.org", 2, 14), ("bob@example.org", 2, 3)]
    live(clock, 5 * DAY)
    assert len(warned()) == 2


def test_who_opened_it_sent_it_left_or_came_after_it_is_not_warned(house, clock, alice, bob, charlie):  # noqa: F811
    owner = seat_of(alice, house)
    invite(by=owner, addresses=["charlie@example.org"], language="fr")
    invite(by=owner, addresses=["waits@example.net"], language="fr")
    message = post(bob, house, "Pour quarante jours", days=40)
    invite(by=owner, addresses=["later@example.net"], language="fr", sees_past=False)
    open_message(participation=owner, message=message)
    leave(participations=[seat_of(charlie, house)])
    live(clock, 27 * DAY)
    assert warned() == [("waits@example.net", 2, 14)]


def test_what_was_written_for_a_short_life_alarms_nobody_early(house, clock, alice):  # noqa: F811
    post(alice, house, "Pour dix jours", days=10)
    live(clock, 6 * DAY)
    assert warned() == []
    live(clock, 2 * DAY)
    assert warned() == [("bob@example.org", 2, 3)]


@pytest.mark.parametrize(
    ("days", "silent"),
    [(1, 11 * HOUR), (2, DAY - HOUR), (5, 2 * DAY + 11 * HOUR)],
    ids=lambda value: str(value),
)
def test_of_a_very_short_life_one_is_warned_when_half_of_it_is_over(house, clock, alice, days, silent):  # noqa: F811
    """E2 leaves none out: it is warned of once, before it expires, and not as it is posted."""
    live(clock, 25 * HOUR)  # the clock is trusted
    post(alice, house, "Bref", days=days)
    live(clock, silent)
    assert warned() == []
    live(clock, 2 * HOUR)
    assert warned() == [("bob@example.org", 2, 3)]
    live(clock, days * DAY)
    assert len(warned()) == 1


def test_what_was_opened_in_its_first_half_is_warned_of_no_more(house, clock, alice, bob):  # noqa: F811
    message = post(alice, house, "Bref", days=2)
    live(clock, HOUR)
    open_message(participation=seat_of(bob, house), message=message)
    live(clock, DAY)
    assert warned() == []


def test_a_worker_that_slept_warns_once_and_of_the_nearest(house, clock, alice):  # noqa: F811
    post(alice, house, "Pour quarante jours", days=40)
    live(clock, 2 * DAY)
    clock.jump(36 * DAY)
    done = expiry.sweep()
    assert (done.trusts_clock, warned()) == (False, [])  # a clock that ran ahead would warn of everything
    live(clock, 25 * HOUR)
    assert warned() == [("bob@example.org", 2, 3)]


def test_sweeping_again_warns_of_nothing_twice(house, clock, alice):  # noqa: F811
    post(alice, house, "Pour quarante jours", days=40)
    live(clock, 27 * DAY)
    message = Message.unscoped.get(sequence=2)
    Message.unscoped.update(warned_days_ahead=None)  # as if the row had forgotten: the notice has not
    assert warnings.warn_of_expiry(now=clock.now, limit=10) == 1
    assert len(warned()) == 1
    assert warnings.due_messages(clock.now) == 0
    assert not warnings._warn(message.pk, now=clock.now, days=14)


def test_no_more_than_so_many_messages_a_run(house, clock, alice):  # noqa: F811
    for number in range(3):
        post(alice, house, f"n° {number}", days=40)
    clock.jump(30 * DAY)
    assert warnings.due_messages(clock.now) == 3
    assert warnings.warn_of_expiry(now=clock.now, limit=2) == 2
    assert warnings.warn_of_expiry(now=clock.now, limit=2) == 1


def test_the_installation_sets_the_days_and_may_set_none(house, clock, alice, settings):  # noqa: F811
    settings.CONNEXION = {**settings.CONNEXION, "EXPIRY_WARNING_DAYS": ()}
    post(alice, house, "Pour quarante jours", days=40)
    clock.jump(39 * DAY)
    assert (warnings.warn_of_expiry(now=clock.now, limit=10), warnings.due_messages(clock.now)) == (0, 0)
    settings.CONNEXION = {**settings.CONNEXION, "EXPIRY_WARNING_DAYS": (7,)}
    assert warnings.warn_of_expiry(now=clock.now, limit=10) == 1
    assert warned() == [("bob@example.org", 2, 7)]


# An expiry that moves


def test_an_earlier_day_is_warned_of_afresh_and_a_later_one_when_it_comes(house, clock, alice):  # noqa: F811
    seat, message = seat_of(alice, house), post(alice, house, "Mobile", days=40)
    live(clock, 27 * DAY)
    change_expiry(by=seat, message=message, expires_at=in_days(12))
    live(clock, HOUR)
    assert [row[2] for row in warned()] == [14, 14]  # of the 13th day, then of the 12th
    change_expiry(by=seat, message=message, expires_at=in_days(13))
    live(clock, HOUR)
    assert len(warned()) == 2  # within the fourteen days still: told already
    change_expiry(by=seat, message=message, expires_at=in_days(60))
    live(clock, 45 * DAY)
    assert len(warned()) == 2
    live(clock, 2 * DAY)
    assert [row[2] for row in warned()] == [14, 14, 14]


def test_a_short_life_put_off_by_a_day_is_warned_of_all_the_same(house, clock, alice):  # noqa: F811
    live(clock, 25 * HOUR)
    message = post(alice, house, "Bref", days=2)
    live(clock, HOUR)
    message.refresh_from_db()
    change_expiry(by=seat_of(alice, house), message=message, expires_at=in_days(3))
    live(clock, 2 * DAY)
    assert warned() == [("bob@example.org", 2, 3)]


# What is read


def test_the_letter_is_in_the_readers_language_and_holds_no_content(house, clock, alice, bob):  # noqa: F811
    Organization.unscoped.update(time_zone="America/Vancouver")
    post(alice, house, "Rien de ceci", days=40)
    live(clock, 27 * DAY)
    [(to, letter)] = letters_of()
    assert (to, letter.subject) == ("bob@example.org", "A message that you have not opened expires soon")
    for part in (letter.body, letter.alternatives[0][0]):
        assert "alice@etude-tremblay.example" in part
        assert "1 message that you have not opened expires on" in part
        assert "ask for it there with one click" in part
        assert "Rien de ceci" not in part
        assert "Acte de vente" not in part
    assert str(Message.unscoped.get(sequence=2).pk) in letter.body


def test_what_expires_on_one_day_comes_in_one_letter(house, clock, alice, alice_enrolment):  # noqa: F811
    for _ in range(2):
        post(alice, house, "Même jour", days=40)
    live(clock, 27 * DAY)
    [(_, letter)] = letters_of()
    assert "2 messages that you have not opened expire on" in letter.body
    other = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(300))
    days = Message.unscoped.get(sequence=2, conversation=house).expires_at + timedelta(days=30)
    for conversation in (house, other):
        message = post(alice, conversation, "Deux conversations", days=100)
        change_expiry(by=seat_of(alice, conversation), message=message, expires_at=days)
    live(clock, 30 * DAY)
    several = [letter for _, letter in letters_of() if letter and "several conversations" in letter.body]
    assert len(several) == 1


def test_where_nothing_longer_is_allowed_the_letter_does_not_speak_of_more_time(house, clock, alice):  # noqa: F811
    Organization.unscoped.update(default_expiry_days=30, longest_expiry_days=40)
    post(alice, house, "Au plus long", days=40)
    live(clock, 27 * DAY)
    [(_, letter)] = letters_of()
    assert "one click" not in letter.body + letter.alternatives[0][0]


@pytest.mark.parametrize("how", ["opened", "withdrawn", "deleted", "put off", "expired", "left"])
def test_a_letter_that_waited_too_long_is_not_sent(house, clock, alice, bob, how):  # noqa: F811
    message = post(alice, house, "Pour quarante jours", days=40)
    live(clock, 27 * DAY)
    seat_notices.gather()
    owner, reader = seat_of(alice, house), seat_of(bob, house)
    acts = {
        "opened": lambda: open_message(participation=reader, message=message),
        "withdrawn": lambda: withdraw_message(by=owner, message=message),
        "deleted": lambda: delete_conversation(by=owner),
        "put off": lambda: change_expiry(by=owner, message=message, expires_at=in_days(90)),
        "expired": lambda: live(clock, 14 * DAY),
        "left": lambda: leave(participations=[reader]),
    }
    acts[how]()
    mails = list(Mail.unscoped.filter(kind=Mail.Kind.EXPIRING))
    assert [rendering.Letters(mails).write(mail) for mail in mails] == [None]


def test_one_letter_tells_only_of_what_is_still_unopened(house, clock, alice, bob):  # noqa: F811
    first, _second = post(alice, house, "Une", days=40), post(alice, house, "Deux", days=40)
    live(clock, 27 * DAY)
    seat_notices.gather()
    open_message(participation=seat_of(bob, house), message=first)
    [(_, letter)] = letters_of()
    assert "1 message that you have not opened expires" in letter.body
