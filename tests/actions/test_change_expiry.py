"""A message's expiry is chosen within the organization's bounds, and moved: keys again, the data never (spec E1)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin import access, exceptions
from connexion_plugin.access import Ability
from connexion_plugin.actions import closing, participants
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.documents import open_document, read_name
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import post_message, read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.models import (
    Activity,
    Attachment,
    Conversation,
    EpochKey,
    Message,
    Organization,
)
from connexion_plugin.sealing import keys
from tests.actions.test_expiry import (  # noqa: F401
    house,
    live,
    parts_of_this_test,
    post_with_documents,
)
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("E1")


def day_of_title(conversation):
    return Conversation.unscoped.select_related("title_epoch").get(pk=conversation.pk).title_epoch.day


@pytest.mark.parametrize("days", [3, 40, 700])
def test_keys_are_wrapped_again_and_the_data_is_not_touched(house, clock, alice, days):  # noqa: F811
    message = post_with_documents(alice, house, days=90)
    sealed = bytes(Message.unscoped.get(pk=message.pk).text_sealed)
    manifest = bytes(Attachment.unscoped.get().manifest_sealed)
    change_expiry(by=seat_of(alice, house), message=message, expires_at=in_days(days))
    row = Message.unscoped.get(pk=message.pk)
    attachment = Attachment.unscoped.select_related("message", "epoch").get()
    assert (row.expires_at, bytes(row.text_sealed)) == (in_days(days), sealed)
    assert bytes(attachment.manifest_sealed) == manifest
    for epoch in (row.epoch, attachment.epoch):
        assert epoch.day == keys.day_of(in_days(days))
    keys.forget()
    assert read_text(row) == "Voici le devis."
    assert read_name(attachment) == "devis.pdf"
    assert b"".join(open_document(attachment).read()) == b"x" * 1000
    assert list(disagreements()) == []


def test_each_change_is_a_line_and_the_same_moment_again_is_none(house, clock, alice, bob):  # noqa: F811
    message = post(bob, house, "À toi de voir", days=90)
    for person, days in ((bob, 30), (bob, 30), (alice, 60)):
        change_expiry(by=seat_of(person, house), message=message, expires_at=in_days(days))
    lines = (
        Activity.unscoped.filter(message_id=message.pk).exclude(verb=Activity.Verb.POSTED).order_by("number")
    )
    assert [(line.verb, line.actor) for line in lines] == [
        (Activity.Verb.SHORTENED, seat_of(bob, house)),
        (Activity.Verb.LENGTHENED, seat_of(alice, house)),
    ]


def test_the_titles_key_follows_the_latest_expiry_both_ways(house, clock, alice, bob):  # noqa: F811
    first = Message.unscoped.get()
    second = post(bob, house, "Courte", days=30)
    for message, days, latest in ((first, 500, 500), (first, 20, 30), (second, 25, 25), (first, 400, 400)):
        change_expiry(by=seat_of(alice, house), message=message, expires_at=in_days(days))
        assert day_of_title(house) == keys.day_of(in_days(latest))
        keys.forget()
        assert read_title(Conversation.unscoped.get()) == "Acte de vente, 44 rue des Érables"


@pytest.mark.spec("E3")
def test_what_was_brought_forward_expires_then_and_its_old_day_destroys_nothing_else(
    house,  # noqa: F811
    clock,  # noqa: F811
    alice,
):
    message = Message.unscoped.get()
    change_expiry(by=seat_of(alice, house), message=message, expires_at=in_days(2))
    live(clock, 2 * DAY + HOUR)
    assert Message.unscoped.get(pk=message.pk).emptied_at is not None
    assert read_title(Conversation.unscoped.get()) is None
    live(clock, 3 * DAY)
    assert EpochKey.objects.get(pk=Message.unscoped.get().epoch_id).state == EpochKey.State.DESTROYED


@pytest.mark.spec("E3")
def test_what_was_put_off_outlives_its_first_day(house, clock, alice):  # noqa: F811
    message = post_with_documents(alice, house, days=3)
    change_expiry(by=seat_of(alice, house), message=message, expires_at=in_days(12))
    live(clock, 8 * DAY)
    keys.forget()
    row = Message.unscoped.get(pk=message.pk)
    assert read_text(row) == "Voici le devis."
    attachment = Attachment.unscoped.select_related("message").get()
    assert b"".join(open_document(attachment).read()) == b"x" * 1000
    live(clock, 4 * DAY)
    assert Message.unscoped.get(pk=message.pk).emptied_at is not None


def test_the_organization_sets_the_bounds_from_the_posting_on(house, clock, alice):  # noqa: F811
    Organization.unscoped.update(shortest_expiry_days=5, default_expiry_days=30, longest_expiry_days=60)
    message = post(alice, house, "Bornée", days=30)
    clock.jump(20 * DAY)
    seat = seat_of(alice, house)
    for days in (41, -1, 0):
        with pytest.raises((exceptions.ExpiryOutOfBounds, exceptions.EpochOver)):
            change_expiry(by=seat, message=message, expires_at=in_days(days))
    for days in (40, 0.1):
        change_expiry(by=seat, message=message, expires_at=in_days(days))
    young = post(alice, house, "Jeune", days=30)
    with pytest.raises(exceptions.ExpiryOutOfBounds):
        change_expiry(by=seat, message=young, expires_at=in_days(4))


def test_what_has_expired_is_brought_back_by_nobody(house, clock, alice):  # noqa: F811
    message = post(alice, house, "Pour deux jours", days=2)
    clock.jump(2 * DAY)  # its hour, and no sweep yet
    with pytest.raises(exceptions.MessageGone):
        change_expiry(by=seat_of(alice, house), message=message, expires_at=in_days(30))


# Who may, and when


def test_its_sender_and_the_owner_may_and_nobody_else(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])
    of_alice, of_bob = Message.unscoped.get(), post(bob, conversation, "Merci")
    for person, message, may in [
        (alice, of_alice, True), (alice, of_bob, True), (bob, of_bob, True), (bob, of_alice, False),
    ]:  # fmt: skip
        assert access.may_change_expiry(access.conversation_for(person, conversation.pk), message) is may
    with pytest.raises(Http404):
        access.message_to_change_expiry(bob, conversation.pk, of_alice.pk)
    assert access.message_to_change_expiry(alice, conversation.pk, of_bob.pk)[1] == seat_of(
        alice, conversation
    )


@pytest.mark.spec("B4", "C12")
def test_not_where_nothing_may_be_changed(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    message, seat = post(bob, conversation, "Merci"), seat_of(bob, conversation)
    later = in_days(400)
    closing.close_conversation(by=seat_of(alice, conversation))
    change_expiry(by=seat, message=message, expires_at=in_days(300))  # what is closed still expires
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    assert Ability.CHANGE_EXPIRY not in access.conversation_for(bob, conversation.pk).abilities
    with pytest.raises(exceptions.ConversationFrozen):
        change_expiry(by=seat, message=message, expires_at=later)


def test_who_was_removed_changes_nothing_nor_anybody_in_what_was_deleted(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    message, seat = post(bob, conversation, "Merci"), seat_of(bob, conversation)
    participants.remove(by=seat_of(alice, conversation), participation=seat)
    with pytest.raises(exceptions.NoLongerThere):
        change_expiry(by=seat, message=message, expires_at=in_days(400))
    delete_conversation(by=seat_of(alice, conversation))
    with pytest.raises(exceptions.MessageGone):
        change_expiry(by=seat_of(alice, conversation), message=message, expires_at=in_days(400))


def test_the_statements_do_not_grow_with_the_documents(house, clock, alice, bob):  # noqa: F811
    counts = []
    for number in (1, 6):
        message = post_with_documents(alice, house, days=90)
        if number > 1:
            for position in range(1, number):
                copy = Attachment.unscoped.filter(message=message).first()
                Attachment.unscoped.bulk_create([_copied(copy, position)])
        seat = seat_of(alice, house)
        keys.ensure_epoch(organization_id=house.organization_id, day=keys.day_of(in_days(50)))
        with CaptureQueriesContext(connection) as counted:
            change_expiry(by=seat, message=message, expires_at=in_days(50))
        counts.append(len(counted))
    assert counts[1] <= counts[0]


def _copied(attachment, position):
    from connexion_plugin.actions import documents

    copy = Attachment(
        id=uuid4(), message=attachment.message, position=position, size=1,
        name_sealed=b"", manifest_sealed=b"",
    )  # fmt: skip
    key = documents.document_key(attachment)
    wrapped = keys.wrap(
        key=key,
        organization_id=attachment.message.conversation.organization_id,
        day=attachment.epoch.day,
        context=documents._key_context(copy),
    )
    copy.key, copy.epoch_id = wrapped.wrapped, wrapped.epoch_id
    return copy


# Its page


def door(message):
    return reverse("connexion:change_expiry", args=[message.conversation_id, message.pk])


def test_the_page_offers_what_is_allowed_and_a_day_changes_it(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    message = Message.unscoped.get()
    client = sign_in(Client(), alice)
    window = reverse("connexion:conversation", args=[conversation.pk])
    assert door(message) in client.get(window).content.decode()
    page = client.get(door(message)).content.decode()
    assert 'type="date"' in page
    assert "sauvegardes" in page
    day = (message.posted_at + timedelta(days=30)).date()
    for wrong in ("", "demain", (day + timedelta(days=800)).isoformat(), "2001-01-01"):
        refused = client.post(door(message), {"day": wrong})
        assert refused.status_code == 422
    assert client.post(door(message), {"day": day.isoformat()}).status_code == 302
    changed = Message.unscoped.get().expires_at - message.posted_at
    assert timedelta(days=28) < changed < timedelta(days=32)
    assert changed.seconds in {0, 3600, 23 * 3600}  # the same hour of the day, in summer and in winter
    assert client.get(window).content.decode().count("Expiration avancée") == 0
    activity = reverse("connexion:activity", args=[conversation.pk])
    assert "Expiration avancée" in client.get(activity).content.decode()


def test_where_the_organization_leaves_no_choice_the_page_says_so(alice, bob, alice_enrolment):
    Organization.unscoped.update(shortest_expiry_days=364, default_expiry_days=364, longest_expiry_days=364)
    start(alice_enrolment, to=["bob@example.org"])
    page = sign_in(Client(), alice).get(door(Message.unscoped.get())).content.decode()
    assert "n’en permet pas d’autre" in page
    assert 'type="date"' not in page


def test_the_days_at_the_very_bounds_are_accepted(alice, bob, alice_enrolment):
    Organization.unscoped.update(shortest_expiry_days=5, default_expiry_days=30, longest_expiry_days=60)
    conversation = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(30))
    message = Message.unscoped.get(conversation=conversation)
    client = sign_in(Client(), alice)
    form = client.get(door(message)).context["form"]
    for bound in (form.first, form.last):
        assert client.post(door(message), {"day": bound.isoformat()}).status_code == 302
        stored = Message.unscoped.get(pk=message.pk).expires_at
        assert message.posted_at + timedelta(days=5) <= stored <= message.posted_at + timedelta(days=60)


def test_a_post_beyond_the_bounds_is_refused(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    Organization.unscoped.update(shortest_expiry_days=5, default_expiry_days=30, longest_expiry_days=60)
    for days in (3, 62):
        with pytest.raises(exceptions.ExpiryOutOfBounds):
            post_message(
                participation=seat_of(bob, conversation),
                text="Trop",
                expires_at=in_days(days),
                idempotency_key=uuid4(),
            )
