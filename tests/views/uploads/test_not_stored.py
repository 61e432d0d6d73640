"""What is kept whole with a draft and is not stored any more is posted by nobody (spec C8, D2)."""

import io

import pytest
from django.core.files.storage import InMemoryStorage
from django.core.management import CommandError, call_command
from django.test import Client

from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.exceptions import StorageUnreachable
from connexion_plugin.models import Attachment, Draft, Message, Upload
from tests.conftest import sign_in
from tests.views.uploads.sending import NAME, PLAIN, Sending, posted_document, stored
from tests.views.uploads.test_lost import Starting

pytestmark = pytest.mark.spec("C8", "D2")
LOST = "perdu de notre côté"


@pytest.fixture(params=["reply", "start"])
def writing(request, alice, conversation):
    client = sign_in(Client(), alice)
    return Sending(client, conversation) if request.param == "reply" else Starting(client)


def delete_a_part(upload):
    sealed_storage().delete(part_name(upload.pk, 1))


def cut_a_part(upload):
    with open(sealed_storage().path(part_name(upload.pk, 1)), "r+b") as part:
        part.truncate(100)


def delete_all(upload):
    for index in (0, 1):
        sealed_storage().delete(part_name(upload.pk, index))
    sealed_storage().delete(upload.pk.hex)


def alter_the_manifest(upload):
    Upload.unscoped.filter(pk=upload.pk).update(state_sealed=b"x" * 100)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spoil", [delete_a_part, cut_a_part, delete_all, alter_the_manifest])
def test_it_is_named_what_was_typed_stays_and_the_next_submit_posts(writing, spoil, caplog):
    writing.create(len(PLAIN), body=PLAIN)
    lost = Upload.unscoped.get()
    writing.create(3, name="reste.txt", body=b"abc")
    spoil(lost)
    before = Message.unscoped.count()
    answer = writing.post(text="Une heure de travail", draft_revision=Draft.unscoped.get().revision)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Une heure de travail" in page
    assert LOST in page
    assert NAME in page
    assert str(lost.pk) in caplog.text
    assert NAME not in caplog.text
    assert Message.unscoped.count() == before
    assert [row.name for row in answer.context["uploads"]] == ["reste.txt"]
    assert len(stored()) == 1
    revision = answer.context["draft"].revision
    assert writing.post(text="Une heure de travail", draft_revision=revision).status_code == 302
    assert posted_document() == ("reste.txt", b"abc")


def test_a_storage_that_cannot_be_asked_loses_nothing(writing, monkeypatch):
    writing.create(3, body=b"abc")

    def away(*asked):
        raise StorageUnreachable

    revision = Draft.unscoped.get().revision
    with monkeypatch.context() as patched:
        patched.setattr("connexion_plugin.documents.sealed_document.reading", away)
        answer = writing.post(text="Une heure de travail", draft_revision=revision)
    assert answer.status_code == 503
    assert "Une heure de travail" in answer.content.decode()
    assert not Attachment.unscoped.exists()
    revision = answer.context["draft"].revision
    assert writing.post(text="Une heure de travail", draft_revision=revision).status_code == 302
    assert posted_document()[1] == b"abc"


class Counting(InMemoryStorage):
    """A storage far away: each question is a request."""

    asked: list[str] = []

    def listdir(self, path):
        self.asked.append("listdir")
        return super().listdir(path)

    def size(self, name):
        self.asked.append("size")
        return super().size(name)

    def exists(self, name):
        self.asked.append("exists")
        return super().exists(name)


def test_a_storage_far_away_is_asked_once_a_document(sending, settings, monkeypatch):
    elsewhere = {"BACKEND": f"{__name__}.Counting"}
    settings.STORAGES = {**settings.STORAGES, "connexion": elsewhere}
    for _ in range(2):
        sending.create(len(PLAIN), body=PLAIN)
    Counting.asked.clear()
    assert sending.post(text="Deux").status_code == 302
    assert Counting.asked == ["listdir"] * 2
    assert Attachment.unscoped.count() == 2


def test_a_part_that_is_missing_far_away_is_found_too(sending, settings):
    elsewhere = {"BACKEND": f"{__name__}.Counting"}
    settings.STORAGES = {**settings.STORAGES, "connexion": elsewhere}
    sending.create(len(PLAIN), body=PLAIN)
    delete_a_part(Upload.unscoped.get())
    answer = sending.post(text="Un", draft_revision=Draft.unscoped.get().revision)
    assert answer.status_code == 409
    assert LOST in answer.content.decode()


def test_it_is_named_to_an_operator_before_it_is_posted(sending):
    sending.create(len(PLAIN), body=PLAIN)
    sending.create(10, body=b"half")
    call_command("connexion_verify", "--documents", stdout=io.StringIO())
    lost = Upload.unscoped.get(length=len(PLAIN))
    delete_a_part(lost)
    said = io.StringIO()
    with pytest.raises(CommandError, match="1 disagreement"):
        call_command("connexion_verify", "--documents", stdout=said)
    assert str(lost.pk) in said.getvalue()
