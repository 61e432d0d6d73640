"""Pages of the inbox by key: each row once, whatever moves meanwhile, and a foot that is right (spec B5)."""

import re
from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from connexion_plugin import personas
from connexion_plugin.models import Participation, Persona
from connexion_plugin.views.inbox import _days_left
from tests.conftest import sign_in
from tests.factories.conversations import start

pytestmark = pytest.mark.spec("B5")


@pytest.fixture
def inbox(bob):
    persona = next(row for row in personas.of(bob) if row.address == "bob@example.org")
    with translation.override("en"):
        return reverse("connexion:inbox", args=[persona.pk])


@pytest.fixture
def visit(sign_in, alice, bob, alice_enrolment, inbox):
    """25 conversations, D24 the newest; a call returns what a page shows."""
    for number in range(25):
        start(alice_enrolment, to=["bob@example.org"], title=f"D{number:02}")
    reader = sign_in(bob)
    return lambda url=inbox: Page(reader.get(url).content.decode())


class Page:
    def __init__(self, html):
        self.rows = [int(number) for number in re.findall(r">(?:<span[^>]*>[^<]*</span>)?D(\d\d)</a>", html)]
        self.foot = re.search(r"Page (\d+) of (\d+)", html)[0]
        bar = html.split('<nav class="pages"')[1].split("</ul>")[0].split("<li>")[1:]
        links = [re.search(r'href="([^"]+)"', item) for item in bar]
        self.first, self.previous, self.next, self.last = (
            link and link[1].replace("&amp;", "&") for link in links
        )


def numbers(first, last):
    return list(range(first, last - 1, -1))


def test_next_and_previous_show_each_row_once(visit):
    first = visit()
    second = visit(first.next)
    third = visit(second.next)
    assert [page.foot for page in (first, second, third)] == ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3"]
    assert first.rows + second.rows + third.rows == numbers(24, 0)
    assert (first.previous, first.first, third.next, third.last) == (None, None, None, None)
    assert visit(third.previous).rows == second.rows
    assert visit(visit(third.previous).previous).rows == first.rows


def test_last_and_first_show_what_paging_there_shows(visit):
    last = visit(visit().last)
    assert (last.rows, last.foot) == (numbers(4, 0), "Page 3 of 3")
    assert visit(last.previous).rows == numbers(14, 5)
    assert visit(last.first).rows == numbers(24, 15)


def test_the_oldest_come_first_when_the_arrow_is_turned(visit, inbox):
    first = visit(f"{inbox}?order=oldest")
    assert first.rows == list(range(10))
    second = visit(first.next)
    assert second.rows == list(range(10, 20))
    assert visit(second.last).rows == list(range(20, 25))


def test_a_typed_page_number_is_shown_and_one_beyond_the_end_is_the_last(visit, inbox):
    assert visit(f"{inbox}?page=2").rows == numbers(14, 5)
    beyond = visit(f"{inbox}?page=99")
    assert (beyond.rows, beyond.foot) == (numbers(4, 0), "Page 3 of 3")
    assert visit(f"{inbox}?after=nonsense&before=1-2").rows == numbers(24, 15)


def test_rows_that_move_while_one_reads_are_neither_skipped_nor_doubled(visit, inbox):
    first = visit(f"{inbox}?order=oldest")
    # The oldest three get a new message: with an OFFSET the next page would skip three rows.
    oldest = Participation.unscoped.filter(persona__address="bob@example.org").order_by("activity_at")[:3]
    Participation.unscoped.filter(pk__in=list(oldest.values_list("pk", flat=True))).update(
        activity_at=F("activity_at") + timedelta(days=1)
    )
    second = visit(first.next)
    assert second.rows == list(range(10, 20))
    third = visit(second.next)
    assert third.rows == [20, 21, 22, 23, 24, 0, 1, 2]
    assert visit(third.previous).rows == second.rows


def test_the_page_that_was_emptied_gives_way_to_the_last_one(visit):
    third = visit(visit(visit().next).next)
    assert third.rows == numbers(4, 0)
    url = visit(visit().next).next
    rows = Participation.unscoped.filter(persona__address="bob@example.org").order_by("activity_at")[:5]
    Participation.unscoped.filter(pk__in=list(rows.values_list("pk", flat=True))).update(in_inbox=False)
    page = visit(url)
    assert (page.rows, page.foot) == (numbers(14, 5), "Page 2 of 2")


