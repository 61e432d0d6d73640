"""A storage that is slow to answer: whoever posts meanwhile does not wait for it (spec D2)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.utils import timezone

from connexion_plugin.actions import documents, stored_parts, uploads
from connexion_plugin.actions.drafts import ensure_reply_draft
from connexion_plugin.actions.messages import post_message
from connexion_plugin.documents import limits
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.exceptions import UploadGone
from connexion_plugin.models import Message, StoredParts
from tests.actions.racing import at_once
from tests.factories.conversations import in_days, seat_of, start
from tests.scanning.conftest import sealed

pytestmark = [pytest.mark.spec("D2"), pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


@pytest.fixture
def conversation(alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


def post(user, conversation, documents=()):
    return post_message(
        participation=seat_of(user, conversation),
        text="Meanwhile.",
        documents=documents,
        expires_at=in_days(90),
        idempotency_key=uuid4(),
    )


@pytest.fixture
def meanwhile(monkeypatch, alice, conversation):
    """While the storage is asked what is named, somebody posts; gives how often it was asked."""
    asked = []

    def slow(owner, name):
        quick = getattr(owner, name)

        def takes_its_time(*args, **kwargs):
            asked.append(name)
            at_once(lambda: post(alice, conversation))
            return quick(*args, **kwargs)

        monkeypatch.setattr(owner, name, takes_its_time)

    yield slow
    assert asked
    assert Message.unscoped.filter(conversation=conversation).count() == 1 + len(asked)


def test_one_posts_while_the_sweep_removes_parts(meanwhile):
    (document,) = sealed(b"of a form that broke")
    meanwhile(FileSystemStorage, "listdir")
    assert stored_parts.sweep_parts(begun_before=timezone.now() + DAY) == 1
    assert not sealed_storage().exists(part_name(document.attachment_id, 0))
    assert not StoredParts.unscoped.exists()


@pytest.mark.parametrize("asked", ["is_there", "has_room"])
def test_one_posts_while_it_is_asked_whether_a_document_can_be_kept(meanwhile, alice, conversation, asked):
    draft = ensure_reply_draft(participation=seat_of(alice, conversation), draft_id=uuid4())
    owners = {"is_there": documents.mounts, "has_room": uploads}
    assert owners["has_room"].has_room is limits.has_room
    meanwhile(owners[asked], asked)
    upload = uploads.begin_upload(draft=draft, name="devis.pdf", length=1000)
    assert StoredParts.unscoped.filter(pk=upload.pk).exists()


def test_what_the_sweep_is_removing_no_message_comes_to_own(monkeypatch, alice, conversation):
    brought = sealed(b"of a form that took two days")
    delete = stored_parts.delete_parts

    def while_it_is_posted(storage, key):
        assert not connection.in_atomic_block
        with pytest.raises(UploadGone):
            post(alice, conversation, brought)
        delete(storage, key)

    monkeypatch.setattr(stored_parts, "delete_parts", while_it_is_posted)
    assert stored_parts.sweep_parts(begun_before=timezone.now() + DAY) == 1
    assert Message.unscoped.filter(conversation=conversation).count() == 1


def test_a_sweep_that_was_killed_is_ended_by_the_next(monkeypatch, alice, conversation):
    brought = sealed(b"left over")

    class Killed(BaseException):
        pass

    def killed(storage, key):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(stored_parts, "delete_parts", killed)
        with pytest.raises(Killed):
            stored_parts.sweep_parts(begun_before=timezone.now() + DAY)
    with pytest.raises(UploadGone):
        post(alice, conversation, brought)
    assert stored_parts.sweep_parts(begun_before=timezone.now() + DAY) == 1
    assert not StoredParts.unscoped.exists()
