"""What one does to a message older than the last five ends at that message, with the messages shown that were (C2)."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.more_time import ask_for_time
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Message
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = [pytest.mark.django_db, pytest.mark.spec("C2")]
MESSAGES = 11


@pytest.fixture
def house(alice, bob, alice_enrolment):
    """Eleven messages; the first two expire soon."""
    house = start(alice_enrolment, to=["bob@example.org"], text="n° 1", expires_at=in_days(5))
    for number in range(2, MESSAGES + 1):
        post(alice, house, f"n° {number}", days=5 if number == 2 else 300)
    return house


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


def window(client, house, **query):
    return client.get(reverse("connexion:conversation", args=[house.pk]), query)


def letter(client, house, sequence, **query):
    [found] = [
        one for one in window(client, house, **query).context["thread"] if one.anchor == f"message-{sequence}"
    ]
    return found


def shown(answer):
    return [int(number) for number in re.findall(r'id="message-(\d+)"', answer.content.decode())]


def ends_at(answer, sequence):
    """The page that a redirection ended on shows the message that its anchor names."""
    where = answer.redirect_chain[-1][0]
    assert urlsplit(where).fragment == f"message-{sequence}"
    return shown(answer)


def door(name, house, sequence):
    message = Message.unscoped.get(conversation=house, sequence=sequence)
    return reverse(f"connexion:{name}", args=[house.pk, message.pk])


def the_last(number):
    return list(range(MESSAGES - number + 1, MESSAGES + 1))


@pytest.mark.spec("C12")
def test_the_tombstone_of_an_old_message_is_on_the_page(owner, house, bob):
    open_message(participation=seat_of(bob, house), message=Message.unscoped.get(sequence=1))
    answer = owner.post(door("withdraw_message", house, 1), follow=True)
    assert "voyez ci-dessous" in answer.content.decode()
    assert ends_at(answer, 1) == the_last(11)


@pytest.mark.spec("E1")
def test_so_is_a_message_whose_expiry_was_changed(owner, house):
    day = in_days(100).date().isoformat()
    answer = owner.post(door("change_expiry", house, 3), {"day": day}, follow=True)
    assert "expire maintenant le" in answer.content.decode()
    assert ends_at(answer, 3) == the_last(9)


@pytest.mark.spec("E2")
def test_and_one_with_which_more_time_is_asked_for_declined_and_given(owner, reader, house, bob):
    assert ends_at(reader.post(door("ask_for_time", house, 1), follow=True), 1) == the_last(11)
    assert ends_at(owner.post(door("decline_time", house, 1), follow=True), 1) == the_last(11)
    ask_for_time(by=seat_of(bob, house), message=Message.unscoped.get(sequence=2))
    assert ends_at(owner.post(door("grant_time", house, 2), follow=True), 2) == the_last(10)


@pytest.mark.spec("C5")
@pytest.mark.parametrize(("show", "number"), [("all", 11), ("9", 9), ("7", 7)])
def test_as_many_are_shown_as_before(owner, reader, house, bob, show, number):
    """Through the plain form, and on the way back from each page about a message."""
    assert ends_at(reader.post(letter(reader, house, 10, show=show).open_url, follow=True), 10) == the_last(
        number
    )
    mine = letter(owner, house, 10, show=show)
    for url in (mine.withdraw_url, mine.expiry_url):
        back = owner.get(url).context["message_url"]
        assert back.endswith("#message-10")
        assert shown(owner.get(back)) == the_last(number)
    assert ends_at(owner.post(mine.withdraw_url, follow=True), 10) == the_last(number)
    tombstone = letter(owner, house, 10, show=show)
    assert shown(owner.get(owner.get(tombstone.openings_url).context["message_url"])) == the_last(number)


@pytest.mark.spec("C5")
def test_an_envelope_opened_by_a_script_goes_on_carrying_it(owner, reader, house):
    page = reader.post(letter(reader, house, 10, show="all").open_url, headers={"HX-Request": "true"})
    assert page.context["message"].state == "open"
    post_time = letter(reader, house, 1, show="all").time.ask_url
    assert ends_at(reader.post(post_time, follow=True), 1) == the_last(11)
    assert "show=all" in post_time


def test_the_five_that_are_shown_at_first_need_no_word_of_it(owner, house):
    here = window(owner, house)
    assert len(here.context["thread"]) == 5
    assert "show" not in here.context["thread"][0].withdraw_url
    answer = owner.post(here.context["thread"][0].withdraw_url, follow=True)
    assert "show" not in answer.redirect_chain[-1][0]
    assert ends_at(answer, 7) == the_last(5)


@pytest.mark.parametrize("odd", ["-1", "9999999", "x", "٣", ""])
def test_an_odd_number_is_none(reader, house, odd):
    assert len(window(reader, house, show=odd).context["thread"]) == 5
    url = f"{door('open_message', house, 11)}?show={odd}"
    assert ends_at(reader.post(url, follow=True), 11) == the_last(5)


# More unopened ones than are shown


def anchored(answer):
    """Which article, or the bar, the anchor of the inbox's link stands at."""
    page = answer.content.decode()
    assert page.count('id="unread"') == 1
    before = page[: page.index('id="unread"')]
    return re.findall(r'id="(message-\d+)"|class="(batch)"', before)[-1]