def test_a_large_inbox_counts_itself_once_in_a_while(visit, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("connexion_plugin.views.inbox_pages.EXACT_UP_TO", 20)
    assert visit().foot == "Page 1 of 3"
    with django_assert_max_num_queries(7) as captured:
        page = visit()
    assert page.foot == "Page 1 of 3"
    assert not any("LIMIT 21)" in query["sql"] for query in captured.captured_queries)
    assert visit(page.last).rows == numbers(4, 0)


@pytest.mark.spec("B5")
def test_the_choice_of_rows_is_remembered_in_another_browser(alice, bob, alice_enrolment):
    for number in range(12):
        start(alice_enrolment, to=["bob@example.org"], title=f"Dossier {number}")
    url = reverse("connexion:inbox", args=[Persona.unscoped.get(address="bob@example.org").pk])
    first, second = sign_in(Client(), bob), sign_in(Client(), bob)
    assert len(first.get(url).context["rows"]) == 10
    assert len(first.get(url, {"size": "20"}).context["rows"]) == 12
    assert len(second.get(url).context["rows"]) == 12
    assert len(second.get(url, {"size": "1000"}).context["rows"]) == 12


@pytest.mark.spec("C1")
@pytest.mark.parametrize(
    "query",
    ["?page=2&order=oldest", "?show=unread&size=10", "?search=D1", "?show=answer&order=oldest&page=2"],
)
def test_the_back_arrow_returns_to_the_very_page_order_and_filter(visit, sign_in, bob, inbox, query):
    reader = sign_in(bob)
    left = reader.get(inbox + query)
    window = reader.get(left.context["rows"][0].url)
    back = reader.get(window.context["back_url"])
    assert [row.title for row in back.context["rows"]] == [row.title for row in left.context["rows"]]
    for name in ("order", "show", "search"):
        assert back.context[name] == left.context[name]
    if not left.context["search"]:
        assert back.context["page"]["number"] == left.context["page"]["number"]


@pytest.mark.spec("C1")
def test_the_back_arrow_returns_to_a_page_that_was_reached_by_key(visit, sign_in, bob, inbox):
    reader = sign_in(bob)
    second = reader.get(visit().next)
    window = reader.get(second.context["rows"][3].url)
    activity = reader.get(window.context["activity_url"])
    again = reader.get(activity.context["back_url"])
    back = reader.get(again.context["back_url"])
    assert back.context["page"]["number"] == 2
    assert [row.title for row in back.context["rows"]] == [row.title for row in second.context["rows"]]


@pytest.mark.spec("C1", "B6")
def test_starting_a_conversation_leads_back_to_the_very_page_too(sign_in, alice, alice_enrolment):
    for number in range(12):
        start(alice_enrolment, to=["bob@example.org"], title=f"D{number:02}")
    owner = sign_in(alice)
    persona = Persona.unscoped.get(address=alice_enrolment.address)
    left = reverse("connexion:inbox", args=[persona.pk]) + "?page=2&order=oldest"
    form = owner.get(owner.get(left).context["start_url"], follow=True)
    assert form.context["back_url"] == left
    typed = {"title": "Acte", "addresses": "bob@example.org", "language": "fr", "text": "Bonjour."}
    started = owner.post(form.context["action_url"], {**typed, "expires_in_days": 364}, follow=True)
    assert started.context["conversation"]["title"] == "Acte"
    assert started.context["back_url"] == left


@pytest.mark.spec("C1", "C8")
def test_a_discarded_start_leads_back_to_the_very_page_too(sign_in, alice, alice_enrolment):
    owner = sign_in(alice)
    persona = Persona.unscoped.get(address=alice_enrolment.address)
    left = reverse("connexion:inbox", args=[persona.pk]) + "?order=oldest"
    form = owner.get(owner.get(left).context["start_url"], follow=True)
    owner.post(form.context["draft"].save_url, {"title": "Acte"})
    assert owner.post(form.context["draft"].discard_url)["Location"] == left


@pytest.mark.spec("C1")
def test_a_tab_that_is_not_ones_own_is_no_place_to_go_back_to(sign_in, alice, bob, alice_enrolment):
    (other, *_) = personas.of(bob)
    url = f"{reverse('connexion:start_conversation')}?persona={other.pk}&from=order%3Doldest"
    assert sign_in(alice).get(url, follow=True).context["back_url"] == reverse("connexion:inbox")


@pytest.mark.spec("B3")
@pytest.mark.parametrize(("hours", "days"), [(1, 0), (3, 1), (23, 1), (27, 2), (24 * 40, None)])
def test_what_expires_after_midnight_does_not_expire_today(hours, days):
    now = datetime(2026, 3, 4, 21, 55, tzinfo=timezone.get_current_timezone())
    assert _days_left(now + timedelta(hours=hours), now) == days
