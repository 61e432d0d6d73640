"""Secrets are planted in title, text and file name, and searched for wherever content must not be.

Raw bytes of database and storage, log, e-mail, task rows, session, cache, error pages, Wagtail's history,
its search index and its reference index (goals.md, row 13).
"""

import base64
import logging
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.views.debug import ExceptionReporter

from connexion_plugin import tasks
from connexion_plugin.models import Attachment, Conversation, Message
from tests.conftest import sign_in

TITLE, TEXT, NAME = "Canari-titre-é8801", "Canari-texte-é8802", "Canari-fichier-é8803"
CONTENT = "Canari-octets-8804 " * 5000
CANARIES = [TITLE, TEXT, NAME, "Canari-octets-8804"]
FORMS = [form for canary in CANARIES for form in (canary.encode(), canary.encode("utf-16-le"))]


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def planted(alice, bob, alice_enrolment, said):
    """Through the pages, as people do: started, refused once, opened, downloaded, answered, failed upon."""
    owner, reader = sign_in(Client(), alice), sign_in(Client(), bob)
    start = reverse("connexion:start_conversation_draft", args=[uuid4()])
    typed = {
        "title": TITLE,
        "addresses": "bob@example.org",
        "language": "fr",
        "text": TEXT,
        "expires_in_days": 364,
    }
    refused = owner.post(start, {**typed, "addresses": "not-an-address", "documents": document()})
    assert refused.status_code == 422
    assert TEXT in refused.content.decode()
    # What was refused has kept its document: nobody chooses it a second time (spec C8).
    assert owner.post(start, typed).status_code == 302
    conversation, message = Conversation.unscoped.get(), Message.unscoped.get()
    reader.post(reverse("connexion:open_message", args=[conversation.pk, message.pk]))
    window = reader.get(reverse("connexion:conversation", args=[conversation.pk])).content.decode()
    assert TITLE in window
    assert TEXT in window
    assert NAME in window
    fetched = reader.get(reverse("connexion:download", args=[Attachment.unscoped.get().pk]))
    assert b"".join(fetched.streaming_content) == CONTENT.encode()
    kept = {"text": TEXT, "title": TITLE, "addresses": NAME}
    assert owner.post(reverse("connexion:start_draft", args=[uuid4()]), kept).json()["revision"] == 1
    assert owner.post(reverse("connexion:reply_draft", args=[conversation.pk, uuid4()]), kept).json()[
        "revision"
    ]
    upload_begun(reader, conversation)
    post = reverse("connexion:post_message", args=[conversation.pk, uuid4()])
    assert reader.post(post, {"text": f"{TEXT} bis", "expires_in_days": 364}).status_code == 302
    return owner, reader


def document():
    return SimpleUploadedFile(f"{NAME}.pdf", CONTENT.encode(), "application/pdf")


def upload_begun(person: Client, conversation: Conversation) -> None:
    """The first piece of a longer document, and its name, as tus carries them (spec D2)."""
    name, piece = base64.b64encode(f"{NAME} bis.pdf".encode()).decode(), CONTENT.encode()
    answer = person.generic(
        "POST",
        reverse("connexion:reply_uploads", args=[conversation.pk, uuid4()]),
        piece,
        "application/offset+octet-stream",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(2 * len(piece)),
            "Upload-Metadata": f"filename {name}",
        },
    )
    assert (answer.status_code, answer["Upload-Offset"]) == (201, str(len(piece)))


def assert_absent(what: bytes, where: str) -> None:
    for canary in FORMS:
        assert canary not in what, where


@pytest.mark.django_db(transaction=True)
def test_nothing_planted_is_found_where_content_must_not_be(planted, said, settings):
    tasks.deliver()
    assert mail.outbox
    for letter in mail.outbox:
        assert_absent(letter.message().as_bytes(), "an e-mail")
        assert_absent(force_bytes(letter.body + letter.subject), "an e-mail's text")
    assert_absent(force_bytes(said.text), "the log")
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            for row in cursor:
                for value in row:
                    assert_absent(
                        bytes(value) if isinstance(value, memoryview) else force_bytes(value), model.__name__
                    )
    for file in Path(settings.CONNEXION["KEY_STORE"]).parent.rglob("*"):
        if file.is_file():
            assert_absent(file.read_bytes(), str(file))


@pytest.mark.django_db(transaction=True)
def test_an_error_page_and_its_log_name_a_reference_and_no_content(planted, said, monkeypatch):
    owner, _reader = planted
    owner.raise_request_exception = False
    monkeypatch.setattr("connexion_plugin.views.composer.post_message", fail)
    post = reverse("connexion:post_message", args=[Conversation.unscoped.get().pk, uuid4()])
    said.clear()
    answer = owner.post(post, {"text": TEXT, "expires_in_days": 364, "documents": document()})
    assert answer.status_code == 500
    assert_absent(answer.content, "the error page")
    assert_absent(force_bytes(said.text), "the log of the error")
    reference = answer.context["reference"]
    assert reference in answer.content.decode()
    assert reference in said.text


@pytest.mark.parametrize("debug", [True, False])
def test_an_exception_report_holds_no_content(rf, settings, debug):
    settings.DEBUG = debug
    request = rf.post("/", {"text": TEXT, "title": TITLE})
    try:
        typed = request.POST["text"]
        raise RuntimeError("the database went away")
    except RuntimeError:
        reporter = ExceptionReporter(request, *sys.exc_info())
    for report in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert_absent(report.replace(f'TITLE = "{TITLE}"', "").encode(), "a report")
        assert "the database went away" in report
    assert typed


def fail(**_arguments):
    raise RuntimeError("the database went away")
