"""The back arrow leads to the very tab, page, order and filter, whatever one did meanwhile (spec C1, B5)."""

from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.mail import links
from connexion_plugin.models import Message, Participation
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start

pytestmark = [pytest.mark.django_db, pytest.mark.spec("C1")]
PLACE = "page=3&order=oldest&show=unread"


@pytest.fixture
def house(alice, bob, charlie, alice_enrolment):
    house = start(alice_enrolment, to=["bob@example.org", "charlie@example.org"])
    for number in range(8):
        post(bob, house, f"Réponse {number}")
    return house


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


@pytest.fixture
def left(alice, house):
    """What every address of the conversation carries; and where its arrow must lead in the end."""
    persona = seat_of(alice, house).persona_id
    return urlencode({"persona": persona, "from": PLACE}), reverse(
        "connexion:inbox", args=[persona]
    ) + f"?{PLACE}"


def end_of_the_arrows(client, page):
    """The inbox, from a page of the conversation: by its own arrow, and by those of the pages that it leads to."""
    for _step in range(4):
        back = page.context["back_url"]
        if "/inbox/" in back:
            return back
        page = client.get(back, follow=True)
    raise AssertionError(back)


def acts(house):
    """Name, arguments and form of everything that the owner does inside; in an order in which each can be done."""
    own = Message.unscoped.get(sequence=1)
    theirs = Message.unscoped.get(sequence=2)
    charlie = Participation.unscoped.get(persona__address="charlie@example.org")
    yield "open_message", [theirs.pk], {}
    yield "post_message", [uuid4()], {"text": "Voici.", "expires_in_days": "364"}
    yield (
        "change_expiry",
        [own.pk],
        {"day": (own.posted_at.date()).replace(year=own.posted_at.year + 1).isoformat()},
    )
    yield "withdraw_message", [own.pk], {}
    yield (
        "invite",
        [],
        {"addresses": "emma@example.net", "may_reply": "yes", "sees_past": "yes", "language": "fr"},
    )
    yield "change_reply", [charlie.pk], {"may_reply": "no"}
    yield "remove_participant", [charlie.pk], {}
    yield "readmit_participant", [charlie.pk], {}
    yield "close", [], {}
    yield "reopen", [], {}
    yield "delete", [], {"word": "supprimer"}


def test_whatever_one_did_inside(owner, house, left):
    query, inbox = left
    for name, arguments, form in acts(house):
        url = reverse(f"connexion:{name}", args=[house.pk, *arguments]) + f"?{query}"
        page = owner.post(url, form, follow=True)
        assert page.redirect_chain, (name, page.status_code)
        if page.context.get("back_url") is None or "/inbox/" in page.redirect_chain[-1][0]:
            assert page.redirect_chain[-1][0] == inbox, name
        else:
            assert end_of_the_arrows(owner, page) == inbox, name


def test_a_form_that_was_refused_leads_there_too(owner, house, left):
    query, inbox = left
    for name, arguments in (("post_message", [uuid4()]), ("invite", []), ("delete", [])):
        page = owner.post(reverse(f"connexion:{name}", args=[house.pk, *arguments]) + f"?{query}", {})
        assert page.status_code == 422, name
        assert end_of_the_arrows(owner, page) == inbox, name


def test_in_the_other_language(owner, house, left):
    query, inbox = left
    for name in ("conversation", "activity", "readers", "print_conversation", "invite", "close"):
        here = reverse(f"connexion:{name}", args=[house.pk]) + f"?{query}"
        page = owner.post(reverse("connexion:switch_language"), {"language": "en", "next": here}, follow=True)
        assert page.request["PATH_INFO"].startswith("/en/"), name
        back = urlsplit(end_of_the_arrows(owner, page))
        with translation.override("en"):
            there = urlsplit(
                reverse("connexion:inbox", args=[urlsplit(inbox).path.rstrip("/").rpartition("/")[2]])
            )
        assert (back.path, back.query) == (there.path, PLACE), name


@pytest.mark.spec("N1")
def test_after_the_link_of_a_mail_to_the_inbox_of_its_address(owner, alice, house):
    """There was no inbox before: its first page, and there again after posting and in the other language."""
    message = Message.unscoped.get(sequence=2)
    link = links.message_url(message_id=message.pk, address="alice@etude-tremblay.example", language="fr")
    page = owner.get(f"{urlsplit(link).path}?{urlsplit(link).query}", follow=True)
    inbox = reverse("connexion:inbox", args=[seat_of(alice, house).persona_id])
    assert end_of_the_arrows(owner, page) == inbox
    posted = owner.post(
        page.context["compose_url"], {"text": "Voici.", "expires_in_days": "364"}, follow=True
    )
    assert end_of_the_arrows(owner, posted) == inbox
    here = posted.request["PATH_INFO"]
    switched = owner.post(reverse("connexion:switch_language"), {"language": "en", "next": here}, follow=True)
    assert end_of_the_arrows(owner, switched) == inbox.replace("/fr/", "/en/").replace("/boite/", "/inbox/")
