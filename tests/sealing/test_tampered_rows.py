"""The tampering table (goals.md, row 12), for rows: whatever is altered in the database is found."""

import pytest

from connexion_plugin.exceptions import Tampered
from connexion_plugin.models import Conversation, Message
from connexion_plugin.sealing import keys, records, text
from tests.sealing.conftest import DAY, NOON
from tests.sealing.rows import make_message, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "clock")]

ALTERED = {
    "flipped": lambda mine, other: mine[:20] + bytes([mine[20] ^ 1]) + mine[21:],
    "nonce": lambda mine, other: mine[:1] + bytes(12) + mine[13:],
    "version": lambda mine, other: b"\x02" + mine[1:],
    "cut": lambda mine, other: mine[:-1],
    "begun later": lambda mine, other: mine[1:],
    "empty": lambda mine, other: b"",
    "appended": lambda mine, other: mine + b"\0",
    "repeated": lambda mine, other: mine + mine,
    "other row": lambda mine, other: other,
    "spliced": lambda mine, other: mine[:13] + other[13:],
}


@pytest.mark.parametrize("field", ["text_sealed", "key"])
@pytest.mark.parametrize("how", ALTERED)
def test_a_message_whose_bytes_were_altered_does_not_open(organization, field, how):
    message = make_message(organization, expires_at=NOON + DAY)
    other = make_message(organization, expires_at=NOON + DAY, conversation=message.conversation)
    altered = ALTERED[how](bytes(getattr(message, field)), bytes(getattr(other, field)))
    Message.unscoped.filter(id=message.id).update(**{field: altered})
    with pytest.raises(Tampered):
        read(message)
    assert read(other)


def test_another_message_s_text_and_key_together_do_not_open_in_its_place(organization):
    message = make_message(organization, expires_at=NOON + DAY)
    other = make_message(organization, expires_at=NOON + DAY)
    Message.unscoped.filter(id=message.id).update(text_sealed=other.text_sealed, key=other.key)
    with pytest.raises(Tampered):
        read(message)


def test_a_message_moved_to_another_conversation_does_not_open(organization):
    message = make_message(organization, expires_at=NOON + DAY)
    other = make_message(organization, expires_at=NOON + DAY)
    Message.unscoped.filter(id=message.id).update(conversation=other.conversation, sequence=2)
    with pytest.raises(Tampered):
        read(message)


def test_a_message_given_to_another_epoch_does_not_open(organization):
    message = make_message(organization, expires_at=NOON + DAY)
    later = make_message(organization, expires_at=NOON + 9 * DAY)
    Message.unscoped.filter(id=message.id).update(epoch=later.epoch_id)
    with pytest.raises(Tampered):
        read(message)


def test_a_title_served_as_another_conversation_s_does_not_open(organization):
    message = make_message(organization, expires_at=NOON + DAY)
    other = make_message(organization, expires_at=NOON + DAY)
    title = Conversation.unscoped.get(id=other.conversation_id)
    with pytest.raises(Tampered):
        keys.unwrap(
            epoch_id=title.title_epoch_id,
            wrapped=title.title_key,
            context=records.context("conversation", message.conversation_id, field="key"),
        )


def test_a_title_does_not_open_as_a_text():
    key, message_id = text.new_key(), records.UUID(int=1)
    sealed = text.seal(key=key, text="Devis", context=records.context("message", message_id, field="title"))
    with pytest.raises(Tampered):
        text.unseal(key=key, sealed=sealed, context=records.context("message", message_id, field="text"))
