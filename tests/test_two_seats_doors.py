"""Every door of a conversation answers a person of two addresses through whichever of their seats it is about (I2, C10).

One address came first, has written, and may only read by now; the other came later, sees only what follows, and may
reply: it sorts before the first one wherever nothing tells the tab.
"""

from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions import more_time, participants
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import post_message
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.mail import links
from connexion_plugin.models import Activity, Attachment, Message, Opening, Participation
from tests.conftest import sign_in
from tests.factories import verify_address
from tests.factories.conversations import in_days, seat_of, start
from tests.test_doors import CONTENT, ONLY_POST, OWNERS, portal_doors

pytestmark = pytest.mark.django_db
FIRST, SECOND = "bob@example.org", "bob.gagnon@work.example"
# What a tab does not show is neither opened nor asked about through it.
OF_THE_TAB = {"connexion:open_message", "connexion:ask_for_time"}
PLACE = "page=3&order=oldest&show=unread"


def seat_at(address):
    return Participation.unscoped.select_related("persona").get(persona__address=address)


def through(url, address, **more):
    return f"{url}?{urlencode({'persona': seat_at(address).persona_id, **more})}"


@pytest.fixture
def house(settled_standing_key, alice, bob, alice_enrolment):
    document = sealed_upload(
        name="devis.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )
    conversation = start(alice_enrolment, to=[FIRST], documents=[document], expires_at=in_days(5))
    post_message(
        participation=seat_at(FIRST), text="de FIRST", expires_at=in_days(90), idempotency_key=uuid4()
    )
    owner = seat_of(alice, conversation)
    participants.invite(by=owner, addresses=[SECOND], language="fr", sees_past=False)
    participants.change_reply(by=owner, participation=seat_at(FIRST), may_reply=False)
    return conversation


@pytest.fixture
def client(bob):
    return sign_in(Client(), bob)


@pytest.fixture
def opened(house, client):
    """The first message, through the address that sees it."""
    message = Message.unscoped.get(sequence=1)
    client.post(through(reverse("connexion:open_message", args=[house.pk, message.pk]), FIRST))
    assert Opening.unscoped.get().participation_id == seat_at(FIRST).pk
    return message


def doors_of(house, message, own):
    """Name and address of every door of the conversation that is not its owner's alone."""
    about = dict.fromkeys(("open_message", "ask_for_time"), message.pk)
    about |= dict.fromkeys(("withdraw_message", "change_expiry", "openings"), own.pk)
    about |= dict.fromkeys(("post_message", "reply_draft", "reply_uploads"), uuid4())
    single = {"download": Attachment.unscoped.get().pk, "message": message.pk}
    for name in sorted(CONTENT - OWNERS):
        short = name.removeprefix("connexion:")
        args = [single[short]] if short in single else [house.pk, *([about[short]] if short in about else [])]
        yield name, reverse(name, args=args)


@pytest.mark.spec("I2", "C10")
@pytest.mark.parametrize("address", [FIRST, SECOND, None])
def test_no_door_hides_what_one_of_the_two_seats_sees(house, opened, client, address):
    own = Message.unscoped.get(sequence=2)
    methods = {name: getattr(view, "connexion_methods", None) for name, view in portal_doors()}
    for name, url in doors_of(house, opened, own):
        method = "get" if "GET" in (methods[name] or {"GET"}) and name not in ONLY_POST else "post"
        if name == "connexion:reply_uploads":
            method = "options"
        answer = getattr(client, method)(through(url, address, **{"from": PLACE}) if address else url)
        due = {404} if address == SECOND and name in OF_THE_TAB else {200, 204, 302}
        assert answer.status_code in due, (name, method, answer.status_code)


@pytest.mark.spec("C1", "I2")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_every_page_leads_back_to_the_tab_and_the_place_one_came_from(house, opened, client, address):
    own = Message.unscoped.get(sequence=2)
    inbox = reverse("connexion:inbox", args=[seat_at(address).persona_id])
    for name, url in doors_of(house, opened, own):
        if name in ONLY_POST or name in {"connexion:message", "connexion:download"}:
            continue
        page = client.get(through(url, address, **{"from": PLACE}))
        if page.context is None or "back_url" not in page.context:
            continue
        back = urlsplit(page.context["back_url"])
        carried = parse_qs(back.query)
        assert page.context["back_url"] == f"{inbox}?{PLACE}" or (
            carried == {"persona": [str(seat_at(address).persona_id)], "from": [PLACE]}
        ), name


@pytest.mark.spec("I2", "C9")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_whoever_leaves_is_back_in_the_tab_and_the_place_they_came_from(house, client, address):
    left = client.post(through(reverse("connexion:leave", args=[house.pk]), address, **{"from": PLACE}))
    inbox = reverse("connexion:inbox", args=[seat_at(address).persona_id])
    assert left["Location"] == f"{inbox}?{PLACE}"


# The link of a notice


def follow_notice(client, message, address):
    url = urlsplit(links.message_url(message_id=message.pk, address=address, language="fr"))
    return client.get(f"{url.path}?{url.query}", follow=True)


@pytest.mark.spec("N1", "I4")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_a_notices_link_ends_in_the_tab_of_its_address(alice, bob, alice_enrolment, client, address):
    start(alice_enrolment, to=[FIRST, SECOND])
    page = follow_notice(client, Message.unscoped.get(), address)
    assert page.context["persona_address"] == address
    client.post(page.context["thread"][0].open_url)
    assert Opening.unscoped.get().participation.persona.address == address
    assert page.context["back_url"] == reverse("connexion:inbox", args=[seat_at(address).persona_id])


@pytest.mark.spec("N1", "C10")
@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_a_notices_link_ends_on_its_message_whichever_address_sees_it(house, client, address):
    page = follow_notice(client, Message.unscoped.get(sequence=1), address)
    assert page.status_code == 200
    assert page.context["persona_address"] == FIRST


@pytest.mark.spec("I4")
def test_an_address_of_somebody_else_in_the_link_changes_nothing(house, client):
    page = follow_notice(client, Message.unscoped.get(sequence=1), "alice@etude-tremblay.example")
    assert page.context["persona_address"] == FIRST


# Documents, and one's own messages


@pytest.mark.spec("D3", "A2")
@pytest.mark.parametrize("tab", [FIRST, SECOND, None])
def test_a_document_is_fetched_through_the_seat_that_opened_its_message(house, opened, client, tab):
    url = reverse("connexion:download", args=[Attachment.unscoped.get().pk])
    assert client.get(through(url, tab) if tab else url).status_code == 200
    (line,) = Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED)
    assert line.actor.persona.address == FIRST


