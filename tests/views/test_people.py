"""The pages of who can read: searched, invited, removed, left, closed (spec C9, C10, C12)."""

import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.actions import participants
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.models import Activity, Conversation, Participation
from tests.conftest import sign_in
from tests.factories import verify_address
from tests.factories.conversations import seat_of, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


def url(name, house, *more):
    return reverse(f"connexion:{name}", args=[house.pk, *more])


def invitation(addresses, **changes):
    return {"addresses": addresses, "may_reply": "yes", "sees_past": "yes", "language": "en", **changes}


@pytest.mark.spec("C10")
def test_a_pasted_list_with_a_bad_one_names_both_and_keeps_what_was_typed(owner, house):
    typed = "\n".join([*(f"Person {n} <p{n}@example.net>" for n in range(199)), "no-address.example"])
    page = owner.post(url("invite", house), invitation(typed, may_reply="no", sees_past="no"))
    assert page.status_code == 422
    text = page.content.decode()
    assert "no-address.example" in text
    assert "p0@example.net, p1@example.net" in text
    assert "Person 198 &lt;p198@example.net&gt;" in text
    assert page.context["form"]["may_reply"].value() == "no"
    assert Participation.unscoped.filter(conversation=house).count() == 2
    mended = owner.post(
        url("invite", house), invitation(typed.replace("no-address.", "a@address."), many_told="on")
    )
    assert mended.status_code == 302
    assert Participation.unscoped.filter(conversation=house).count() == 202


@pytest.mark.spec("C10")
def test_a_line_without_an_address_is_named_whole(owner, house):
    page = owner.post(
        url("invite", house), invitation("new@example.net\nnot an address\na@b.example c@d.example")
    )
    assert page.status_code == 422
    assert "not an address." in page.context["form"].errors["addresses"][0]


@pytest.mark.spec("C10")
def test_oneself_and_who_is_there_are_said(owner, house, alice):
    mine = "alice@etude-tremblay.example"
    page = owner.post(url("invite", house), invitation(f"bob@example.org, {mine}"))
    assert page.status_code == 422
    errors = " ".join(page.context["form"].errors["addresses"])
    assert mine in errors
    assert "bob@example.org" in errors
    page = owner.post(url("invite", house), invitation("bob@example.org new@example.net"), follow=True)
    assert "bob@example.org" in " ".join(str(message) for message in page.context["messages"])


@pytest.mark.spec("C10")
def test_a_closed_conversation_refuses_politely_what_was_being_typed(owner, house):
    owner.post(url("close", house))
    page = owner.post(url("invite", house), invitation("new@example.net"))
    assert page.status_code == 409
    assert "new@example.net" in page.content.decode()
    assert owner.get(url("invite", house)).status_code == 302


@pytest.mark.spec("C10", "I3")
def test_the_owner_removes_and_admits_again(owner, reader, house, bob):
    seat = seat_of(bob, house)
    assert "bob@example.org" in owner.get(url("remove_participant", house, seat.pk)).content.decode()
    owner.post(url("remove_participant", house, seat.pk))
    assert reader.get(url("readers", house)).status_code == 404
    page = owner.get(url("readers", house))
    assert [row["address"] for row in page.context["former_readers"]] == ["bob@example.org"]
    owner.post(url("readmit_participant", house, seat.pk))
    page = reader.get(url("readers", house))
    assert page.status_code == 200
    assert page.context["former_readers"] == []


@pytest.mark.spec("C10")
def test_who_has_gone_is_the_owners_to_know(owner, reader, house, alice):
    participants.invite(by=seat_of(alice, house), addresses=["gone@example.net"], language="fr")
    gone = Participation.unscoped.get(persona__address="gone@example.net")
    owner.post(url("remove_participant", house, gone.pk))
    assert "gone@example.net" not in reader.get(url("readers", house)).content.decode()


@pytest.mark.spec("C10")
def test_the_right_to_reply_changes_from_the_list(owner, reader, house, bob):
    seat = seat_of(bob, house)
    owner.post(url("change_reply", house, seat.pk), {"may_reply": "no"})
    assert reader.get(url("conversation", house)).context["compose_url"] is None
    owner.post(url("change_reply", house, seat.pk), {"may_reply": "yes"})
    assert reader.get(url("conversation", house)).context["compose_url"]