@pytest.mark.spec("C2", "C5")
def test_where_more_wait_than_are_shown_one_arrives_at_the_bar_that_leads_to_the_first(reader, house, bob):
    open_message(participation=seat_of(bob, house), message=Message.unscoped.get(sequence=1))
    arrived = window(reader, house)
    assert shown(arrived) == the_last(5)
    assert anchored(arrived) == ("", "batch")
    assert "5 messages sur 11; 5 non ouverts parmi les précédents" in arrived.content.decode()
    assert "Afficher à partir du premier non ouvert" in arrived.content.decode()
    led = reader.get(arrived.context["unread_url"])
    assert shown(led) == the_last(10)
    assert anchored(led) == ("message-2", "")
    assert led.context["unread_url"] is None
    assert arrived.context["unread_url"].endswith("#unread")
    # What one opens there does not shut what is shown.
    assert ends_at(reader.post(led.context["thread"][0].open_url, follow=True), 2) == the_last(10)


@pytest.mark.spec("C2")
def test_it_goes_by_what_can_still_be_opened_through_this_address_and_is_not_ones_own(
    reader, house, alice, bob
):
    withdraw_message(by=seat_of(alice, house), message=Message.unscoped.get(sequence=1))
    for sequence in (2, 4):
        open_message(participation=seat_of(bob, house), message=Message.unscoped.get(sequence=sequence))
    Message.unscoped.filter(sequence=3).update(posted_at=in_days(-9), expires_at=in_days(-1))  # and no sweep
    arrived = window(reader, house)
    assert arrived.context["unopened_before"] == 2
    assert shown(reader.get(arrived.context["unread_url"])) == the_last(7)
    assert shown(window(sign_in(Client(), alice), house, show="unread")) == the_last(5)  # all hers


@pytest.mark.spec("C2")
def test_where_all_are_shown_nothing_of_it_stands_there(reader, house):
    everything = window(reader, house, show="all")
    assert everything.context["unread_url"] is None
    assert anchored(everything) == ("message-1", "")
    assert "premier non ouvert" not in everything.content.decode()


@pytest.mark.django_db(transaction=True)
def test_leading_there_takes_one_statement_more_whatever_waits(reader, house, alice):
    def statements(**query):
        with CaptureQueriesContext(connection) as captured:
            window(reader, house, **query)
        return len(captured)

    window(reader, house)
    few = (statements(), statements(show="unread"), statements(show="all"))
    for number in range(20):
        post(alice, house, f"encore {number}", days=300)
    assert (statements(), statements(show="unread"), statements(show="all")) == few
    assert few[0] <= 8
    assert few[1] == few[2] + 1
