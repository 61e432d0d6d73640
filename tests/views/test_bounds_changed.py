"""What an organization allows changes while a form stands open, a draft waits, or a reader has asked for time; and
differs between two of one person's (spec E1, E2)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions.more_time import ask_for_time
from connexion_plugin.models import Message, Organization, TimeRequest
from tests.conftest import sign_in
from tests.factories import enrol, verify_address
from tests.factories.conversations import in_days, seat_of, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


def allow(shortest, default, longest, organization=None):
    rows = (
        Organization.unscoped.all()
        if organization is None
        else Organization.unscoped.filter(pk=organization.pk)
    )
    rows.update(shortest_expiry_days=shortest, default_expiry_days=default, longest_expiry_days=longest)


def chosen_in(form):
    """What the list shows as chosen; a browser takes the first where nothing is."""
    drawn = str(form["expires_in_days"])
    lines = [line for line in drawn.splitlines() if "<option" in line]
    found = [line for line in lines if "selected" in line]
    assert len(found) == 1, drawn
    return int(found[0].partition('value="')[2].partition('"')[0])


@pytest.mark.spec("E1", "C8")
def test_a_draft_of_a_length_that_is_allowed_no_longer_comes_back_with_the_usual_one(alice, bob, house):
    client, draft = sign_in(Client(), bob), uuid4()
    form = reverse("connexion:post_message", args=[house.pk, draft])
    client.post(
        reverse("connexion:reply_draft", args=[house.pk, draft]), {"text": "Oui", "expires_in_days": "182"}
    )
    assert chosen_in(client.get(form).context["form"]) == 182
    allow(1, 60, 90)
    again = client.get(form).context["form"]
    assert chosen_in(again) == 60
    assert again["text"].value() == "Oui"


@pytest.mark.spec("E1", "C7")
@pytest.mark.parametrize(("language", "words"), [("fr", "Choisissez de nouveau"), ("en", "Choose again")])
def test_a_form_that_stood_open_is_told_keeps_its_text_and_posts_the_usual_length_next(
    bob, house, language, words
):
    client = sign_in(Client(), bob)
    with translation.override(language):
        form = reverse("connexion:post_message", args=[house.pk, uuid4()])
    allow(1, 60, 90)
    refused = client.post(form, {"text": "Oui", "expires_in_days": "364"})
    assert refused.status_code == 422
    shown = refused.context["form"]
    with translation.override(language):
        assert words in str(shown.errors["expires_in_days"])
    assert (chosen_in(shown), shown["text"].value()) == (60, "Oui")
    assert Message.unscoped.count() == 1
    assert client.post(form, {"text": "Oui", "expires_in_days": "60"}).status_code == 302
    posted = Message.unscoped.get(sequence=2)
    assert timedelta(days=59) < posted.expires_at - posted.posted_at <= timedelta(days=60)


@pytest.mark.spec("E1", "B6")
def test_who_starts_for_one_of_two_organizations_is_held_to_that_ones_bounds(
    alice, bob, alice_enrolment, organization, other_organization
):
    verify_address(alice, "alice@harbour.example")
    second = enrol(other_organization, "alice@harbour.example")
    allow(10, 10, 10, other_organization)
    client, url = sign_in(Client(), alice), reverse("connexion:start_conversation_draft", args=[uuid4()])
    offered = client.get(url).context["form"].fields["expires_in_days"].choices
    assert {10, 364} <= {days for days, _label in offered}
    typed = {
        "collaborator": str(second.pk), "title": "Bail", "addresses": "bob@example.org", "language": "fr",
        "text": "Voici.", "expires_in_days": "364",
    }  # fmt: skip
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "10 jours" in str(refused.context["form"].errors["expires_in_days"])
    assert chosen_in(refused.context["form"]) == 10
    assert client.post(url, {**typed, "expires_in_days": "10"}).status_code == 302
    assert Message.unscoped.get().conversation.organization == other_organization


@pytest.mark.spec("E2")
def test_who_asked_for_time_that_can_be_given_no_longer_is_still_seen_and_declined(
    alice, bob, alice_enrolment
):
    house = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(5))
    message = Message.unscoped.get()
    ask_for_time(by=seat_of(bob, house), message=message)
    allow(1, 5, 5)
    owner, window = sign_in(Client(), alice), reverse("connexion:conversation", args=[house.pk])
    page = owner.get(window).content.decode()
    doors = {
        name: reverse(f"connexion:{name}", args=[house.pk, message.pk])
        for name in ("grant_time", "decline_time")
    }
    assert "bob@example.org" in page.partition('class="more-time"')[2]
    assert doors["decline_time"] in page
    assert doors["grant_time"] not in page
    assert "ne permet plus" in page
    reader = sign_in(Client(), bob).get(window).content.decode()
    assert "not answered yet" in reader or "n’a pas encore répondu" in reader
    assert owner.post(doors["decline_time"]).status_code == 302
    assert TimeRequest.unscoped.get().state == TimeRequest.State.DECLINED
