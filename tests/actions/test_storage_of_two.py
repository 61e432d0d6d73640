"""Two installations were given one storage, or one was given another's (spec D1): neither takes the other's for its own."""

import io
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.management import CommandError, call_command

from connexion_plugin.actions import documents, stored_parts
from connexion_plugin.actions.documents import mark_storage, new_document_key
from connexion_plugin.checks.storage import check_documents_are_there
from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.exceptions import StorageTrouble, StorageUnreachable
from connexion_plugin.models import StorageMark, StoredParts

pytestmark = [pytest.mark.spec("D1"), pytest.mark.django_db]


@pytest.fixture(params=["folder", "object store"])
def storage(request, settings, tmp_path, monkeypatch):
    parts = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "parts"},
    }
    settings.STORAGES = {**settings.STORAGES, "connexion": parts}
    made = sealed_storage()
    if request.param == "object store":
        made = InMemoryStorage()
        for module in (documents, stored_parts):
            monkeypatch.setattr(module, "sealed_storage", lambda: made)
    cache.delete(stored_parts.LOOKED)
    return made


def keep(storage):
    return sealed_upload(name="a.pdf", chunks=[b"x"], key_for=new_document_key, storage=storage)


def said(storage):
    with storage.open(mounts.MARK) as file:
        return file.read().decode()


def ask_for_strays():
    call_command("connexion_expire", "--strays", stdout=io.StringIO(), stderr=io.StringIO())


def test_the_first_document_marks_it_with_the_installation_and_the_rows_say_so(storage):
    keep(storage)
    row = StorageMark.objects.get()
    assert row.made_at
    assert said(storage) == row.installation.hex
    keep(storage)
    assert StorageMark.objects.get().made_at == row.made_at


def test_strays_of_another_installation_are_left_alone(storage, caplog, trusted_clock):
    """They share it since before it was marked, and the other one has said that it is its."""
    keep(storage)
    storage.delete(mounts.MARK)
    mounts.make(storage, uuid4())
    storage.save(part_name(uuid4(), 0), ContentFile(b"the other's"))
    with pytest.raises(CommandError, match="connexion_setup --documents"):
        ask_for_strays()
    assert StoredParts.unscoped.count() == 1
    with pytest.raises(CommandError, match="another installation's"):
        call_command("connexion_setup", "--documents", stdout=io.StringIO())


def test_strays_are_left_alone_until_it_is_said_whose_they_are(storage, caplog, trusted_clock):
    mounts.make(storage)  # as earlier versions did
    keep(storage)
    storage.save(part_name(uuid4(), 0), ContentFile(b"whose?"))
    stored_parts.look_for_strays()
    assert "connexion_setup --documents" in caplog.text
    assert "no row knows" not in caplog.text
    with pytest.raises(CommandError, match="connexion_setup --documents"):
        ask_for_strays()
    call_command("connexion_setup", "--documents", stdout=io.StringIO())
    ask_for_strays()
    assert StoredParts.unscoped.count() == 2


def test_the_first_document_does_not_begin_in_what_is_marked_as_another_s(storage, caplog):
    mounts.make(storage, uuid4())
    with pytest.raises(StorageTrouble):
        keep(storage)
    assert storage.listdir("")[0] == []
    assert "another installation's" in caplog.text


def test_a_folder_of_another_installation_is_not_this_one_s(storage):
    if isinstance(storage, InMemoryStorage):
        pytest.skip("an object store is asked by its name, and never mounted")
    keep(storage)
    storage.delete(mounts.MARK)
    mounts.make(storage, uuid4())
    with pytest.raises(StorageUnreachable):
        mounts.require_to_read(storage)
    with pytest.raises(StorageTrouble):
        keep(storage)
    assert [one.id for one in check_documents_are_there(None, databases=["default"])] == ["connexion.E019"]


def test_what_was_begun_and_not_marked_is_marked_the_next_time(storage, monkeypatch):
    """Killed between its row and its mark, or the storage failed there."""
    StorageMark.objects.create()
    keep(storage)
    assert said(storage) == StorageMark.objects.get().installation.hex
    mark_storage()  # may be repeated
