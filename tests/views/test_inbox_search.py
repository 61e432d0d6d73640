"""Search in one's own inbox: titles in memory, addresses by SQL, and where it stopped (spec B7)."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from connexion_plugin import personas
from connexion_plugin.actions import searching
from connexion_plugin.models import Conversation, Participation
from tests.factories.conversations import seat_of, start

pytestmark = pytest.mark.spec("B7")


@pytest.fixture
def inbox(bob):
    return next(row for row in personas.of(bob) if row.address == "bob@example.org")


@pytest.fixture
def titles(bob, inbox):
    def found(words, **options):
        seats = searching.search(user=bob, persona=inbox, words=words, **options)
        return [searching.read_title(seat.conversation) for seat in seats.seats], seats

    return found


def write(alice_enrolment, *titles, to=("bob@example.org",)):
    return [start(alice_enrolment, to=to, title=title) for title in titles]


def test_a_title_is_found_without_its_accents_and_capitals_newest_first(alice, bob, alice_enrolment, titles):
    write(alice_enrolment, "Acte, rue des Érables", "Bail", "Servitude des érables")
    assert titles("ERABLES")[0] == ["Servitude des érables", "Acte, rue des Érables"]
    assert titles("châtaigniers")[0] == []


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Acte d’achat", "d'achat"),
        ("Acte d'achat", "d’achat"),
        ("Œuvre de Mme Lecœur", "oeuvre"),
        ("Soeurs grises", "sœurs"),
        ("Saint\u2011Jean", "saint-jean"),
    ],
)
def test_a_title_is_found_by_what_a_keyboard_has(alice, bob, alice_enrolment, titles, title, words):
    write(alice_enrolment, title, "Bail")
    assert titles(words)[0] == [title]


def test_an_accent_alone_finds_nothing(alice, bob, alice_enrolment, titles):
    write(alice_enrolment, "Bail", "Érables")
    assert titles("\u0301")[0] == []


def test_the_owner_and_the_participants_are_found_by_their_addresses(alice, bob, alice_enrolment, titles):
    write(alice_enrolment, "Avec Zoé", to=["bob@example.org", "zoe@example.net"])
    write(alice_enrolment, "Sans elle")
    assert titles("ZOE@")[0] == ["Avec Zoé"]
    assert titles("alice@etude")[0] == ["Sans elle", "Avec Zoé"]


@pytest.mark.spec("C9")
def test_a_hidden_participant_is_not_found_by_another(alice, bob, alice_enrolment, titles):
    conversation = write(alice_enrolment, "Annonce", to=["bob@example.org", "zoe@example.net"])[0]
    Conversation.unscoped.filter(pk=conversation.pk).update(hides_participants=True)
    assert titles("zoe@")[0] == []
    assert titles("alice@")[0] == ["Annonce"]


def test_nothing_of_somebody_elses_inbox_or_that_was_deleted_is_found(alice, bob, alice_enrolment, titles):
    write(alice_enrolment, "Pour Zoé", to=["zoe@example.net"])
    deleted = write(alice_enrolment, "Pour Bob")[0]
    Participation.unscoped.filter(pk=seat_of(bob, deleted).pk).update(in_inbox=False)
    assert titles("Pour")[0] == []


def test_it_says_where_it_stopped_and_goes_on_from_there(alice, bob, alice_enrolment, titles):
    write(alice_enrolment, *(f"Dossier {number}" for number in range(7)))
    first, stopped = titles("dossier", find_at_most=3)
    assert first == ["Dossier 6", "Dossier 5", "Dossier 4"]
    assert stopped.looked_at == 3
    second, stopped = titles("dossier", after=stopped.stopped, look_at_most=2)
    assert second == ["Dossier 3", "Dossier 2"]
    third, stopped = titles("dossier", after=stopped.stopped)
    assert (third, stopped.stopped) == (["Dossier 1", "Dossier 0"], None)


def test_the_page_searches_and_tells_what_it_did(sign_in, alice, bob, alice_enrolment, inbox, monkeypatch):
    write(alice_enrolment, "Bail", "Acte de vente")
    with translation.override("en"):
        reader, url = sign_in(bob), reverse("connexion:inbox", args=[inbox.pk])
    page = reader.get(url, {"search": "  bail "}).content.decode()
    assert "Bail" in page
    assert "Acte de vente" not in page
    assert re.search(r'name="search" value="bail"', page)
    assert "The search went to the end of this inbox." in page
    monkeypatch.setattr(
        "connexion_plugin.actions.searching.search.__kwdefaults__",
        {
            "after": None,
            "look_at_most": 1,
            "find_at_most": 30,
        },
    )
    page = reader.get(url, {"search": "bail"}).content.decode()
    assert "so far" in page
    further = re.search(r'href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")
    assert "Bail" in reader.get(further).content.decode()
