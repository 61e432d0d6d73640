"""One sits in a conversation through two addresses, and acts through the one whose tab one is in (spec I2, B3)."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from connexion_plugin import access, exceptions
from connexion_plugin.actions import closing, participants, withdrawing
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import open_message, post_message
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.mail import links
from connexion_plugin.models import Activity, Attachment, Message, Opening, Participation
from tests.actions.test_expiry import parts_of_this_test  # noqa: F401
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = pytest.mark.django_db
OWNED, FIRST, SECOND = "alice@etude-tremblay.example", "bob@example.org", "bob.gagnon@work.example"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=[FIRST, SECOND])


def seat_at(address):
    return Participation.unscoped.select_related("persona").get(persona__address=address)


def window_of(client, house, address):
    url = reverse("connexion:conversation", args=[house.pk])
    return client.get(f"{url}?persona={seat_at(address).persona_id}").context


@pytest.mark.spec("I2")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_one_posts_from_the_address_that_the_window_names(house, bob, address):
    client = sign_in(Client(), bob)
    window = window_of(client, house, address)
    assert window["persona_address"] == address
    client.post(window["compose_url"], {"text": "Oui.", "expires_in_days": 364})
    assert Message.unscoped.get(sequence=2).sender.persona.address == address


@pytest.mark.spec("C10")
def test_an_address_that_may_only_read_leaves_the_posting_to_the_other(house, alice, bob):
    participants.change_reply(by=seat_of(alice, house), participation=seat_at(FIRST), may_reply=False)
    client = sign_in(Client(), bob)
    compose = window_of(client, house, FIRST)["compose_url"]
    assert client.get(compose).context["persona_address"] == SECOND
    assert client.post(compose, {"text": "Oui.", "expires_in_days": 364}).status_code == 302
    assert Message.unscoped.get(sequence=2).sender.persona.address == SECOND


@pytest.mark.spec("B3")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_one_opens_for_the_address_whose_tab_one_is_in(house, bob, address):
    client = sign_in(Client(), bob)
    client.post(window_of(client, house, address)["thread"][0].open_url)
    assert Opening.unscoped.get().participation.persona.address == address
    assert seat_at(address).unopened_count == 0


@pytest.mark.spec("B3")
def test_what_was_opened_in_one_tab_waits_in_the_other_and_can_be_opened_there(house, bob):
    client = sign_in(Client(), bob)
    client.post(window_of(client, house, FIRST)["thread"][0].open_url)
    (letter,) = window_of(client, house, SECOND)["thread"]
    assert (letter.state, seat_at(SECOND).unopened_count) == ("sealed", 1)
    client.post(letter.open_url)
    assert window_of(client, house, SECOND)["thread"][0].state == "open"
    assert seat_at(SECOND).unopened_count == 0


@pytest.mark.spec("B3")
def test_what_another_of_my_addresses_posted_leaves_no_mark_that_cannot_be_cleared(house, bob):
    client = sign_in(Client(), bob)
    client.post(window_of(client, house, FIRST)["compose_url"], {"text": "Oui.", "expires_in_days": 364})
    assert window_of(client, house, FIRST)["thread"][-1].state == "open"
    for letter in window_of(client, house, SECOND)["thread"]:
        client.post(letter.open_url)
    assert seat_at(SECOND).unopened_count == 0


def test_somebody_elses_persona_in_the_address_changes_nothing(house, alice, bob):
    entry = access.conversation_for(bob, house.pk, persona_id=seat_at(OWNED).persona_id)
    assert entry.seat.holder_id == bob.pk
    assert not entry.is_owner


# Between the guard and the verb


OWNERS_VERBS = {
    "invite": lambda by, _: participants.invite(by=by, addresses=["new@example.net"], language="fr"),
    "remove": lambda by, other: participants.remove(by=by, participation=other),
    "readmit": lambda by, other: participants.readmit(by=by, participation=other),
    "change_reply": lambda by, other: participants.change_reply(by=by, participation=other, may_reply=False),
    "close": lambda by, _: closing.close_conversation(by=by),
    "reopen": lambda by, _: closing.reopen_conversation(by=by),
}


@pytest.mark.spec("I3", "C10", "C12")
@pytest.mark.parametrize("verb", OWNERS_VERBS)
def test_an_owner_whose_address_has_gone_meanwhile_does_nothing_more(house, alice, verb):
    owner, other = seat_of(alice, house), seat_at(FIRST)
    give_up_address(user=alice, address=OWNED)
    with pytest.raises(exceptions.NoLongerThere):
        OWNERS_VERBS[verb](owner, other)
    assert seat_at(FIRST).may_reply
    assert not Participation.unscoped.filter(persona__address="new@example.net").exists()


@pytest.mark.spec("C10")
@pytest.mark.parametrize("verb", OWNERS_VERBS)
def test_a_participants_seat_does_nothing_of_the_owners(house, verb):
    with pytest.raises(exceptions.NoLongerThere):
        OWNERS_VERBS[verb](seat_at(SECOND), seat_at(FIRST))


@pytest.mark.spec("I3")
def test_whoever_held_the_seat_before_acts_through_it_no_more(house, alice, bob):
    mine = post(alice, house, "deuxième")
    seat = seat_at(FIRST)
    posted = post_message(participation=seat, text="de Bob", expires_at=in_days(300), idempotency_key=uuid4())
    EmailAddress.objects.filter(user=bob, email=FIRST).delete()
    give_up_address(user=bob, address=FIRST)
    make_person("Robert Gagnon", FIRST)
    participants.readmit(by=seat_of(alice, house), participation=seat)
    with pytest.raises(exceptions.NoLongerThere):
        post_message(participation=seat, text="non", expires_at=in_days(300), idempotency_key=uuid4())
    with pytest.raises(exceptions.NoLongerThere):
        open_message(participation=seat, message=mine)
    with pytest.raises(exceptions.NoLongerThere):
        withdrawing.withdraw_message(by=seat, message=posted)


# What one follows and fetches


def with_a_document(house, alice):
    document = sealed_upload(
        name="devis.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )
    message = post_message(
        participation=seat_of(alice, house),
        text="Voici le devis.",
        documents=[document],
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )
    return message, Attachment.unscoped.get()


def downloads():
    lines = Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).select_related("actor__persona")
    return [line.actor.persona.address for line in lines]


@pytest.mark.spec("D3", "A2", "C9")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_a_document_is_fetched_by_the_address_that_opened_its_message(house, alice, bob, address):
    message, attachment = with_a_document(house, alice)
    open_message(participation=seat_at(address), message=message)
    client = sign_in(Client(), bob)
    assert client.get(reverse("connexion:download", args=[attachment.pk])).status_code == 200
    assert downloads() == [address]


@pytest.mark.spec("D3", "A2", "C9")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_opened_through_both_it_is_fetched_by_the_one_whose_tab_one_is_in(house, alice, bob, address):
    message, _ = with_a_document(house, alice)
    for one in (FIRST, SECOND):
        open_message(participation=seat_at(one), message=message)
    client = sign_in(Client(), bob)
    [document] = window_of(client, house, address)["thread"][-1].documents
    assert client.get(document.url).status_code == 200
    assert downloads() == [address]


def newcomer_beside(house, alice, bob):
    """Bob's first address sees only what follows its arrival; his second, which may only read, sees all."""
    for address in (FIRST, SECOND):
        Participation.unscoped.filter(persona__address=address).update(
            sees_after=1 if address == FIRST else 0, may_reply=address == FIRST
        )


