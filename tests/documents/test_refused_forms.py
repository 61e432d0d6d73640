"""A form whose documents are refused: what was typed is there once, and what is read of it has an end."""

import pytest

from connexion_plugin.documents import uploads
from connexion_plugin.documents.parts import StorageFull
from connexion_plugin.exceptions import TooManyDocuments
from connexion_plugin.sealing.segments import PART_BYTES
from tests.documents.forms import form_body
from tests.documents.test_sealing_uploads import parsed, storage, stored  # noqa: F401  the same

pytestmark = pytest.mark.spec("D1")


@pytest.fixture(autouse=True)
def three_files(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3


@pytest.mark.parametrize("size", [0, 100, 5_000, 20_000])
def test_one_document_too_many_loses_no_text_and_doubles_none(storage, size):  # noqa: F811
    """A short body's end holds its beginning too."""
    files = [("documents", f"{number}.txt", bytes(size)) for number in range(20)]
    body = form_body(
        *(("text", "Bonjour"), ("to", "a"), ("to", "b")),
        *files,
        *(("expires_in_days", "90"), ("to", "c"), ("save_draft", "é")),
    )
    request, handler = parsed(storage, body, largest=30_000)
    assert request.POST == {
        "text": ["Bonjour"],
        "to": ["a", "b", "c"],
        "expires_in_days": ["90"],
        "save_draft": ["é"],
    }
    assert not request.FILES
    assert isinstance(handler.fault, TooManyDocuments)
    assert stored(storage) == []


def test_too_many_in_a_body_without_end_are_refused_before_it_is_read(storage):  # noqa: F811
    files = [("documents", "devis.txt", b"")] * 4
    body = form_body(("text", "Bonjour"), *files, ("documents", "a.txt", bytes(40_000_000)))
    request, handler = parsed(storage, body, limit_bytes=1_000)
    assert request.POST == {"text": ["Bonjour"]}
    assert handler.fault is not None
    assert request.environ["wsgi.input"].place < 2_000_000
    assert stored(storage) == []


@pytest.mark.parametrize("taken_after", [0, 1, 2])
def test_the_floor_of_free_space_is_kept_while_the_body_comes(storage, monkeypatch, taken_after):  # noqa: F811
    """What was free when it began, others take meanwhile."""
    written = []
    keep = uploads.keep_part
    monkeypatch.setattr(uploads, "keep_part", lambda *part: (written.append(part[2]), keep(*part)))
    has_begun = iter([True])  # asked once for all that comes, then for each part
    monkeypatch.setattr(
        uploads, "has_room", lambda storage, more: next(has_begun, False) or len(written) < taken_after
    )
    body = form_body(("text", "avant"), ("documents", "a", bytes(3 * PART_BYTES)), ("note", "après"))
    request, handler = parsed(storage, body)
    assert request.POST == {"text": ["avant"], "note": ["après"]}
    assert not request.FILES
    assert isinstance(handler.fault, StorageFull)
    assert written == list(range(taken_after))
    assert stored(storage) == []