@pytest.mark.spec("D3")
def test_a_document_that_both_opened_is_fetched_through_the_tab(house, opened, client):
    Participation.unscoped.filter(pk=seat_at(SECOND).pk).update(sees_after=0)
    client.post(through(reverse("connexion:open_message", args=[house.pk, opened.pk]), SECOND))
    for address in (SECOND, FIRST):
        window = client.get(through(reverse("connexion:conversation", args=[house.pk]), address))
        (document,) = window.context["thread"][0].documents
        assert client.get(document.url).status_code == 200
        line = Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).order_by("number").last()
        assert line.actor.persona.address == address


@pytest.mark.spec("D3")
def test_a_document_stays_in_its_envelope_while_neither_has_opened_it(house, client):
    url = reverse("connexion:download", args=[Attachment.unscoped.get().pk])
    assert client.get(through(url, FIRST)).status_code == 404
    assert client.get(through(url, SECOND)).status_code == 404


@pytest.mark.spec("C12", "E1")
@pytest.mark.parametrize("tab", [FIRST, SECOND, None])
def test_what_the_other_address_wrote_is_withdrawn_and_put_off_from_any_tab(house, client, tab):
    own = Message.unscoped.get(sequence=2)
    for name in ("change_expiry", "withdraw_message"):
        url = reverse(f"connexion:{name}", args=[house.pk, own.pk])
        assert client.get(through(url, tab) if tab else url).status_code == 200, name
    url = reverse("connexion:withdraw_message", args=[house.pk, own.pk])
    assert client.post(through(url, tab) if tab else url).status_code == 302
    assert Activity.unscoped.get(verb=Activity.Verb.WITHDRAWN).actor_id == seat_at(FIRST).pk


@pytest.mark.spec("E2")
def test_an_owner_with_a_second_address_gives_time_from_that_ones_tab(house, alice, bob, client):
    owner, message = seat_of(alice, house), Message.unscoped.get(sequence=1)
    participants.invite(by=owner, addresses=["alice.deux@example.org"], language="fr", sees_past=False)
    second = Participation.unscoped.get(persona__address="alice.deux@example.org")
    verify_address(alice, "alice.deux@example.org")
    second.refresh_from_db()
    assert second.holder_id == alice.pk
    more_time.ask_for_time(by=seat_at(FIRST), message=message)
    writer = sign_in(Client(), alice)
    url = reverse("connexion:grant_time", args=[house.pk, message.pk])
    assert writer.post(f"{url}?persona={second.persona_id}").status_code == 302
    assert Activity.unscoped.get(verb=Activity.Verb.GRANTED).actor_id == owner.pk