@pytest.mark.spec("D3", "C10")
def test_a_document_that_one_address_does_not_see_is_the_others_to_fetch(house, alice, bob):
    message, attachment = with_a_document(house, alice)
    newcomer_beside(house, alice, bob)
    Participation.unscoped.filter(persona__address=FIRST).update(sees_after=message.sequence)
    open_message(participation=seat_at(SECOND), message=message)
    client = sign_in(Client(), bob)
    assert client.get(reverse("connexion:download", args=[attachment.pk])).status_code == 200
    assert downloads() == [SECOND]


def link_to(message, address):
    return urlsplit(links.message_url(message_id=message.pk, address=address, language="fr"))


@pytest.mark.spec("N1", "I4", "B3")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_a_notice_leads_to_the_tab_of_the_address_that_received_it(house, bob, address):
    client = sign_in(Client(), bob)
    link = link_to(Message.unscoped.get(), address)
    window = client.get(f"{link.path}?{link.query}", follow=True)
    assert window.context["persona_address"] == address
    client.post(window.context["thread"][0].open_url)
    assert Opening.unscoped.get().participation.persona.address == address


@pytest.mark.spec("N1", "C10")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_a_notice_of_what_only_one_address_sees_leads_there_whoever_received_it(house, alice, bob, address):
    newcomer_beside(house, alice, bob)
    client = sign_in(Client(), bob)
    link = link_to(Message.unscoped.get(), address)
    window = client.get(f"{link.path}?{link.query}", follow=True)
    assert window.status_code == 200
    assert window.context["persona_address"] == SECOND
    assert [letter.anchor for letter in window.context["thread"]] == ["message-1"]


@pytest.mark.spec("C9", "I2")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_who_can_read_and_leaving_stay_in_the_tab_one_is_in(house, bob, address):
    client = sign_in(Client(), bob)
    seat = seat_at(address)
    for name in ("readers", "leave"):
        page = client.get(reverse(f"connexion:{name}", args=[house.pk]), {"persona": seat.persona_id})
        assert page.context["persona_address"] == address
    left = client.post(f"{reverse('connexion:leave', args=[house.pk])}?persona={seat.persona_id}")
    assert left.url == reverse("connexion:inbox", args=[seat.persona_id])
