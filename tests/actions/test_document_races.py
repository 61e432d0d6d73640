"""Documents of many requests at once: an organization's quota, the line of a download (D2, A2; goals.md, row 9)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.downloads import record_download
from connexion_plugin.actions.drafts import ensure_reply_draft
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.uploads import begin_upload, keep_documents
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.exceptions import DocumentsChanged, DraftPosted, OrganizationFull, Refused
from connexion_plugin.models import Activity, Attachment, Draft, Message, Upload
from tests.actions.racing import FOR_REAL, at_once
from tests.factories.conversations import seat_of, start

pytestmark = [*FOR_REAL, pytest.mark.spec("D2")]


def of_60_bytes():
    return sealed_upload(name="a.txt", chunks=[b"x" * 60], key_for=new_document_key, storage=sealed_storage())


def post_form(seat, key=None, shown=None):
    """A form's document, and what was kept with the draft of this key."""
    key = key or uuid4()
    try:
        return post_message(
            participation=seat,
            text="Voici.",
            documents=[of_60_bytes()],
            expires_at=timezone.now() + timedelta(days=90),
            idempotency_key=key,
            draft_id=key,
            shown=shown,
        )
    except Refused as reason:
        return type(reason)


def reserve(draft):
    try:
        return begin_upload(draft=draft, name="b.txt", length=60)
    except Refused as reason:
        return type(reason)


@pytest.fixture
def conversations(alice, bob, alice_enrolment):
    return [start(alice_enrolment, to=["bob@example.org"]) for _ in range(6)]


def grant(organization, quota):
    organization.storage_quota_bytes = quota
    organization.save()


def taken():
    posted = Message.unscoped.values_list("documents_bytes", flat=True)
    return sum(posted) + sum(Upload.unscoped.values_list("length", flat=True))


def test_forms_at_once_take_no_more_than_the_organization_has(alice, organization, conversations):
    for turn in range(1, 4):
        grant(organization, 60 * (turn - 1) + 100)
        answers = at_once(*(lambda c=c: post_form(seat_of(alice, c)) for c in conversations))
        assert answers.count(OrganizationFull) == 5
        assert taken() == 60 * turn


def test_forms_and_uploads_at_once_neither_pass_the_quota_nor_stop_each_other(
    alice, bob, organization, conversations
):
    """Each draft is posted while a second document for it is reserved, and while others fill the same quota."""
    for _ in range(4):
        grant(organization, None)
        work, before = [], taken()
        for conversation in conversations[:3]:
            seat, key = seat_of(alice, conversation), uuid4()
            draft = ensure_reply_draft(participation=seat, draft_id=key)
            keep_documents(draft=draft, documents=[of_60_bytes()])
            work += [
                lambda c=conversation, k=key: post_form(seat_of(alice, c), k),
                lambda d=draft: reserve(d),
            ]
            other = ensure_reply_draft(participation=seat_of(bob, conversation), draft_id=uuid4())
            work.append(lambda d=other: reserve(d))
        grant(organization, before + 180 + 130)
        at_once(*work)
        assert before + 180 <= taken() <= before + 180 + 130
        Draft.unscoped.all().delete()


def test_who_brings_no_document_waits_for_no_organization(alice, organization, conversations):
    grant(organization, 100)
    with CaptureQueriesContext(connection) as seen:
        post_message(
            participation=seat_of(alice, conversations[0]),
            text="Sans document.",
            expires_at=timezone.now() + timedelta(days=90),
            idempotency_key=uuid4(),
        )
    locks = [row["sql"] for row in seen if "FOR NO KEY UPDATE" in row["sql"]]
    assert [sql for sql in locks if "connexion_plugin_organization" in sql] == []


@pytest.mark.spec("A2")
def test_a_download_in_pieces_fetched_at_once_leaves_one_line(alice, conversations):
    seat = seat_of(alice, conversations[0])
    attachment = Attachment.unscoped.select_related("message").get(message=post_form(seat))
    at_once(*[lambda: record_download(participation=seat, attachment=attachment, is_in_pieces=True)] * 6)
    assert Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).count() == 1


def test_no_document_that_comes_while_its_message_is_posted_goes_unseen(conversations, bob):
    """From another window on the same draft: it is there before, and refused, or comes to a draft that was posted."""
    for conversation in conversations:
        seat, key = seat_of(bob, conversation), uuid4()
        draft = ensure_reply_draft(participation=seat, draft_id=key)

        def brings(draft=draft):
            try:
                return keep_documents(draft=draft, documents=[of_60_bytes()])
            except Refused as reason:
                return type(reason)

        posted, kept = at_once(lambda seat=seat, key=key: post_form(seat, key, shown=[]), brings)
        assert (posted, kept) in [(DocumentsChanged, None), (posted, DraftPosted)]
        if kept is DraftPosted:
            assert Attachment.unscoped.filter(message=posted).count() == 1  # what the form itself brought
