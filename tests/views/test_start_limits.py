"""Who starts a conversation for one of several organizations is told, and held to, what that one allows (spec D1, B6)."""

import html
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.documents import uploads
from connexion_plugin.models import Conversation, Draft, Message, Reservation
from tests.conftest import sign_in
from tests.factories import enrol, verify_address
from tests.views.uploads.sending import TUS, meta

pytestmark = [
    pytest.mark.spec("D1", "B6"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("storage_of_its_own"),
]
KIB, MIB = 1024, 1024**2
TYPED = {
    "title": "Bail",
    "addresses": "bob@example.org",
    "language": "fr",
    "expires_in_days": "364",
    "text": "Voici.",
}


@pytest.fixture
def key():
    return uuid4()


@pytest.fixture
def first(alice_enrolment, organization):
    organization.name = "Aubin et Tremblay"  # before the other's in every order
    return allowing(organization, 4 * MIB, alice_enrolment)


@pytest.fixture
def second(alice, other_organization):
    verify_address(alice, "alice@harbour.example")
    return allowing(other_organization, 2 * KIB, enrol(other_organization, "alice@harbour.example"))


def allowing(organization, limit, enrolment=None):
    organization.message_limit_bytes = limit
    organization.save()
    return enrolment


@pytest.fixture
def client(alice, first, second):
    return sign_in(Client(), alice)


def address(key, language="fr"):
    with translation.override(language):
        return reverse("connexion:start_conversation_draft", args=[key])


def submit(client, key, enrolment, size, **more):
    documents = SimpleUploadedFile("a.pdf", bytes(size))
    typed = {"collaborator": str(enrolment.pk), **TYPED, **more, "documents": documents}
    return client.post(address(key), typed)


def shown(page):
    return html.unescape(page.content.decode()).replace("\xa0", " ").replace("\u202f", " ")


def hint(page):
    return " ".join(re.search(r"<upload-limit[^>]*>(.*?)</upload-limit>", shown(page), re.DOTALL)[1].split())


@pytest.mark.parametrize(
    ("language", "first_line", "second_line"),
    [
        ("fr", "jusqu’à 4 Mo", "Harbour Legal : jusqu’à 2 Ko"),
        ("en", "up to 4 MB", "Harbour Legal: up to 2 KB"),
    ],
)
def test_the_choice_says_what_each_of_them_allows(
    client, key, organization, language, first_line, second_line
):
    page = client.get(address(key, language))
    help_text = str(page.context["form"].fields["collaborator"].help_text).replace("\xa0", " ")
    help_text = html.unescape(help_text.replace("\u202f", " "))
    assert re.search(rf"<li>{organization.name} ?: {first_line}</li>", help_text)
    assert f"<li>{second_line}</li>" in help_text
    assert help_text in shown(page)
    assert organization.name in hint(page)
    assert first_line in hint(page)


def test_its_options_tell_the_script_the_same(client, key, first, second):
    drawn = str(client.get(address(key)).context["form"]["collaborator"])
    options = [line for line in drawn.splitlines() if "<option" in line]
    assert [re.search(r'data-limit="(\d+)"', option)[1] for option in options] == [str(4 * MIB), str(2 * KIB)]
    assert 'data-organization="Harbour Legal"' in options[1]
    assert 'data-size="2' in options[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_is_said_there_where_all_allow_the_same(client, key, other_organization, language):
    allowing(other_organization, 4 * MIB)
    page = client.get(address(key, language))
    assert not page.context["form"].fields["collaborator"].help_text
    assert "data-limit" not in shown(page)
    assert "upload-limit" not in shown(page)
    assert re.search(r"1[, ]000 (fichiers|files)", shown(page))


def test_a_draft_comes_back_with_the_limit_of_the_one_that_was_chosen(client, key, second):
    client.post(
        reverse("connexion:start_draft", args=[key]), {"collaborator": str(second.pk), "text": "Voici."}
    )
    page = client.get(address(key))
    assert hint(page).startswith("Pour Harbour Legal :")
    assert f' limit="{2 * KIB}"' in shown(page)


def test_a_form_is_held_to_the_chosen_ones_limit_before_a_part_is_written(client, key, second, monkeypatch):
    monkeypatch.setattr(uploads, "keep_part", lambda *part: pytest.fail("a part was written"))
    answer = submit(client, key, second, 3 * KIB)
    assert answer.status_code == 413
    assert answer.context["form"]["text"].value() == "Voici."
    assert f' limit="{2 * KIB}"' in shown(answer)
    assert not Conversation.unscoped.exists()


def test_what_the_chosen_one_allows_is_taken_whatever_the_first_allows(
    client, key, first, second, organization, other_organization
):
    allowing(organization, 2 * KIB)
    allowing(other_organization, 4 * MIB)
    assert submit(client, key, second, 3 * KIB).status_code == 302
    assert Message.unscoped.get().conversation.organization == other_organization


def test_the_chosen_one_s_quota_is_asked_before_a_part_is_written(
    client, key, first, organization, other_organization, monkeypatch
):
    organization.storage_quota_bytes = KIB
    organization.save()
    monkeypatch.setattr(uploads, "keep_part", lambda *part: pytest.fail("a part was written"))
    assert submit(client, key, first, 2 * KIB).status_code == 409


def test_its_room_is_reserved_with_the_chosen_one(client, key, second, other_organization, monkeypatch):
    seen, keep = [], uploads.keep_part

    def looks(*part):
        seen.append(Reservation.unscoped.get().organization)
        keep(*part)

    monkeypatch.setattr(uploads, "keep_part", looks)
    assert submit(client, key, second, KIB).status_code == 302
    assert seen == [other_organization]


@pytest.mark.parametrize(("size", "status"), [(3 * KIB, 409), (5 * MIB, 413), (KIB, 302)])
def test_documents_that_come_before_the_choice_are_held_to_the_largest_and_posted_to_the_chosen(
    client, key, second, size, status
):
    body = {"documents": SimpleUploadedFile("a.pdf", bytes(size)), "collaborator": str(second.pk), **TYPED}
    assert client.post(address(key), body).status_code == status
    assert Message.unscoped.count() == (status == 302)


@pytest.mark.parametrize("chosen", ["", "nobody", "00000000-0000-4000-8000-000000000000"])
def test_a_choice_that_is_none_of_theirs_is_refused_with_the_words_kept(client, key, chosen):
    documents = SimpleUploadedFile("a.pdf", bytes(KIB))
    answer = client.post(address(key), {**TYPED, "collaborator": chosen, "documents": documents})
    assert answer.status_code == 422
    assert answer.context["form"]["text"].value() == "Voici."


@pytest.mark.spec("D2")
def test_an_upload_by_pieces_is_held_to_the_one_for_which_the_draft_is_kept(client, key, first, second):
    where, save = (reverse(f"connexion:start_{name}", args=[key]) for name in ("uploads", "draft"))

    def begin(length):
        headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": meta("a.pdf")}
        return client.post(where, headers=headers).status_code

    def most():
        return client.options(where)["Tus-Max-Size"]

    assert most() == str(4 * MIB)
    assert client.post(save, {"collaborator": str(second.pk), "text": "Voici."}).status_code == 200
    assert (most(), begin(3 * KIB), begin(KIB)) == (str(2 * KIB), 413, 201)
    revision = Draft.unscoped.get().revision
    moved = {"collaborator": str(first.pk), "text": "Voici.", "draft_revision": revision}
    assert client.post(save, moved).status_code == 200
    assert (most(), begin(3 * KIB)) == (str(4 * MIB), 201)
