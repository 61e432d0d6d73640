"""A page that stood open while a hold, a freeze, a deletion or a hand-over came: whoever still sits there reads why nothing
happened, and keeps what they typed; to everybody else nothing is there, as before (B4, C12, E2, E3)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin import access, exceptions
from connexion_plugin.actions import handing_over, holds, moving
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.more_time import ask_for_time
from connexion_plugin.models import Activity, Draft, Message, Participation, Persona, SeatMove
from tests.conftest import sign_in
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, post, seat_of, start
from tests.test_doors import without_reference

pytestmark = pytest.mark.django_db
MEANWHILE = ["held", "frozen", "deleted"]
REASONS = {
    "held": exceptions.UnderLegalHold,
    "frozen": exceptions.ConversationFrozen,
    "deleted": exceptions.ConversationDeleted,
}
SECOND = "bob.gagnon@work.example"


@pytest.fixture
def house(settled_standing_key, alice, bob, charlie, alice_enrolment):
    """A message of Alice's that expires soon, and about which Bob asks; one of Bob's."""
    everyone = ["bob@example.org", "charlie@example.org"]
    house = start(alice_enrolment, to=everyone, expires_at=in_days(5))
    post(bob, house, "de Bob", days=5)
    ask_for_time(by=seat_of(bob, house), message=Message.unscoped.get(sequence=1))
    return house


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


@pytest.fixture(params=MEANWHILE)
def meanwhile(request, house, alice, alice_enrolment):
    """Called, it happens; the sentence that says so."""

    def comes():
        if request.param == "held":
            holds.set_hold(collaborator=alice_enrolment, by=None)
        elif request.param == "frozen":
            deactivate_collaborator(collaborator=alice_enrolment, by=None)
        else:
            delete_conversation(by=seat_of(alice, house))
        return str(REASONS[request.param].sentence)

    return comes


def door(name, house, sequence):
    message = Message.unscoped.get(conversation=house, sequence=sequence)
    return reverse(f"connexion:{name}", args=[house.pk, message.pk])


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def acts(house):
    return Activity.unscoped.filter(conversation=house).count()


DAY = {"day": "2030-01-01"}
STALE = [
    ("owner", "withdraw_message", 1, {}),
    ("owner", "withdraw_message", 2, {}),
    ("owner", "change_expiry", 1, DAY),
    ("owner", "grant_time", 1, {}),
    ("owner", "decline_time", 1, {}),
    ("reader", "withdraw_message", 2, {}),
    ("reader", "change_expiry", 2, DAY),
    ("reader", "ask_for_time", 1, {}),
]


@pytest.mark.spec("C12", "E1", "E2")
@pytest.mark.parametrize(("who", "name", "sequence", "data"), STALE)
def test_who_still_sits_there_is_told_why_nothing_happened(
    house, alice, bob, meanwhile, who, name, sequence, data
):
    url = door(name, house, sequence)
    reason = meanwhile()
    client = sign_in(Client(), {"owner": alice, "reader": bob}[who])  # a deactivation signs out everywhere
    before = acts(house)
    answers = [client.post(url, data, follow=True)]
    if name in {"withdraw_message", "change_expiry"}:
        answers.append(client.get(url, follow=True))
    for answer in answers:
        assert answer.redirect_chain[-1][0].startswith(reverse("connexion:conversation", args=[house.pk]))
        assert (answer.status_code, said(answer)) == (200, [reason])
    assert acts(house) == before


@pytest.mark.parametrize("is_announcement", [False, True])
def test_whose_the_message_is_not_still_finds_nothing(
    alice, bob, charlie, alice_enrolment, meanwhile, house, is_announcement
):
    """Another reader, a stranger and, of what only the owner answers, whoever asked."""
    if is_announcement:
        house = start(alice_enrolment, to=["bob@example.org", "charlie@example.org"], hides_participants=True)
    strangers = [make_person("Sam Stranger", "sam@example.org"), charlie]
    names = ("withdraw_message", "change_expiry", "grant_time", "decline_time")
    doors = [(name, door(name, house, 1)) for name in names]
    meanwhile()
    for person in strangers:
        client = sign_in(Client(), person)
        for name, url in doors:
            answer = client.post(url, DAY)
            unreal = client.post(reverse(f"connexion:{name}", args=[house.pk, uuid4()]), DAY)
            assert answer.status_code == unreal.status_code == 404
            assert without_reference(answer) == without_reference(unreal)
    stranger = sign_in(Client(), strangers[0])
    assert stranger.post(door("ask_for_time", house, 1)).status_code == 404


def test_who_may_not_ask_still_finds_nothing(alice, reader, house, meanwhile):
    urls = [door("ask_for_time", house, number) for number in (1, 2)]
    meanwhile()
    owner = sign_in(Client(), alice)
    assert [owner.post(url).status_code for url in urls] == [404, 404]
    assert reader.post(urls[1]).status_code == 404  # their own


@pytest.mark.spec("C12")
@pytest.mark.parametrize("state", ["held", "frozen"])
def test_what_could_not_be_deleted_is_not_passed_over(alice, house, alice_enrolment, state):
    if state == "held":
        holds.set_hold(collaborator=alice_enrolment, by=None)
    else:
        deactivate_collaborator(collaborator=alice_enrolment, by=None)
    owner, url = sign_in(Client(), alice), reverse("connexion:delete", args=[house.pk])
    for answer in (owner.post(url, {"word": "SUPPRIMER"}, follow=True), owner.get(url, follow=True)):
        assert said(answer) == [str(REASONS[state].sentence)]
    house.refresh_from_db()
    assert house.deleted_at is None


@pytest.mark.spec("C12")
def test_what_was_deleted_already_needs_no_excuse(owner, house, alice):
    delete_conversation(by=seat_of(alice, house))
    answer = owner.post(reverse("connexion:delete", args=[house.pk]), {"word": "SUPPRIMER"}, follow=True)
    assert (answer.status_code, said(answer)) == (200, [])


# A request to move, settled twice


@pytest.fixture
def move(house, bob):
    moving.ask_to_move(seat=seat_of(bob, house), persona=Persona.unscoped.get(address=SECOND))
    return SeatMove.unscoped.get()


NOT_ASKED = "Rien n’a changé\u00a0: aucune autre adresse n’est plus demandée ici."


@pytest.mark.spec("I7")
@pytest.mark.parametrize("first", ["yes", "no"])
@pytest.mark.parametrize("second", ["yes", "no"])
def test_a_request_that_was_settled_is_not_settled_again(owner, house, bob, move, first, second):
    url = reverse("connexion:settle_move", args=[house.pk, move.participation_id])
    data = {"address": SECOND}
    assert said(owner.post(url, {**data, "consent": first}, follow=True)) != [NOT_ASKED]
    before, address = acts(house), seat_of(bob, house).persona.address
    answer = owner.post(url, {**data, "consent": second}, follow=True)
    assert (answer.status_code, said(answer)) == (200, [NOT_ASKED])
    assert answer.redirect_chain[-1][0].startswith(reverse("connexion:readers", args=[house.pk]))
    assert (acts(house), seat_of(bob, house).persona.address) == (before, address)


@pytest.mark.spec("I7")
@pytest.mark.parametrize("consent", ["yes", "no"])
def test_nor_in_the_moment_between_the_look_and_the_verb(owner, house, alice, move, monkeypatch, consent):
    found = access.move_asked

    def and_another_window_declines(entry, seat):
        waiting = found(entry, seat)
        moving.decline_to_move(by=seat_of(alice, house), move=waiting)
        return waiting

    monkeypatch.setattr(access, "move_asked", and_another_window_declines)
    url = reverse("connexion:settle_move", args=[house.pk, move.participation_id])
    answer = owner.post(url, {"address": SECOND, "consent": consent}, follow=True)
    assert said(answer) == [NOT_ASKED]


# A draft, deleted twice


@pytest.mark.spec("C8")
def test_a_draft_that_was_deleted_before_is_said_to_be_gone_and_somebody_elses_in_the_same_words(
    owner, reader, house
):
    key, hers = uuid4(), uuid4()
    for client, draft in ((reader, key), (owner, hers)):
        client.post(reverse("connexion:reply_draft", args=[house.pk, draft]), {"text": "à finir"})
    url = reverse("connexion:discard_draft", args=[key])
    reader.post(url, follow=True)
    for method in (reader.get, reader.post):
        again = method(url)
        assert again.status_code == 404
        assert "Ce brouillon n’est plus ici" in again.content.decode()
        assert "ne participez pas" not in again.content.decode()
        another = method(reverse("connexion:discard_draft", args=[hers]))
        assert without_reference(another) == without_reference(again)
    assert Draft.unscoped.get().pk == hers


# A list pasted while the conversation was handed over


PASTED = "anne@example.net, paul@example.net"


@pytest.fixture
def handed_over(house, dora, organization, alice_enrolment):
    make_person("Emma Cyr", "emma@etude-tremblay.example")
    emma = enrol(organization, "emma@etude-tremblay.example")
    handing_over.hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    assert handing_over.carry_hand_overs()
    return house


def invite(client, where):
    return client.post(reverse("connexion:invite", args=[where]), {"addresses": PASTED, "may_reply": "yes"})


@pytest.mark.spec("C10", "C13")
def test_the_former_owner_gets_back_the_list_that_they_pasted(handed_over, owner):
    answer = invite(owner, handed_over.pk)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert PASTED in page
    assert "Personne n’a été invité" in page
    assert handed_over.title_sealed is None or "Acte de vente" not in page
    assert owner.get(reverse("connexion:invite", args=[handed_over.pk])).status_code == 404
    assert not Participation.unscoped.filter(persona__address="anne@example.net").exists()


@pytest.mark.spec("C10", "C13")
def test_nobody_else_does(handed_over, reader):
    stranger = sign_in(Client(), make_person("Sam Stranger", "sam@example.org"))
    nothing = without_reference(invite(stranger, uuid4()))
    for client in (reader, stranger):
        answer = invite(client, handed_over.pk)
        assert (answer.status_code, without_reference(answer)) == (
            404,
            without_reference(invite(client, uuid4())),
        )
    assert PASTED not in nothing


@pytest.mark.spec("C10", "C12")
def test_a_list_pasted_while_it_was_deleted_is_kept_too(house, owner, alice):
    delete_conversation(by=seat_of(alice, house))
    answer = owner.post(
        reverse("connexion:invite", args=[house.pk]),
        {"addresses": PASTED, "may_reply": "yes", "sees_past": "yes", "language": "fr"},
    )
    assert answer.status_code == 409
    assert PASTED in answer.content.decode()
    assert str(exceptions.ConversationDeleted.sentence) in answer.content.decode()
