"""What is kept with a draft and opens no more keeps its author from posting nothing else (spec C8, sealing.md)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.exceptions import KeyStoreFault
from connexion_plugin.models import Attachment, Conversation, Draft, EpochKey, Message, Upload
from tests.actions.test_holds_in_succession import lose
from tests.conftest import sign_in
from tests.views.test_altered_and_lost import alter
from tests.views.test_start_repeated import TYPED
from tests.views.uploads.sending import TUS, Sending, meta, posted_document, stored

pytestmark = pytest.mark.spec("C8", "D2")
LOST = "ne peut plus être ouvert"


class Starting(Sending):
    """The same into a conversation that is being started."""

    def __init__(self, client):
        self.client, self.key, self.url = client, uuid4(), ""
        self.where = reverse("connexion:start_uploads", args=[self.key])

    def post(self, **fields):
        url = reverse("connexion:start_conversation_draft", args=[self.key])
        return self.client.post(url, {**TYPED, **fields})


def alter_the_drafts_key():
    alter(Draft.unscoped.get(), "key")


def lose_the_days_key():
    """Under which the draft would be saved again today, too."""
    lose(EpochKey.objects.get(pk=Draft.unscoped.get().epoch_id))


def lose_the_drafts_key():
    epoch = EpochKey.objects.filter(pk=Draft.unscoped.get().epoch_id)
    epoch.update(day=epoch.get().day - timedelta(days=1))  # as if it had been saved yesterday
    lose_the_days_key()


@pytest.fixture(params=["reply", "start"])
def writing(request, alice, conversation):
    client = sign_in(Client(), alice)
    return Sending(client, conversation) if request.param == "reply" else Starting(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spoil", [alter_the_drafts_key, lose_the_drafts_key, lose_the_days_key])
@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "begun"])
def test_a_lost_document_is_named_what_was_typed_stays_and_the_next_submit_posts(
    writing, spoil, is_whole, caplog
):
    writing.create(3, body=b"abc" if is_whole else b"ab")
    upload = Upload.unscoped.get()
    spoil()
    revision = Draft.unscoped.get().revision
    answer = writing.post(text="Une heure de travail", draft_revision=revision)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Une heure de travail" in page
    assert "1 document" in page
    assert LOST in page
    assert "3 octets" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert str(upload.pk) in caplog.text
    assert not Upload.unscoped.exists()
    assert stored() == []
    posted = Message.unscoped.count()
    answer = writing.post(text="Une heure de travail", draft_revision=answer.context["draft"].revision)
    assert answer.status_code == 302
    assert Message.unscoped.count() == posted + 1
    assert not Draft.unscoped.exists()
    assert not Attachment.unscoped.exists()


@pytest.mark.parametrize("spoil", [alter_the_drafts_key, lose_the_drafts_key])
def test_the_page_names_what_is_lost_and_takes_it_chosen_again(writing, spoil):
    writing.create(3, body=b"abc")
    lost = Upload.unscoped.get()
    spoil()
    assert writing.create(4, body=b"abcd").status_code == 201
    form = reverse("connexion:start_conversation_draft", args=[writing.key])
    if not isinstance(writing, Starting):
        form = reverse("connexion:post_message", args=[writing.conversation.pk, writing.key])
    answer = writing.client.get(form)
    assert [(row.is_lost, row.length) for row in answer.context["uploads"]] == [(True, 3), (False, 4)]
    assert LOST in answer.content.decode()
    revision = answer.context["draft"].revision
    answer = writing.post(text="Les deux", remove_upload=str(lost.pk), draft_revision=revision)
    assert answer.status_code == 302
    assert writing.post(text="Les deux", draft_revision=revision + 1).status_code == 302
    assert posted_document()[1] == b"abcd"


def test_one_that_was_altered_takes_no_other_along(sending):
    sending.create(3, body=b"abc")
    alter(Upload.unscoped.get(), "key")
    sending.create(4, body=b"abcd")
    answer = sending.post(text="Les deux", draft_revision=Draft.unscoped.get().revision)
    assert answer.status_code == 409
    assert [row.length for row in answer.context["uploads"]] == [4]
    assert sending.post(text="Les deux", draft_revision=answer.context["draft"].revision).status_code == 302
    assert posted_document()[1] == b"abcd"


def test_a_document_alone_that_is_lost_is_named_too(sending):
    """Not: write a message or choose a document."""
    sending.create(3, body=b"abc")
    alter_the_drafts_key()
    answer = sending.post(text="", draft_revision=Draft.unscoped.get().revision)
    assert answer.status_code == 409
    assert LOST in answer.content.decode()


def test_while_the_store_of_keys_cannot_be_reached_nothing_is_given_up(sending, monkeypatch):
    sending.create(3, body=b"abc")
    revision = Draft.unscoped.get().revision

    def away(*args, **more):
        raise KeyStoreFault("The folder is not there.")

    with monkeypatch.context() as patched:
        patched.setattr("connexion_plugin.actions.uploads.draft_key", away)
        answer = sending.post(text="Bonjour", draft_revision=revision)
        assert answer.status_code == 503
        assert "Bonjour" in answer.content.decode()
    assert Upload.unscoped.exists()
    assert sending.post(text="Bonjour", draft_revision=Draft.unscoped.get().revision).status_code == 302
    assert posted_document()[1] == b"abc"


def test_a_posted_start_has_the_documents_that_were_chosen_again(alice, alice_enrolment):
    starting = Starting(sign_in(Client(), alice))
    starting.create(3, body=b"abc")
    alter_the_drafts_key()
    answer = starting.post(draft_revision=Draft.unscoped.get().revision)
    assert answer.status_code == 409
    headers = {**TUS, "Upload-Length": "4", "Upload-Metadata": meta("plan.pdf")}
    starting.client.generic(
        "POST", starting.where, b"abcd", "application/offset+octet-stream", headers=headers
    )
    assert starting.post(draft_revision=answer.context["draft"].revision).status_code == 302
    assert Conversation.unscoped.get().pk == starting.key
    assert posted_document() == ("plan.pdf", b"abcd")
