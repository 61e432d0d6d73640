"""Rows leave one's own inbox, and can be brought back from the page that says so (spec B6)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions.participants import invite
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


def delete_what_is_shown(reader, persona_of, *titles):
    """By the boxes of a page that was made now; call what it gives to press the button later."""
    page = reader.get(inbox(persona_of))
    chosen = [row.choice for row in page.context["rows"] if row.title in titles]
    assert all(f'name="selection" value="{one}"' in page.content.decode() for one in chosen)
    deletion = inbox(persona_of, "delete_selection")
    return lambda: reader.post(deletion, {"selection": chosen}, follow=True)


@pytest.mark.spec("B6")
def test_what_received_a_message_since_the_page_was_made_stays_and_is_said(reader, seats, houses, alice):
    press = delete_what_is_shown(reader, seats[0], "Dossier 0", "Dossier 1", "Dossier 2")
    post(alice, houses[1], "Encore un mot")
    answer = press()
    page = answer.content.decode()
    assert "1 conversation a reçu un message entre-temps et reste dans votre boîte." in page
    assert "2 conversations ont quitté votre boîte." in page
    assert answer.context["undo"]["count"] == 2
    assert shown(reader, seats[0]) == {"Dossier 1"}
    assert "n’était plus" not in page


@pytest.mark.spec("B6")
def test_several_that_received_a_message_stay_and_nothing_is_to_be_undone(reader, seats, houses, alice):
    press = delete_what_is_shown(reader, seats[0], "Dossier 0", "Dossier 1")
    for house in houses[:2]:
        post(alice, house, "Encore un mot")
    page = press().content.decode()
    assert "2 conversations ont reçu un message entre-temps et restent dans votre boîte." in page
    assert UNDO not in page
    page = delete_what_is_shown(reader, seats[0], "Dossier 0")().content.decode()
    assert "1 conversation a quitté votre boîte." in page


@pytest.mark.spec("B6")
def test_what_one_posted_oneself_keeps_no_row(reader, seats, houses, bob):
    press = delete_what_is_shown(reader, seats[0], "Dossier 0")
    post(bob, houses[0], "Merci")
    assert "1 conversation a quitté votre boîte." in press().content.decode()


@pytest.mark.spec("B6", "C10")
def test_a_row_of_a_late_comer_says_nothing_of_what_was_before(alice, charlie, houses):
    for number in range(3):
        post(alice, houses[0], f"Avant {number}")
    invite(by=seat_of(alice, houses[0]), addresses=["charlie@example.org"], language="fr", sees_past=False)
    late, seat = sign_in(Client(), charlie), seat_of(charlie, houses[0])
    (row,) = late.get(inbox(seat)).context["rows"]
    assert row.choice == f"{seat.pk}.0"
    press = delete_what_is_shown(late, seat, "Dossier 0")
    post(alice, houses[0], "Après")
    assert "1 conversation a reçu un message" in press().content.decode()


@pytest.mark.spec("B6", "B7")
def test_a_row_that_a_search_found_knows_as_much(reader, seats, houses, alice):
    page = reader.get(inbox(seats[0]), {"search": "Dossier 1"})
    (row,) = page.context["rows"]
    post(alice, houses[1], "Encore un mot")
    page = reader.post(inbox(seats[0], "delete_selection"), {"selection": row.choice}, follow=True)
    assert "1 conversation a reçu un message" in page.content.decode()


@pytest.mark.spec("B6")
@pytest.mark.parametrize("reach", ["", "x", "-1", "9" * 40, "²"])
def test_a_box_that_knows_nothing_takes_its_row_out(reader, seats, reach):
    answer = reader.post(
        inbox(seats[0], "delete_selection"), {"selection": f"{seats[0].pk}.{reach}"}, follow=True
    )
    assert "1 conversation a quitté votre boîte." in answer.content.decode()
