"""Each disagreement that the command is there to find is found, and a sound database has none."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.models import (
    Activity,
    Conversation,
    ConversationPermission,
    EpochKey,
    Message,
    Notice,
    Participation,
    Persona,
)
from connexion_plugin.sealing.key_store import StoredKey
from connexion_plugin.sealing.stores import key_store
from connexion_plugin.sealing.text import new_key
from tests.factories.conversations import post, seat_of, start


def seat_of_bob(conversation):
    return Participation.unscoped.get(conversation=conversation, persona__address="bob@example.org")


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])
    open_message(participation=seat_of(bob, conversation), message=Message.unscoped.get())
    post(bob, conversation, "Merci")
    return conversation


def test_a_sound_database_agrees(conversation):
    out = StringIO()
    call_command("connexion_verify", stdout=out)
    assert "Everything agrees." in out.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: ConversationPermission.objects.first().delete(),
        lambda c: Participation.unscoped.filter(role="participant", seat="taken").update(seat="removed"),
        lambda c: Persona.unscoped.filter(address="bob@example.org").update(user=None),
        lambda c: Activity.unscoped.filter(number=2).update(count=9),
        lambda c: Participation.unscoped.filter(role="owner").update(unopened_count=7),
        lambda c: Conversation.unscoped.update(last_sequence=9),
        lambda c: Conversation.unscoped.update(activity_at=c.created_at),
        lambda c: Notice.unscoped.filter(participation=seat_of_bob(c)).update(message=uuid4()),
        lambda c: Notice.unscoped.filter(participation=seat_of_bob(c)).update(participation=uuid4()),
    ],
    ids=[
        "a permission lost",
        "a seat lost",
        "a persona lost",
        "a line changed",
        "a count",
        "a sequence",
        "a date",
        "the message of a notice",
        "the seat of a notice",
    ],
)
def test_what_was_altered_is_found(conversation, spoil):
    spoil(conversation)
    assert list(disagreements())
    with pytest.raises(CommandError):
        call_command("connexion_verify", stdout=StringIO())


def test_a_seat_of_somebody_who_does_not_hold_its_address_is_found(conversation, alice):
    """They would keep it when they give the address up: it is found by both."""
    seat = seat_of_bob(conversation)
    Participation.unscoped.filter(pk=seat.pk).update(holder=alice)
    assert f"seat {seat.pk}: taken by account {alice.pk}, who does not hold its address" in list(
        disagreements()
    )


def verified():
    out = StringIO()
    with pytest.raises(CommandError) as fault:
        call_command("connexion_verify", stdout=out)
    return out.getvalue(), str(fault.value)


def file_of(row):
    return key_store().folder / "keys" / f"{row.file_id}.key"


def test_keys_that_are_lost_disagree(conversation):
    """Nothing of the database tells: everything in it agrees, and nothing of it can be read."""
    epochs = list(EpochKey.objects.all())
    for row in epochs:
        file_of(row).unlink()
    said, fault = verified()
    assert epochs
    for row in epochs:
        assert f"epoch {row.pk} ({row.day}): the key store lacks its key" in said
    assert fault == f"{len(epochs)} disagreements."


def altered(row):
    *sealed, last = file_of(row).read_bytes()
    file_of(row).write_bytes(bytes([*sealed, last ^ 1]))


def named_in_the_place_of_another(row):
    key_store().create("a" * 32, StoredKey(uuid4(), row.day, new_key()))
    EpochKey.objects.filter(pk=row.pk).update(file_id="a" * 32)


@pytest.mark.parametrize("spoil", [altered, named_in_the_place_of_another])
def test_a_key_that_does_not_open_or_is_anothers_disagrees(conversation, spoil):
    spoil(EpochKey.objects.get())
    said, fault = verified()
    assert "its key was altered, or is another's" in said
    assert fault == "1 disagreements."


def test_a_key_that_the_store_destroyed_is_missed_by_nobody(conversation):
    """Its row may be of a backup that was made before."""
    key_store().destroy(EpochKey.objects.get().file_id)
    assert list(disagreements()) == []


def test_without_its_key_store_it_says_what_is_missing(conversation, settings, tmp_path):
    settings.CONNEXION = {**settings.CONNEXION, "KEY_STORE": str(tmp_path / "nowhere")}
    said, fault = verified()
    assert said == ""
    assert "key store" in fault
