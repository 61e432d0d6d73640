"""What the storage holds beside what the rows say: found, and removed only where nobody may want it (spec D1, E3)."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connexion_plugin.actions import expiry, stored_parts
from connexion_plugin.actions.documents import mark_storage, new_document_key
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.models import Attachment, StoredParts
from tests.factories.conversations import start

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def storage(settings, tmp_path, db):
    parts = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "parts"},
    }
    settings.STORAGES = {**settings.STORAGES, "connexion": parts}
    mark_storage()
    cache.delete(stored_parts.LOOKED)
    return sealed_storage()


def document():
    return sealed_upload(
        name="devis.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )


@pytest.mark.spec("E3")
@pytest.mark.django_db
def test_what_no_row_knows_is_said_and_goes_a_day_after_an_operator_asked(
    storage, alice_enrolment, trusted_clock, caplog
):
    posted, coming = document(), document()
    start(alice_enrolment, to=["bob@example.org"], documents=[posted])
    stray = uuid4()
    storage.save(part_name(stray, 0), ContentFile(b"from a backup"))
    storage.save("notes/of-somebody.txt", ContentFile(b"none of ours"))
    expiry.sweep()
    assert not StoredParts.unscoped.filter(pk=stray).exists()  # an operator decides
    assert "1 documents are stored that no row knows" in caplog.text
    call_command("connexion_expire", "--strays", stdout=io.StringIO())
    assert storage.exists(part_name(stray, 0))
    StoredParts.unscoped.filter(pk=stray).update(begun_at=timezone.now() - DAY - timedelta(minutes=1))
    expiry.sweep()
    assert not storage.exists(part_name(stray, 0))
    assert storage.exists(part_name(posted.attachment_id, 0))
    assert storage.exists(part_name(coming.attachment_id, 0))
    assert storage.exists("notes/of-somebody.txt")


@pytest.mark.django_db
def test_the_storage_is_listed_once_a_day(storage, caplog):
    storage.save(part_name(uuid4(), 0), ContentFile(b"from a backup"))
    for _ in range(2):
        stored_parts.look_for_strays()
    assert caplog.text.count("no row knows") == 1


@pytest.mark.spec("D1")
@pytest.mark.django_db
def test_documents_of_which_nothing_is_stored_are_counted_once_they_must_be_there(
    storage, alice_enrolment, caplog, time_machine
):
    kept, lost = document(), document()
    start(alice_enrolment, to=["bob@example.org"], documents=[kept, lost])
    storage.delete(part_name(lost.attachment_id, 0))
    storage.delete(lost.attachment_id.hex)
    stored_parts.look_for_strays()
    assert "Nothing is stored" not in caplog.text  # it may have come while the storage was listed
    cache.delete(stored_parts.LOOKED)
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    stored_parts.look_for_strays()
    assert "Nothing is stored of 1 documents" in caplog.text


@pytest.mark.django_db
def test_rows_are_asked_a_batch_at_a_time_and_each_once(
    storage, alice_enrolment, caplog, monkeypatch, time_machine
):
    monkeypatch.setattr(stored_parts, "ROWS_A_RUN", 2)
    start(alice_enrolment, to=["bob@example.org"], documents=[document() for _ in range(5)])
    for folder in storage.listdir("")[0]:
        storage.delete(f"{folder}/0")
        storage.delete(folder)
    for _ in range(3):
        storage.save(part_name(uuid4(), 0), ContentFile(b"from a backup"))
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    with CaptureQueriesContext(connection) as seen:
        stored_parts.look_for_strays()
    assert "Nothing is stored of 5 documents" in caplog.text
    assert "3 documents are stored that no row knows" in caplog.text
    keys = [row["sql"] for row in seen if "posted_at" in row["sql"]]
    assert len(keys) == 4  # two, two, one, none
    assert all(sql.endswith("LIMIT 2") for sql in keys)


@pytest.mark.django_db
def test_what_cannot_be_removed_holds_up_nothing_behind_it(storage, monkeypatch, caplog):
    stuck, other = document(), document()
    begun = timezone.now() - 3 * DAY
    StoredParts.unscoped.filter(pk=stuck.attachment_id).update(begun_at=begun)
    StoredParts.unscoped.filter(pk=other.attachment_id).update(begun_at=begun + DAY)
    delete = stored_parts.delete_parts

    def fails(storage, key):
        if key == stuck.attachment_id:
            raise PermissionError
        delete(storage, key)

    monkeypatch.setattr(stored_parts, "delete_parts", fails)
    assert stored_parts.sweep_parts(begun_before=timezone.now() - DAY) == 1
    assert list(StoredParts.unscoped.values_list("pk", flat=True)) == [stuck.attachment_id]
    assert "PermissionError" in caplog.text
    monkeypatch.setattr(stored_parts, "delete_parts", delete)
    assert stored_parts.sweep_parts(begun_before=timezone.now() - DAY) == 0  # tried again tomorrow
    assert stored_parts.sweep_parts(begun_before=timezone.now() + DAY) == 1


@pytest.mark.spec("D1")
@pytest.mark.django_db
def test_a_document_whose_parts_are_gone_is_named(storage, alice_enrolment):
    posted = document()
    start(alice_enrolment, to=["bob@example.org"], documents=[posted])
    call_command("connexion_verify", "--documents", stdout=io.StringIO())
    storage.delete(part_name(posted.attachment_id, 0))
    said = io.StringIO()
    call_command("connexion_verify", stdout=io.StringIO())
    with pytest.raises(CommandError):
        call_command("connexion_verify", "--documents", stdout=said)
    assert str(posted.attachment_id) in said.getvalue()
    assert "devis" not in said.getvalue()


@pytest.mark.django_db
def test_one_altered_row_does_not_hide_the_others(storage, alice_enrolment):
    first, second = document(), document()
    start(alice_enrolment, to=["bob@example.org"], documents=[first, second])
    Attachment.unscoped.filter(pk=first.attachment_id).update(key=b"x" * 60)
    storage.delete(part_name(second.attachment_id, 0))
    said = io.StringIO()
    with pytest.raises(CommandError, match="2 disagreements"):
        call_command("connexion_verify", "--documents", stdout=said)
    assert str(first.attachment_id) in said.getvalue()
    assert str(second.attachment_id) in said.getvalue()
