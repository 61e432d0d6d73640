"""Rows leave one's own inbox, and can be brought back from the page that says so (spec B6)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.models import Participation
from connexion_plugin.views import inbox_selection
from tests.conftest import sign_in
from tests.factories import verify_address
from tests.factories.conversations import post, seat_of, start

UNDO = "Annuler la suppression"


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


@pytest.fixture
def houses(alice, bob, alice_enrolment):
    return [start(alice_enrolment, to=["bob@example.org"], title=f"Dossier {number}") for number in range(3)]


@pytest.fixture
def seats(houses, bob):
    return [seat_of(bob, house) for house in houses]


def inbox(seat, name="inbox"):
    return reverse(f"connexion:{name}", args=[seat.persona_id])


def delete(reader, *seats, persona=None):
    answer = reader.post(
        inbox(persona or seats[0], "delete_selection"),
        {"selection": [seat.pk for seat in seats]},
        follow=True,
    )
    return answer.content.decode()


def shown(reader, seat):
    return {row.title for row in reader.get(inbox(seat)).context["rows"]}


@pytest.mark.spec("B6")
def test_a_selection_leaves_the_inbox_and_comes_back(reader, seats):
    page = delete(reader, *seats[:2])
    assert "2 conversations ont quitté votre boîte." in page
    assert UNDO in page
    assert shown(reader, seats[0]) == {"Dossier 2"}
    page = reader.post(inbox(seats[0], "restore_selection"), follow=True).content.decode()
    assert "2 conversations sont de retour." in page
    assert UNDO not in page
    assert len(shown(reader, seats[0])) == 3


@pytest.mark.spec("B6")
def test_nothing_selected_says_what_to_do(reader, seats):
    page = delete(reader, persona=seats[0])
    assert "Cochez" in page
    assert UNDO not in page
    assert len(shown(reader, seats[0])) == 3


@pytest.mark.spec("B6")
def test_a_row_that_had_left_meanwhile_is_said_and_the_others_leave(reader, seats, bob):
    other_tab = sign_in(Client(), bob)
    delete(other_tab, seats[0])
    page = delete(reader, *seats[:2])
    assert "1 conversation a quitté votre boîte." in page
    assert "1 conversation choisie n’était plus dans cette boîte." in page
    page = delete(reader, *seats[:2])
    assert "2 conversations choisies n’étaient plus dans cette boîte." in page
    assert "Cochez" not in page


@pytest.mark.spec("B6")
def test_a_stranger_to_the_inbox_deletes_nothing_by_its_ids(seats, charlie):
    stranger = sign_in(Client(), charlie)
    own = verify_address(charlie, "charlie@elsewhere.example")
    stranger.post(
        reverse("connexion:delete_selection", args=[own.pk]), {"selection": [seats[0].pk, uuid4(), "no id"]}
    )
    assert Participation.unscoped.get(pk=seats[0].pk).in_inbox


@pytest.mark.spec("B6", "I2")
def test_the_undo_stands_in_the_inbox_that_the_rows_left_and_in_no_other(reader, seats, bob, alice_enrolment):
    other = seat_of(bob, start(alice_enrolment, to=["bob.gagnon@work.example"], title="Au travail"))
    delete(reader, seats[0])
    assert UNDO not in reader.get(inbox(other)).content.decode()
    reader.post(inbox(other, "restore_selection"))
    assert UNDO in reader.get(inbox(seats[0])).content.decode()
    reader.post(inbox(seats[0], "restore_selection"))
    assert len(shown(reader, seats[0])) == 3


@pytest.mark.spec("B6")
def test_the_undo_is_offered_for_ten_minutes_and_takes_the_focus_once(reader, seats, monkeypatch):
    page = delete(reader, seats[0])
    assert "autofocus" in page[page.index("undo") :].partition(">")[0]
    page = reader.get(inbox(seats[0])).content.decode()
    assert UNDO in page
    assert "autofocus" not in page
    monkeypatch.setattr(inbox_selection, "UNDO_SECONDS", 0)
    assert UNDO not in reader.get(inbox(seats[0])).content.decode()


@pytest.mark.spec("B6")
def test_a_new_message_brings_a_conversation_back_before_the_undo_does(reader, seats, houses, alice):
    delete(reader, seats[0])
    post(alice, houses[0], "Encore un mot")
    assert len(shown(reader, seats[0])) == 3
    page = reader.post(inbox(seats[0], "restore_selection"), follow=True).content.decode()
    assert "Il ne restait rien à ramener." in page


@pytest.mark.spec("B6")
def test_an_emptied_inbox_still_offers_the_undo(reader, seats):
    page = delete(reader, *seats)
    assert "Aucune conversation" in page
    assert UNDO in page


def undo(reader, seat, which):
    """By the button of one deletion, the last first; gives the page that follows."""
    offered = reader.get(inbox(seat)).context["undo"]
    named = [offered, *offered["earlier"]][which]["deletion"]
    answer = reader.post(inbox(seat, "restore_selection"), {"deletion": named}, follow=True)
    return answer.content.decode()


@pytest.mark.spec("B6")
def test_each_of_two_deletions_is_undone_by_a_button_of_its_own(reader, seats):
    delete(reader, *seats[:2])
    page = delete(reader, seats[2])
    assert "Une autre suppression des dix dernières minutes" in page
    assert "2 conversations ont quitté votre boîte à " in page
    assert page.count(UNDO) == 2
    assert "2 conversations sont de retour." in undo(reader, seats[0], 1)
    assert shown(reader, seats[0]) == {"Dossier 0", "Dossier 1"}
    page = undo(reader, seats[0], 0)
    assert UNDO not in page
    assert len(shown(reader, seats[0])) == 3


@pytest.mark.spec("B6")
def test_after_the_last_deletion_is_undone_the_one_before_is_offered(reader, seats):
    delete(reader, seats[0])
    delete(reader, seats[1])
    page = undo(reader, seats[0], 0)
    assert UNDO in page
    assert shown(reader, seats[0]) == {"Dossier 1", "Dossier 2"}
    assert "1 conversation est de retour." in undo(reader, seats[0], 0)


@pytest.mark.spec("B6")
def test_a_deletion_that_was_undone_in_another_tab_says_so_and_undoes_no_other(reader, seats):
    delete(reader, seats[0])
    delete(reader, seats[1])
    named = reader.get(inbox(seats[0])).context["undo"]["deletion"]
    for expected in ("1 conversation est de retour.", "Il ne restait rien à ramener."):
        answer = reader.post(inbox(seats[0], "restore_selection"), {"deletion": named}, follow=True)
        assert expected in answer.content.decode()
    assert shown(reader, seats[0]) == {"Dossier 1", "Dossier 2"}


@pytest.mark.spec("B6", "I2")
def test_a_deletion_elsewhere_takes_no_undo_away(reader, seats, bob, alice_enrolment):
    other = seat_of(bob, start(alice_enrolment, to=["bob.gagnon@work.example"], title="Au travail"))
    delete(reader, seats[0])
    delete(reader, other)
    assert "1 conversation est de retour." in undo(reader, seats[0], 0)
    assert "1 conversation est de retour." in undo(reader, other, 0)


@pytest.mark.spec("B6")
def test_the_session_remembers_five_deletions_and_no_title(reader, seats):
    for _ in range(6):
        delete(reader, seats[0])
        Participation.unscoped.update(in_inbox=True)
    kept = reader.session[inbox_selection.DELETED]
    assert len(kept) == 5
    assert "Dossier" not in str(kept)


@pytest.mark.spec("B6")
def test_a_session_of_an_earlier_version_undoes_nothing(reader, seats):
    session = reader.session
    session[inbox_selection.DELETED] = {
        "persona": str(seats[0].persona_id),
        "ids": [],
        "at": 0,
        "is_new": True,
    }
    session.save()
    assert UNDO not in reader.get(inbox(seats[0])).content.decode()
