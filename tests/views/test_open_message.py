"""An envelope opens by a POST, with a module or without, once; whatever happened meanwhile has its answer (spec C5)."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions import participants
from connexion_plugin.actions.expiry import sweep
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Activity, Message, Opening
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start

TEXT = "Les clés sont chez le concierge."
HTMX = {"HTTP_HX_REQUEST": "true"}
TOMBSTONE_EXPIRED = "Ce message a expiré."
TOMBSTONE_WITHDRAWN = "Ce message a été retiré."


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"], text=TEXT, expires_at=in_days(30))


@pytest.fixture
def message(house):
    return Message.unscoped.get(conversation=house, sequence=1)


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


@pytest.fixture
def url(house, message):
    return reverse("connexion:open_message", args=[house.pk, message.pk])


@pytest.fixture(params=[{}, HTMX], ids=["plain form", "htmx"])
def how(request):
    return request.param


def openings(house):
    return Activity.unscoped.filter(conversation=house, verb=Activity.Verb.OPENED).count()


@pytest.mark.spec("C5")
def test_the_plain_form_ends_on_the_open_message(reader, url, message):
    answer = reader.post(url, follow=True)
    assert answer.redirect_chain[0][0].endswith(f"#message-{message.sequence}")
    assert TEXT in answer.content.decode()


@pytest.mark.spec("C5")
def test_htmx_receives_the_message_alone(reader, url):
    page = reader.post(url, **HTMX).content.decode()
    assert page.startswith("<article")
    assert TEXT in page
    assert "<html" not in page


@pytest.mark.spec("C5")
def test_what_follows_links_opens_nothing(reader, url, house):
    for method in ("get", "head", "options"):
        assert getattr(reader, method)(url).status_code == 405
    page = reader.get(reverse("connexion:conversation", args=[house.pk])).content.decode()
    assert TEXT not in page
    assert not Opening.unscoped.exists()


@pytest.mark.spec("C5")
def test_opened_twice_or_in_two_tabs_it_is_open_and_recorded_once(reader, url, house, how):
    first, second = reader.post(url, follow=True, **how), reader.post(url, follow=True, **how)
    assert TEXT in first.content.decode()
    assert TEXT in second.content.decode()
    assert openings(house) == 1


@pytest.mark.spec("C5", "E3")
@pytest.mark.parametrize("swept", [True, False])
def test_after_its_hour_the_envelope_shows_a_tombstone(reader, url, house, message, how, swept):
    Message.unscoped.filter(pk=message.pk).update(posted_at=in_days(-31), expires_at=in_days(-1))
    if swept:
        sweep()
    page = reader.post(url, follow=True, **how).content.decode()
    assert TOMBSTONE_EXPIRED in page
    assert TEXT not in page
    assert openings(house) == 0


@pytest.mark.spec("C5", "C12")
def test_after_it_was_withdrawn_the_envelope_shows_a_tombstone(reader, url, house, message, alice, how):
    withdraw_message(by=seat_of(alice, house), message=message)
    page = reader.post(url, follow=True, **how).content.decode()
    assert TOMBSTONE_WITHDRAWN in page
    assert openings(house) == 0


@pytest.mark.spec("C5", "C10")
def test_after_one_was_removed_there_is_nothing_here(reader, url, house, alice, bob, how):
    participants.remove(by=seat_of(alice, house), participation=seat_of(bob, house))
    answer = reader.post(url, **how)
    assert answer.status_code == 404
    assert TEXT not in answer.content.decode()
    assert openings(house) == 0


@pytest.mark.spec("C5", "I1")
def test_after_a_lost_session_signing_in_ends_on_the_conversation(reader, url, house, how):
    window = reverse("connexion:conversation", args=[house.pk]) + "?show=all"
    reader.logout()
    answer = reader.post(url, HTTP_REFERER=f"http://testserver{window}", **how)
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [window]
    assert openings(house) == 0


@pytest.mark.spec("C5")
@pytest.mark.parametrize(
    "page", ["https://elsewhere.example/x", "javascript:alert(1)", "//elsewhere.example", ""]
)
def test_signing_in_never_leads_elsewhere(client, url, page):
    answer = client.post(url, HTTP_REFERER=page)
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/"]


@pytest.mark.spec("C1")
def test_the_way_back_survives_the_opening(reader, url, house, bob):
    persona = seat_of(bob, house).persona_id
    came_from = "page=2&order=oldest&show=unread"
    query = {"persona": persona, "from": came_from}
    answer = reader.get(reverse("connexion:conversation", args=[house.pk]), query)
    letter = answer.context["thread"][0]
    window = reader.post(letter.open_url, follow=True).context
    assert window["back_url"] == f"{reverse('connexion:inbox', args=[persona])}?{came_from}"
    assert all(
        "show%3Dunread" in window[name]
        for name in ("readers_url", "activity_url", "compose_url", "print_url")
    )


@pytest.mark.spec("C5", "B3")
def test_the_window_opens_at_the_first_message_that_is_still_sealed(reader, url, house, alice, bob):
    post(alice, house, "Deuxième")
    rows = reader.get(reverse("connexion:inbox", args=[seat_of(bob, house).persona_id])).context["rows"]
    assert rows[0].url.endswith("#unread")
    here = reverse("connexion:conversation", args=[house.pk])

    def article_of_anchor() -> str:
        page = reader.get(here).content.decode()
        assert page.count('id="unread"') == 1
        return page[: page.index('id="unread"')].rpartition("<article")[2]

    assert 'id="message-1"' in article_of_anchor()
    reader.post(url)
    assert 'id="message-2"' in article_of_anchor()
    reader.post(reverse("connexion:open_message", args=[house.pk, Message.unscoped.get(sequence=2).pk]))
    assert 'id="unread"' not in reader.get(here).content.decode()


@pytest.mark.spec("C2")
def test_the_bar_says_how_many_unopened_ones_are_not_shown(reader, house, alice):
    for number in range(7):
        post(alice, house, f"n° {number}")
    here = reverse("connexion:conversation", args=[house.pk])
    assert reader.get(here).context["unopened_before"] == 3
    assert "3 non ouverts parmi les précédents" in reader.get(here).content.decode()
    assert reader.get(here, {"show": "all"}).context["unopened_before"] == 0


@pytest.mark.spec("C2", "E3")
def test_and_none_that_is_past_its_hour_before_the_sweep_has_been_there(reader, house, alice, bob):
    """Above those shown, and among them: both are counted until the sweep."""
    for number in range(7):
        post(alice, house, f"n° {number}", days=3 if number in {0, 1, 6} else 300)
    here = reverse("connexion:conversation", args=[house.pk])
    assert reader.get(here).context["unopened_before"] == 3
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        page = sign_in(Client(), bob).get(here)
        assert [letter.state for letter in page.context["thread"]].count("expired") == 1
        assert page.context["unopened_before"] == 1
