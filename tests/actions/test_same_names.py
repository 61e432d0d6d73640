"""Documents of one message that bear one name: each reader can tell them apart (spec D1)."""

import base64
from uuid import uuid4

import pytest
from django.urls import reverse

from connexion_plugin.actions.documents import brings_others, read_name
from connexion_plugin.actions.drafts import ensure_reply_draft
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.uploads import keep_documents
from connexion_plugin.documents.names import NAME_BYTES, safe_name
from connexion_plugin.models import Attachment
from tests.factories.conversations import in_days, seat_of, start
from tests.scanning.conftest import sealed
from tests.views.conftest import conversation, reader  # noqa: F401
from tests.views.uploads.sending import NAME, Sending, meta

pytestmark = [pytest.mark.spec("D1"), pytest.mark.django_db]


def post(alice, alice_enrolment, documents):
    house = start(alice_enrolment, to=["bob@example.org"])
    seat, key = seat_of(alice, house), uuid4()
    if kept := getattr(documents, "kept", None):
        keep_documents(draft=ensure_reply_draft(participation=seat, draft_id=key), documents=kept)
    return post_message(
        participation=seat,
        text="Voici.",
        documents=list(documents),
        expires_at=in_days(90),
        idempotency_key=key,
        draft_id=key,
    )


class WithDraft(list):
    """What a form brings, and what its draft keeps already."""

    kept: list


def names_of(message):
    rows = Attachment.unscoped.filter(message=message).select_related("message").order_by("position")
    return [read_name(row) for row in rows]


def plans(*contents, name="plan.pdf"):
    return sealed(*contents, name=name)


def test_the_second_of_one_name_is_numbered_and_what_the_eye_tells_apart_is_not(alice, alice_enrolment):
    documents = [
        *plans(b"1", b"2"),
        *plans(b"3", name="Plan.pdf"),
        *plans(b"4"),
        *plans(b"5", name="plan (2).pdf"),
    ]
    message = post(alice, alice_enrolment, documents)
    assert names_of(message) == ["plan.pdf", "plan (2).pdf", "Plan.pdf", "plan (3).pdf", "plan (2) (2).pdf"]


def test_the_longest_names_stay_as_long_as_any_computer_takes(alice, alice_enrolment):
    name = safe_name("é" * 200 + ".pdf")
    found = names_of(post(alice, alice_enrolment, plans(*[b"x"] * 12, name=name)))
    assert len(set(found)) == 12
    assert all(len(each.encode()) <= NAME_BYTES and each.endswith(".pdf") for each in found)


def test_a_form_that_is_sent_again_is_known_by_its_documents_whatever_their_numbers(alice, alice_enrolment):
    assert not brings_others(post(alice, alice_enrolment, plans(b"1", b"2")), plans(b"1", b"2"))
    assert not brings_others(post(alice, alice_enrolment, plans(b"1", b"2")), plans(b"2", b"1"))
    assert brings_others(post(alice, alice_enrolment, plans(b"1", b"2")), plans(b"1", b"1"))
    assert brings_others(post(alice, alice_enrolment, plans(b"1", b"2")), plans(b"1", b"2", b"2"))
    assert brings_others(post(alice, alice_enrolment, plans(b"1")), plans(b"1", name="devis.pdf"))
    brought = WithDraft(plans(b"2"))
    brought.kept = plans(b"1")
    message = post(alice, alice_enrolment, brought)
    assert sorted(names_of(message)) == ["plan (2).pdf", "plan.pdf"]
    assert not brings_others(message, plans(b"2"))


@pytest.mark.spec("D2")
def test_the_folder_of_a_document_is_told_to_its_author_alone_and_forgotten(reader, conversation, alice):  # noqa: F811
    sending = Sending(reader, conversation)
    place = base64.b64encode("Divorce <été>/a/Relevé 2026.pdf".encode()).decode()
    answer = sending.create(3, body=b"abc", **{"Upload-Metadata": f"{meta(NAME)},relativePath {place}"})
    assert answer.status_code == 201
    form = reverse("connexion:post_message", args=[conversation.pk, sending.key])
    assert 'data-place="Divorce &lt;été&gt;/a/Relevé 2026.pdf"' in reader.get(form).content.decode()
    assert sending.post().status_code == 302
    window = reverse("connexion:conversation", args=[conversation.pk])
    page = reader.get(window).content.decode()
    assert NAME in page
    assert "Divorce" not in page
