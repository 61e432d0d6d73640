"""A real backup, restored as docs/operate.md says: it reads nothing that expired since, and all else (goals.md, 14)."""

import os
import shutil
import subprocess

import pytest
from django.db import connection, connections

from connexion_plugin import exceptions
from connexion_plugin.actions.documents import open_document, read_name
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.messages import read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.models import Attachment, Conversation, EpochKey, Message
from connexion_plugin.sealing import backup, keys
from tests.actions.test_expiry import house, live, parts_of_this_test, post_with_documents  # noqa: F401
from tests.factories.conversations import in_days, post, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.spec("E3"),
    pytest.mark.skipif(
        connection.vendor != "postgresql" or not shutil.which("pg_restore"),
        reason="pg_dump and pg_restore are PostgreSQL's",
    ),
]


@pytest.fixture
def machine(tmp_path):
    """What backs up and restores, by PostgreSQL's own tools."""
    given = connection.settings_dict
    env = {
        **os.environ,
        "PGHOST": given["HOST"] or "127.0.0.1",
        "PGPORT": str(given["PORT"] or 5432),
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"] or "",
    }
    database, parts = tmp_path / "database", tmp_path / "parts"

    def run(*command):
        subprocess.run(command, env=env, check=True, timeout=60)

    def dump():
        run("pg_dump", "--format=custom", "--compress=0", f"--file={database}", given["NAME"])
        shutil.copytree(parts, tmp_path / "parts-backup")
        backup.back_up(tmp_path / "keys-backup")

    def restore():
        """The database and the documents of then, and the key store that went on."""
        connections.close_all()
        over = ("--clean", "--if-exists", "--single-transaction")
        run("pg_restore", *over, f"--dbname={given['NAME']}", str(database))
        shutil.rmtree(parts)
        shutil.copytree(tmp_path / "parts-backup", parts)
        keys.forget()

    return dump, restore, tmp_path / "keys-backup"


def assert_unreadable(message):
    """Even by who ignores the hour: the row is back, and its key is nowhere."""
    row = Message.unscoped.get(pk=message.pk)
    assert bytes(row.text_sealed)
    with pytest.raises(keys.KeyGone):
        keys.unwrap(epoch_id=row.epoch_id, wrapped=bytes(row.key), context=b"")
    for attachment in Attachment.unscoped.select_related("message").filter(message=row):
        for read in (read_name, open_document):
            with pytest.raises(exceptions.MessageGone):
                read(attachment)


def test_expired_is_unreadable_unexpired_and_held_are_not(
    house,  # noqa: F811
    clock,  # noqa: F811
    machine,
    alice,
    bob,
    alice_enrolment,
):
    dump, restore, keys_backup = machine
    gone, living = (post_with_documents(alice, house, days=days) for days in (3, 40))
    held, once_held = (
        start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(3)) for _ in range(2)
    )
    for conversation in (held, once_held):
        hold = set_hold(collaborator=alice_enrolment, conversation_id=conversation.pk, by=None)
    assert follow_holds()
    kept, freed = (Message.unscoped.get(conversation=each) for each in (held, once_held))
    dump()

    live(clock, 3 * DAY)
    lift_hold(hold=hold, by=None)
    assert follow_holds()
    live(clock, 4 * DAY)
    assert EpochKey.objects.get(hold=hold.pk).state == EpochKey.State.DESTROYED
    restore()

    # The backup of the keys was kept for longer than its day, and is of no use.
    backup.restore(keys_backup, now=clock.now)
    keys.forget()
    for message in (gone, freed):
        assert_unreadable(message)
    assert read_title(Conversation.unscoped.get(pk=once_held.pk)) is None
    assert read_text(Message.unscoped.get(pk=living.pk)) == "Voici le devis."
    document = Attachment.unscoped.select_related("message").get(message=living)
    assert b"".join(open_document(document).read()) == b"x" * 1000
    assert read_text(Message.unscoped.get(pk=kept.pk)) == "Bonjour, voici l’acte."
    for conversation in (house, held):
        assert read_title(Conversation.unscoped.get(pk=conversation.pk)) is not None
    assert list(disagreements()) == []

    # And the service goes on: what is over is emptied again, what is posted is readable.
    live(clock, DAY + HOUR)
    assert Message.unscoped.get(pk=gone.pk).emptied_at is not None
    posted = post(bob, house, "Après la restauration", days=5)
    assert read_text(Message.unscoped.get(pk=posted.pk)) == "Après la restauration"
