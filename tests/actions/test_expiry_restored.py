"""A backup of database and storage, restored after the key was destroyed, tells nothing (spec E3; goals.md, 14)."""

import shutil

import pytest

from connexion_plugin import exceptions
from connexion_plugin.actions.documents import open_document, read_name
from connexion_plugin.actions.messages import read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.models import Attachment, Conversation, EpochKey, Message
from connexion_plugin.sealing import backup, keys
from tests.actions.test_expiry import (  # noqa: F401
    house,
    live,
    parts_of_this_test,
    post_with_documents,
)
from tests.factories.conversations import post, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

SEALED = (EpochKey.objects, Conversation.unscoped, Message.unscoped, Attachment.unscoped)


def back_up():
    """The rows that hold anything sealed, as they are now."""
    return [list(rows.all()) for rows in SEALED]


def restore(copies):
    for rows, copied in zip(SEALED, copies, strict=True):
        for row in copied:
            row.save(force_update=rows.filter(pk=row.pk).exists())
    keys.forget()


@pytest.mark.spec("E3")
@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_reads_nothing_of_what_expired_and_all_of_what_has_not(
    house,  # noqa: F811
    clock,  # noqa: F811
    alice,
    alice_enrolment,
    tmp_path,
):
    gone = post_with_documents(alice, house, days=3)
    living = post_with_documents(alice, house, days=40)
    key_backup, parts = tmp_path / "keys.tar", tmp_path / "parts"
    backup.back_up(key_backup)
    copies = back_up()
    shutil.copytree(parts, tmp_path / "parts-copy")
    live(clock, 7 * DAY)
    assert Attachment.unscoped.count() == 1
    shutil.rmtree(parts)
    shutil.copytree(tmp_path / "parts-copy", parts)
    restore(copies)
    assert Attachment.unscoped.count() == 2
    assert_unreadable(gone)
    backup.restore(key_backup, now=clock.now)  # kept for longer than its day, and still of no use
    restore(copies)
    assert_unreadable(gone)
    assert read_text(Message.unscoped.get(pk=living.pk)) == "Voici le devis."
    document = Attachment.unscoped.select_related("message").get(message=living)
    assert b"".join(open_document(document).read()) == b"x" * 1000
    assert read_title(Conversation.unscoped.get()) is not None


def assert_unreadable(message):
    """Even by who ignores the hour: the key itself is gone."""
    keys.forget()
    row = Message.unscoped.get(pk=message.pk)
    assert bytes(row.text_sealed)
    with pytest.raises(keys.KeyGone):
        keys.unwrap(epoch_id=row.epoch_id, wrapped=bytes(row.key), context=b"")
    attachment = Attachment.unscoped.select_related("message").get(message=row)
    with pytest.raises(exceptions.MessageGone):
        read_name(attachment)
    with pytest.raises(exceptions.MessageGone):
        open_document(attachment)


@pytest.mark.spec("E3")
def test_a_restored_title_is_as_unreadable(house, clock, alice, alice_enrolment):  # noqa: F811
    short = start(alice_enrolment, to=["bob@example.org"])
    post(alice, short, "Bref", days=700)
    copies = back_up()
    live(clock, 705 * DAY)
    live(clock, 2 * DAY + HOUR)
    restore(copies)
    assert read_title(Conversation.unscoped.get(pk=short.pk)) is None
