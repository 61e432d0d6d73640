"""The history as a page: who did what, when; sorted, filtered, searched, verified (spec A1, A2)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from connexion_plugin.actions import participants
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.messages import open_message
from connexion_plugin.models import Activity, Conversation, Message
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start


@pytest.fixture
def house(alice, bob, alice_enrolment):
    house = start(alice_enrolment, to=["bob@example.org", "dora@example.net"])
    open_message(participation=seat_of(bob, house), message=Message.unscoped.get())
    post(bob, house, "Merci")
    return house


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


def history(client, house, **query):
    return client.get(reverse("connexion:activity", args=[house.pk]), query)


def column(answer, name):
    return [line[name] for line in answer.context["lines"]]


@pytest.mark.spec("A1")
def test_creation_posting_and_opening_have_person_and_date(reader, house):
    lines = {line["verb_label"]: line for line in history(reader, house).context["lines"]}
    assert lines["Conversation lancée"]["name"] == "alice@etude-tremblay.example"
    assert lines["Message ouvert"]["name"] == "bob@example.org"
    assert all(line["at"] for line in lines.values())


@pytest.mark.spec("A1")
@pytest.mark.parametrize(("sort", "name"), [("name", "name"), ("verb", "verb_label"), ("at", "at")])
def test_each_heading_sorts_and_inverts(reader, house, sort, name):
    up, down = history(reader, house, sort=sort), history(reader, house, sort=f"-{sort}")
    assert [str(value).casefold() for value in column(up, name)] == sorted(
        str(value).casefold() for value in column(up, name)
    )
    assert column(down, name) == column(up, name)[::-1]
    assert up.context["sort_urls"][sort].endswith(f"sort=-{sort}#lines-heading")
    assert 'aria-sort="descending"' in down.content.decode()


@pytest.mark.spec("A1")
def test_the_activity_sorts_as_its_words_do_in_the_readers_language(reader, house):
    with translation.override("en"):
        english = history(reader, house, sort="verb")
    french = history(reader, house, sort="verb")
    assert column(english, "verb_label") == sorted(column(english, "verb_label"))
    assert column(french, "verb_label") == sorted(column(french, "verb_label"))


@pytest.mark.spec("A1")
def test_an_accent_sorts_nothing_behind_the_other_letters(reader, house):
    """*Délai demandé* stands before *Document téléchargé*, and *Réadmission* before *Retrait*."""
    house = Conversation.unscoped.get(pk=house.pk)
    verbs = [Activity.Verb.DOWNLOADED, Activity.Verb.ASKED, Activity.Verb.REMOVED, Activity.Verb.READMITTED]
    for verb in verbs:
        append_line(conversation=house, verb=verb, at=timezone.now())
    shown = column(history(reader, house, sort="verb"), "verb_label")
    with translation.override("fr"):
        later, early, last, before = (str(verb.label) for verb in verbs)
    assert shown.index(early) < shown.index(later) < shown.index(before) < shown.index(last)


@pytest.mark.spec("A1")
def test_a_line_without_a_person_sorts_under_the_name_it_shows(reader, house):
    house = Conversation.unscoped.get(pk=house.pk)
    append_line(conversation=house, verb=Activity.Verb.FROZEN, at=timezone.now())
    names = column(history(reader, house, sort="name"), "name")
    assert names == sorted(names, key=str.casefold)
    assert "Connexion" in names


def test_what_is_asked_for_wrongly_is_by_date(reader, house):
    assert column(history(reader, house, sort="-nothing", show="nothing", page="x"), "number") == column(
        history(reader, house), "number"
    )


@pytest.mark.spec("A1")
@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("messages", {"Conversation lancée", "Message ouvert", "Message affiché"}),
        ("people", {"Invitation"}),
        ("documents", set()),
        ("conversation", {"Lecture seule"}),
    ],
)
def test_filters_by_kind(reader, house, show, words):
    now = Conversation.unscoped.get(pk=house.pk)
    append_line(conversation=now, verb=Activity.Verb.FROZEN, at=timezone.now())
    found = set(column(history(reader, house, show=show), "verb_label"))
    kinds = {str(label) for verb, label in Activity.Verb.choices}
    assert found <= kinds
    assert bool(found) is bool(words)


@pytest.mark.spec("A1")
def test_every_kind_of_line_is_under_one_filter(reader, house):
    for verb in Activity.Verb:
        append_line(conversation=Conversation.unscoped.get(pk=house.pk), verb=verb, at=timezone.now())
    kinds = [
        column(history(reader, house, show=show), "number")
        for show in ("messages", "documents", "people", "conversation")
    ]
    assert sorted(number for numbers in kinds for number in numbers) == column(
        history(reader, house), "number"
    )


@pytest.mark.spec("A1")
def test_a_part_of_an_address_finds_who_acted_and_who_was_acted_upon(owner, house, alice):
    participants.invite(by=seat_of(alice, house), addresses=["zoe@example.net"], language="fr")
    found = history(owner, house, q="ZOE@")
    assert found.context["lines_count"] == len(found.context["lines"]) == 1
    nothing = history(owner, house, q="nobody@")
    assert nothing.context["lines"] == []
    page = nothing.content.decode()
    assert nothing.context["all_url"] in page.replace("&amp;", "&")
    assert "Aucune activité de ce genre." in page
    assert "0 activité" not in page  # said once


@pytest.mark.spec("A1", "C9")
def test_in_an_announcement_the_search_finds_nobody_else(alice, bob, alice_enrolment, reader, charlie):
    house = start(alice_enrolment, to=["bob@example.org", "charlie@example.org"], hides_participants=True)
    open_message(participation=seat_of(charlie, house), message=Message.unscoped.get(conversation=house))
    assert history(reader, house, q="charlie").context["lines"] == []
    assert "charlie" not in history(reader, house, sort="name").content.decode()


@pytest.mark.spec("A1")
def test_pages_keep_order_filter_and_words(reader, house, bob):
    for number in range(60):
        post(bob, house, f"n° {number}")
    first = history(reader, house, sort="-verb", show="messages", q="bob")
    assert len(first.context["lines"]) == 50
    second = reader.get(first.context["page"]["next_url"])
    assert second.context["page"]["number"] == 2
    assert (second.context["sort"], second.context["is_descending"], second.context["words"]) == (
        "verb",
        True,
        "bob",
    )
    numbers = column(first, "number") + column(second, "number")
    assert len(numbers) == len(set(numbers)) == first.context["lines_count"]


@pytest.mark.spec("A1")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sort", ["at", "name", "verb"])
def test_as_many_statements_for_5_lines_as_for_300(reader, house, bob, sort):
    def statements():
        history(reader, house)  # what the page remembers for a minute is not to be counted
        with CaptureQueriesContext(connection) as captured:
            history(reader, house, sort=sort)
        return len(captured.captured_queries)

    few = statements()
    now = Conversation.unscoped.get(pk=house.pk)
    for _ in range(300):
        append_line(conversation=now, verb=Activity.Verb.OPENED, at=timezone.now(), actor=seat_of(bob, house))
    assert statements() <= few <= 9


@pytest.mark.spec("A2")
def test_the_owner_verifies_the_history_and_is_answered_in_words(owner, house):
    page = history(owner, house).content.decode()
    assert "Vérifier l’historique" in page
    whole = history(owner, house, verify="1").content.decode()
    assert "L’historique est intact" in whole
    Activity.unscoped.filter(conversation=house, number=2).update(verb="removed")
    broken = history(owner, house, verify="1").content.decode()
    assert "L’historique n’est pas intact." in broken
    assert "La ligne 2 a été modifiée, ou une ligne qui la précède." in broken


@pytest.mark.spec("A2")
def test_a_participant_is_offered_no_verification_and_gets_none_by_its_address(reader, house):
    answer = history(reader, house, verify="1")
    assert answer.context["verified"] is None
    assert answer.context["verify_url"] is None


@pytest.mark.spec("A1")
def test_what_is_noted_later_stands_at_its_own_hour(reader, house):
    house = Conversation.unscoped.get(pk=house.pk)
    append_line(conversation=house, verb=Activity.Verb.EXPIRED, at=house.created_at - timedelta(days=1))
    lines = history(reader, house, sort="at").context["lines"]
    assert lines[0]["number"] == max(line["number"] for line in lines)


@pytest.mark.spec("A1")
@pytest.mark.parametrize(
    ("sort", "names"), [("at", False), ("-at", False), ("verb", False), ("name", True), ("-name", True)]
)
def test_lines_are_sorted_before_the_seats_that_they_name_are_read(reader, house, sort, names):
    """Of 100,000 each would be joined twice for the fifty that are shown."""
    with CaptureQueriesContext(connection) as captured:
        shown = history(reader, house, sort=sort)
    (sorting,) = (
        query["sql"]
        for query in captured
        if " ORDER BY " in query["sql"] and query["sql"].startswith(f'SELECT "{Activity._meta.db_table}"')
    )
    assert sorting.count("JOIN") == (2 if names else 0)  # the actor's seat and its address
    assert len(column(shown, "number")) == Activity.unscoped.count()