@pytest.mark.spec("C9")
def test_a_participant_leaves_from_a_page_that_says_what_is_lost(reader, owner, house):
    assert "bob@example.org" in reader.get(url("leave", house)).content.decode()
    reader.post(url("leave", house))
    assert reader.get(url("conversation", house)).status_code == 404
    assert owner.post(url("leave", house)).status_code == 302
    assert owner.get(url("conversation", house)).status_code == 200


@pytest.mark.spec("C12")
def test_closed_is_said_in_words_and_undone(owner, reader, house):
    assert owner.get(url("close", house)).status_code == 200
    owner.post(url("close", house))
    window = reader.get(url("conversation", house))
    assert window.context["conversation"]["is_closed"]
    assert window.context["cannot_post_reason"]
    owner.post(url("reopen", house))
    assert Conversation.unscoped.get(pk=house.pk).closed_at is None


@pytest.mark.spec("C9", "C10")
def test_a_long_list_is_paged_searched_and_takes_as_many_statements(owner, house, alice):
    def visit(query=""):
        with CaptureQueriesContext(connection) as captured:
            page = owner.get(url("readers", house) + query)
        return page, len(captured)

    visit()
    _, few = visit()
    participants.invite(
        by=seat_of(alice, house), addresses=[f"p{n}@example.net" for n in range(300)], language="fr"
    )
    page, many = visit()
    assert many == few, (few, many)
    assert len(page.context["readers"]) == 50
    assert page.context["readers_count"] == 302
    foot = page.content.decode().partition("print-foot")[2]
    assert "Page 1 sur 7. Imprimé à partir de Connexion par alice@etude-tremblay.example" in foot
    found, _ = visit("?q=P299%40")
    assert [row["address"] for row in found.context["readers"]] == ["p299@example.net"]
    assert found.context["readers_count"] == 302


@pytest.mark.spec("C9")
def test_a_search_finds_nobody_of_another_conversation(owner, house, alice_enrolment):
    start(alice_enrolment, to=["elsewhere@example.net"])
    page = owner.get(url("readers", house) + "?q=elsewhere")
    assert page.context["readers"] == []


@pytest.mark.spec("C10")
def test_a_full_conversation_says_how_many_places_are_left_and_keeps_what_was_typed(
    owner, house, alice, bob, monkeypatch
):
    monkeypatch.setattr(participants, "MOST_PARTICIPANTS", 3)
    page = owner.post(url("invite", house), invitation("a@example.net, b@example.net, c@example.net"))
    assert page.status_code == 409
    assert "il reste 2 places" in page.content.decode()
    assert "a@example.net, b@example.net, c@example.net" in page.content.decode()
    assert Participation.unscoped.filter(conversation=house).count() == 2
    # Who is there already takes no place more, and who has gone leaves theirs.
    assert owner.post(url("invite", house), invitation("bob@example.org a@example.net")).status_code == 302
    owner.post(url("remove_participant", house, seat_of(bob, house).pk))
    assert owner.post(url("invite", house), invitation("b@example.net c@example.net")).status_code == 302
    assert Participation.unscoped.filter(conversation=house, seat__in=Participation.LIVING).count() == 4
    assert "aucune place" in owner.post(url("invite", house), invitation("d@example.net")).content.decode()


@pytest.mark.spec("C10", "I3")
def test_nobody_is_admitted_again_where_no_place_is_left(owner, house, alice, bob, monkeypatch):
    seat = seat_of(bob, house)
    owner.post(url("remove_participant", house, seat.pk))
    participants.invite(by=seat_of(alice, house), addresses=["a@example.net"], language="fr")
    monkeypatch.setattr(participants, "MOST_PARTICIPANTS", 1)
    page = owner.post(url("readmit_participant", house, seat.pk), follow=True)
    assert "aucune place" in page.content.decode()
    seat.refresh_from_db()
    assert seat.seat == Participation.Seat.REMOVED


