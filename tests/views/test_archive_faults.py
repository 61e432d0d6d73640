"""An archive of documents of which some are damaged, gone or out of reach: the others are in it (spec D6)."""

import os
import re
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from connexion_plugin.documents import damage
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.exceptions import MessageGone, StorageUnreachable
from connexion_plugin.models import Activity, Attachment
from connexion_plugin.sealing.segments import PART_BYTES, DocumentDamaged
from tests.conftest import sign_in
from tests.views.test_archive import LARGE, ask, conversation, unpacked  # noqa: F401  the same conversation

pytestmark = [pytest.mark.spec("D6"), pytest.mark.django_db]


@pytest.fixture
def part(conversation):  # noqa: F811
    """The second of the two parts of what Alice posted."""
    document = Attachment.unscoped.get(message__sequence=1, size=len(LARGE))
    return Path(django_settings.STORAGES["connexion"]["OPTIONS"]["location"]) / document.pk.hex / "1"


def test_a_fault_under_way_cuts_the_archive_before_its_length(conversation, bob, part):  # noqa: F811
    part.write_bytes(bytes(part.stat().st_size))
    response = ask(bob, conversation)
    sent = []
    with pytest.raises(DocumentDamaged):
        sent.extend(response.streaming_content)
    assert PART_BYTES <= sum(map(len, sent)) < int(response["Content-Length"])


def assert_one_is_left_out(user, conversation):  # noqa: F811
    """The archive's files: as long as was announced, with the others whole and the damaged one named."""
    head, response = ask(user, conversation, "head"), ask(user, conversation)
    assert head["Content-Length"] == response["Content-Length"]
    files = unpacked(response)
    assert {name for name in files if name.startswith("documents/")} == {
        "documents/Acte été.pdf",
        "documents/plan.pdf",
    }
    assert "# not in this archive (damaged): acte été.pdf\n" in files["manifest.txt"].decode()
    return files


@pytest.mark.parametrize("found_by", ["archive", "download"])
def test_a_fault_inside_a_document_cuts_no_second_archive(conversation, bob, part, found_by):  # noqa: F811
    """Once it was found, the others are there, and the manifest names it; mended, it comes back by itself."""
    whole = part.read_bytes()
    part.write_bytes(bytes(len(whole)))
    if found_by == "archive":
        response = ask(bob, conversation)
    else:
        document = Attachment.unscoped.get(pk=UUID(part.parent.name))
        response = sign_in(Client(), bob).get(reverse("connexion:download", args=[document.pk]))
    with pytest.raises(DocumentDamaged):
        list(response.streaming_content)
    assert_one_is_left_out(bob, conversation)
    part.write_bytes(whole)
    for _ in range(2):
        assert unpacked(ask(bob, conversation))["documents/acte été.pdf"] == LARGE
    assert not damage.is_remembered(UUID(part.parent.name))


@pytest.mark.parametrize(
    "harm",
    [
        lambda part: part.unlink(),
        lambda part: os.truncate(part, 1000),
        lambda part: part.write_bytes(part.read_bytes() + b"0"),
        lambda part: part.with_name("2").write_bytes(b"0"),
    ],
    ids=["lost", "cut", "longer", "followed"],
)
def test_one_damaged_document_does_not_keep_the_others_back(conversation, bob, part, harm):  # noqa: F811
    harm(part)
    files = assert_one_is_left_out(bob, conversation)
    assert re.search(r"(?m)^acte été\.pdf \(.+\) - not in this archive$", files["messages.txt"].decode())
    recorded = Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).values_list("attachment_id", flat=True)
    assert part.parent.name not in {key.hex for key in recorded}
    assert len(recorded) == 2


def test_a_document_that_expires_meanwhile_is_not_called_damaged(conversation, bob, monkeypatch):  # noqa: F811
    def gone(attachment):
        raise MessageGone

    monkeypatch.setattr("connexion_plugin.views.archive.open_document", gone)
    manifest = unpacked(ask(bob, conversation))["manifest.txt"].decode()
    assert manifest.count("# not in this archive (expired): ") == 3


@pytest.mark.parametrize("asked", ["size", "exists"])
def test_a_storage_that_is_away_is_said_before_anything_is_sent_or_recorded(
    conversation,  # noqa: F811
    bob,
    monkeypatch,
    caplog,
    asked,
):
    def unreachable(name):
        raise ConnectionError("no route to acte été")

    with monkeypatch.context() as away:
        away.setattr(sealed_storage(), asked, unreachable)
        response = ask(bob, conversation)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "This archive cannot be downloaded at this moment" in (page := response.content.decode())
    assert str(StorageUnreachable.sentence) in page
    assert "acte" not in caplog.text
    assert not Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).exists()
    assert "documents/acte été.pdf" in unpacked(ask(bob, conversation))