@pytest.mark.spec("C10")
@pytest.mark.parametrize("rights", [{}, {"may_reply": "no", "sees_past": "no"}])
def test_an_invitation_that_is_sent_twice_is_answered_twice_alike(owner, house, rights):
    made_at = owner.get(url("invite", house)).context["form"]["made_at"].value()
    sent = invitation("bob@example.org new@example.net other@example.net", made_at=made_at, **rights)
    for _ in range(2):
        page = owner.post(url("invite", house), sent, follow=True)
        assert [str(said) for said in page.context["messages"]] == [
            "2 personnes sont invitées.",
            "Déjà dans cette conversation\N{NO-BREAK SPACE}: bob@example.org.",
        ]
    other = invitation("new@example.net", made_at=made_at, may_reply="no" if not rights else "yes")
    assert "Déjà dans cette conversation" in owner.post(url("invite", house), other).content.decode()


@pytest.mark.spec("C10")
@pytest.mark.parametrize("made_at", [None, "", "soon", "9" * 14, "-1", "9" * 13, "later"])
def test_a_later_invitation_says_who_was_there(owner, house, made_at):
    owner.post(url("invite", house), invitation("new@example.net"))
    if made_at == "later":
        made_at = str(int(time.time() * 1000) + 5000)
    told = {} if made_at is None else {"made_at": made_at}
    answer = owner.post(url("invite", house), invitation("new@example.net", **told))
    assert answer.status_code == 422
    assert "Déjà dans cette conversation" in answer.content.decode()


@pytest.mark.spec("C9", "C10", "A2")
def test_who_had_left_is_not_removed_by_a_page_that_is_behind(owner, reader, house, bob):
    seat = seat_of(bob, house)
    reader.post(url("leave", house))
    for name in ("remove_participant", "change_reply"):
        page = owner.post(url(name, house, seat.pk), {"may_reply": "no"}, follow=True)
        assert [str(said) for said in page.context["messages"]] == [
            "Ce participant avait déjà quitté la conversation. Rien n’a changé."
        ]
    assert Participation.unscoped.get(pk=seat.pk).seat == Participation.Seat.LEFT
    verbs = Activity.unscoped.filter(conversation=house).values_list("verb", flat=True)
    assert not {Activity.Verb.REMOVED, Activity.Verb.REPLY_TAKEN} & set(verbs)


@pytest.mark.spec("I3", "C10", "A2")
def test_an_address_that_was_given_up_is_not_removed_by_a_page_that_is_behind(owner, house, bob):
    seat = seat_of(bob, house)
    give_up_address(user=bob, address="bob@example.org")
    page = owner.post(url("remove_participant", house, seat.pk), follow=True)
    assert "Ce participant n’y est plus. Rien n’a changé." in page.content.decode()
    assert Participation.unscoped.get(pk=seat.pk).seat == Participation.Seat.RELEASED


@pytest.mark.spec("I2", "C10", "A2")
def test_the_owners_other_addresses_are_said_and_not_invited(owner, house, alice):
    for address in ("alice.deux@example.org", "alice.trois@example.org"):
        verify_address(alice, address)
    page = owner.post(url("invite", house), invitation("Alice.Deux@example.org"))
    assert page.status_code == 422
    (said,) = page.context["form"].errors["addresses"]
    assert said.startswith("alice.deux@example.org est l’une de vos propres adresses.")
    named = "alice.deux@example.org alice.trois@example.org new@example.net"
    page = owner.post(url("invite", house), invitation(named), follow=True)
    invited, own = (str(message) for message in page.context["messages"])
    assert invited == "1 personne est invitée."
    assert own.startswith("alice.deux@example.org, alice.trois@example.org sont de vos propres adresses.")
    seats = Participation.unscoped.filter(conversation=house, holder=alice)
    assert [seat.role for seat in seats] == [Participation.Role.OWNER]


@pytest.mark.spec("I2")
def test_somebody_elses_two_addresses_are_both_invited(owner, house, bob):
    page = owner.post(url("invite", house), invitation("bob.gagnon@work.example"), follow=True)
    assert [str(said) for said in page.context["messages"]] == ["1 personne est invitée."]


@pytest.mark.spec("I2", "N4")
def test_no_place_is_corrected_to_an_address_of_the_owners(owner, house, alice):
    verify_address(alice, "alice.deux@example.org")
    participants.invite(by=seat_of(alice, house), addresses=["typo@example.net"], language="fr")
    seat = Participation.unscoped.get(persona__address="typo@example.net")
    typed = {"address": "alice.deux@example.org", "language": "fr"}
    page = owner.post(url("correct_address", house, seat.pk), typed)
    assert page.status_code == 422
    assert "C’est l’une de vos propres adresses." in page.content.decode()
