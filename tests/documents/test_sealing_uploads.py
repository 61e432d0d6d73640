"""Documents are sealed while the form is parsed; whatever goes wrong leaves none of them behind."""

import errno
import os
from io import UnsupportedOperation
from uuid import UUID

import pytest
from django import forms
from django.core.files.storage import FileSystemStorage
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from hypothesis import given, settings
from hypothesis import strategies as st

from connexion_plugin.documents import mounts, uploads
from connexion_plugin.documents.parts import StorageFull
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.documents.uploads import SealedUpload, SealingUploadHandler, UploadCut, sealed_upload
from connexion_plugin.exceptions import DocumentsTooLarge, StorageTrouble
from connexion_plugin.sealing.segments import PART_BYTES, SEGMENT_BYTES
from tests.documents.forms import BOUNDARY, form_body, post_request

KEY = bytes(range(32))
MIB = 1024**2
PLAIN = os.urandom(PART_BYTES + 3 * SEGMENT_BYTES + 17)


def key_for(document: UUID):
    return KEY, b"attachment " + document.bytes


@pytest.fixture
def storage(tmp_path):
    storage = FileSystemStorage(location=tmp_path / "parts")
    mounts.make(storage)
    return storage


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path, settings):
    folder = tmp_path / "temporary"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    yield
    assert list(folder.iterdir()) == []


def stored(storage):
    return sorted(storage.listdir("")[0]) if storage.exists("") else []


def parsed(storage, body, *, limit_bytes=1024**3, key_for=key_for, **request_options):
    request = post_request(body, **request_options)
    handler = SealingUploadHandler(request, key_for=key_for, limit_bytes=limit_bytes, storage=storage)
    request.upload_handlers = [handler]
    return request, handler


def unsealed(upload, storage):
    key, context = key_for(upload.attachment_id)
    document = SealedDocument.opened(
        id=upload.attachment_id,
        manifest_sealed=upload.manifest,
        size=upload.size,
        key=key,
        context=context,
        storage=storage,
    )
    return b"".join(document.read())


# What arrives


@pytest.mark.spec("D1")
def test_a_document_arrives_sealed_with_its_name_and_size(storage):
    request, handler = parsed(storage, form_body(("text", "Bonjour"), ("documents", "devis_été.pdf", PLAIN)))
    assert request.POST == {"text": ["Bonjour"]}
    (upload,) = request.FILES.getlist("documents")
    assert isinstance(upload, SealedUpload)
    assert (upload.name, upload.size, upload.content_type) == ("devis_été.pdf", len(PLAIN), "application/pdf")
    assert upload.key == KEY
    assert stored(storage) == [upload.attachment_id.hex]
    assert unsealed(upload, storage) == PLAIN
    assert handler.fault is None


@pytest.mark.spec("D1")
def test_any_number_of_documents_share_one_form(storage):
    plain = [os.urandom(size) for size in (0, 1, SEGMENT_BYTES, PART_BYTES, PART_BYTES + 1)]
    body = form_body(
        *(("documents", f"{index}.pdf", content) for index, content in enumerate(plain)), ("text", "après")
    )
    request, _ = parsed(storage, body)
    found = request.FILES.getlist("documents")
    assert [upload.name for upload in found] == [f"{index}.pdf" for index in range(5)]
    assert [unsealed(upload, storage) for upload in found] == plain
    assert len({upload.attachment_id for upload in found}) == 5
    assert request.POST["text"] == "après"


near_boundary = f"\r\n--{BOUNDARY[:-1]}".encode()


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 150_000), min_size=1, max_size=3),
    largest=st.sampled_from([None, 7_000, 70_000]),
    seed=st.integers(0, 9),
    trap=st.sampled_from([b"", near_boundary, b"\r\n", b"--"]),
)
def test_odd_pieces_and_near_boundaries_change_nothing(tmp_path_factory, sizes, largest, seed, trap):
    storage = FileSystemStorage(location=tmp_path_factory.mktemp("parts"))
    mounts.make(storage)
    # Not of PLAIN: once in 256 runs the first of its bytes made a whole boundary of a near one.
    plain = [PLAIN[:size] + trap + b"after" + trap for size in sizes]
    body = form_body(("text", "avant"), *(("documents", "a.pdf", content) for content in plain))
    request, _ = parsed(storage, body, largest=largest, seed=seed)
    assert [unsealed(upload, storage) for upload in request.FILES.getlist("documents")] == plain
    assert request.POST["text"] == "avant"


def test_a_body_that_comes_byte_by_byte_is_the_same(storage):
    request, _ = parsed(storage, form_body(("text", "é"), ("documents", "a.pdf", b"abc" * 500)), largest=3)
    assert unsealed(request.FILES["documents"], storage) == b"abc" * 500


def test_an_input_left_empty_yields_nothing(storage):
    request, _ = parsed(storage, form_body(("text", "x"), ("documents", "", b"")))
    assert "documents" not in request.FILES
    assert stored(storage) == []


@pytest.mark.parametrize(
    ("sent", "kept"), [("..", "document"), ("\u202e", "document"), ("a/b.pdf", "b.pdf"), ("CON", "_CON")]
)
def test_a_document_is_never_lost_for_its_name(storage, sent, kept):
    request, _ = parsed(storage, form_body(("documents", sent, b"abc")))
    assert request.FILES["documents"].name == kept
    assert unsealed(request.FILES["documents"], storage) == b"abc"


def test_a_longest_name_fits_the_header(storage):
    request, _ = parsed(storage, form_body(("documents", "契" * 251 + ".pdf", b"abc")))
    assert request.FILES["documents"].name == "契" * 83 + ".pdf"


def test_base64_parts_are_decoded_before_they_are_sealed(storage):
    body = form_body(("documents", "a.pdf", b"QUJD")).replace(
        b"Content-Type: application/pdf",
        b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64",
    )
    request, _ = parsed(storage, body)
    assert unsealed(request.FILES["documents"], storage) == b"ABC"


# As forms see it


class DocumentForm(forms.Form):
    documents = forms.FileField(allow_empty_file=True, required=False)


@pytest.mark.parametrize("content", [b"abc", b""])
def test_a_form_takes_a_sealed_document_even_of_no_byte(storage, content):
    request, _ = parsed(storage, form_body(("documents", "a.pdf", content)))
    form = DocumentForm(request.POST, request.FILES)
    assert form.is_valid()
    assert form.cleaned_data["documents"].size == len(content)


@pytest.mark.parametrize("act", [lambda u: u.read(), lambda u: u.open(), lambda u: list(u.chunks())])
def test_a_sealed_document_cannot_be_read_back_by_mistake(storage, act):
    request, _ = parsed(storage, form_body(("documents", "a.pdf", b"abc")))
    with pytest.raises(UnsupportedOperation):
        act(request.FILES["documents"])
    request.close()


def test_the_name_does_not_reach_a_log_by_the_way_of_repr(storage):
    request, _ = parsed(storage, form_body(("documents", "secret.pdf", b"abc")))
    assert "secret" not in repr(request.FILES)
    assert str(request.FILES["documents"].attachment_id) in repr(request.FILES)


# Too much


@pytest.mark.spec("D1")
def test_the_limit_is_reached_exactly(storage):
    request, handler = parsed(
        storage, form_body(("documents", "a", b"12345"), ("documents", "b", b"67890")), limit_bytes=10
    )
    assert len(request.FILES.getlist("documents")) == 2
    assert handler.fault is None


@pytest.mark.spec("D1")
@pytest.mark.parametrize("over", ["one document", "two together", "a third after the fault"])
def test_above_the_limit_nothing_is_stored_and_the_text_is_whole(storage, over):
    documents = {
        "one document": [PLAIN],
        "two together": [PLAIN[: 3 * MIB], PLAIN[: 3 * MIB]],
        "a third after the fault": [PLAIN, b"abc", b""],
    }[over]
    fields = [("documents", f"{index}.pdf", content) for index, content in enumerate(documents)]
    request, handler = parsed(
        storage, form_body(("text", "avant"), *fields, ("note", "après")), limit_bytes=4 * MIB
    )
    assert request.POST == {"text": ["avant"], "note": ["après"]}
    assert not request.FILES
    assert isinstance(handler.fault, DocumentsTooLarge)
    assert stored(storage) == []


def test_what_is_surely_too_large_is_not_even_begun(storage, monkeypatch):
    monkeypatch.setattr(uploads, "_Document", lambda *arguments: pytest.fail("begun"))
    body = form_body(("text", "avant"), ("documents", "a.pdf", bytes(5 * MIB)), ("note", "après"))
    request, handler = parsed(storage, body, limit_bytes=10)
    assert request.POST == {"text": ["avant"], "note": ["après"]}
    assert isinstance(handler.fault, DocumentsTooLarge)


def test_a_body_out_of_all_proportion_is_not_read_to_its_end(storage):
    body = form_body(("text", "avant"), ("documents", "a.pdf", bytes(6 * MIB)))
    request, handler = parsed(storage, body, limit_bytes=10, length=40 * MIB)
    assert request.POST == {"text": ["avant"]}
    assert not request.FILES
    assert isinstance(handler.fault, DocumentsTooLarge)
    assert request.environ["wsgi.input"].place < MIB


# No room


class FullAfter(FileSystemStorage):
    """A disk that fills up: the part that meets its end stays there in half."""

    def __init__(self, *, parts, **options):
        super().__init__(**options)
        self.room = parts

    def _save(self, name, content):
        if self.room <= 0:
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            with open(self.path(name), "wb") as half:
                half.write(content.read(100))
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= 1
        return super()._save(name, content)


@pytest.mark.parametrize("parts", [0, 1, 2, 3])
def test_a_full_storage_keeps_nothing_says_so_and_leaves_the_text(tmp_path, parts):
    storage = FullAfter(location=tmp_path / "parts", parts=parts)
    mounts.make(storage)
    body = form_body(
        ("text", "avant"), ("documents", "a", PLAIN), ("documents", "b", PLAIN), ("note", "après")
    )
    request, handler = parsed(storage, body)
    assert request.POST == {"text": ["avant"], "note": ["après"]}
    assert not request.FILES
    assert isinstance(handler.fault, StorageFull)
    assert str(handler.fault.sentence)
    assert stored(storage) == []


# Cut, broken, refused


@pytest.mark.parametrize("closed_by", ["an end", "an error"])
def test_an_upload_cut_anywhere_leaves_no_part(storage, closed_by):
    body = form_body(("text", "x"), ("documents", "a", PLAIN), ("documents", "b", b"abc"), ("note", "après"))
    borders = [body.index(b"\r\n--" + BOUNDARY.encode(), place) for place in (200, len(PLAIN) // 2)]
    places = [
        1,
        60,
        150,
        5_000,
        PART_BYTES + 5_000,
        len(PLAIN),
        *borders,
        *range(len(body) - 420, len(body), 7),
    ]
    for place in places:
        error = ConnectionResetError("cut") if closed_by == "an error" else None
        request, _ = parsed(storage, body[:place], length=len(body), error=error)
        with pytest.raises(UnreadablePostError):
            request.POST  # noqa: B018
        assert stored(storage) == [], place


def test_a_body_that_ends_without_its_boundary_loses_no_document_silently(storage):
    request, _ = parsed(storage, form_body(("documents", "a", b"abc"), closed=False).removesuffix(b"\r\n"))
    with pytest.raises(UploadCut):
        request.POST  # noqa: B018
    assert stored(storage) == []


def test_a_storage_that_breaks_leaves_nothing_and_is_not_hidden(storage, monkeypatch, caplog):
    save = storage._save

    def broken(name, content):
        if name.endswith("/1"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return save(name, content)

    monkeypatch.setattr(storage, "_save", broken)
    request, handler = parsed(storage, form_body(("documents", "a", PLAIN), ("text", "Voici.")))
    assert request.POST["text"] == "Voici."
    assert isinstance(handler.fault, StorageTrouble)
    assert not request.FILES
    assert "the storage failed: PermissionError" in caplog.text
    assert stored(storage) == []


@pytest.mark.parametrize("error", [RuntimeError("no key"), SystemExit(1)])
def test_a_key_that_cannot_be_had_and_a_worker_that_is_stopped_leave_nothing(storage, error):
    asked = []

    def second_fails(document):
        asked.append(document)
        if len(asked) == 2:
            raise error
        return key_for(document)

    request, _ = parsed(
        storage, form_body(("documents", "a", PLAIN), ("documents", "b", b"")), key_for=second_fails
    )
    with pytest.raises(type(error)):
        request.POST  # noqa: B018
    assert stored(storage) == []


def test_a_body_that_is_no_form_leaves_nothing(storage):
    body = form_body(("documents", "a", PLAIN), ("documents", "x" * 5000, b""))
    request, _ = parsed(storage, body)
    with pytest.raises(MultiPartParserError):
        request.POST  # noqa: B018
    assert stored(storage) == []


def test_parts_that_cannot_be_deleted_do_not_hide_why(storage, monkeypatch, caplog):
    request, handler = parsed(storage, form_body(("documents", "secret.pdf", b"abc")))
    (upload,) = request.FILES.values()
    monkeypatch.setattr(storage, "delete", lambda name: (_ for _ in ()).throw(OSError("read-only")))
    handler.discard()
    assert str(upload.attachment_id) in caplog.text
    assert "secret" not in caplog.text
    monkeypatch.undo()
    handler.discard()
    assert stored(storage) == []


# Without a form


def test_a_document_that_no_form_brought_is_sealed_the_same_way(storage):
    upload = sealed_upload(
        name="a/relevé.pdf", chunks=[PLAIN[:9], PLAIN[9:]], key_for=key_for, storage=storage
    )
    assert (upload.name, upload.size) == ("relevé.pdf", len(PLAIN))
    assert unsealed(upload, storage) == PLAIN


def test_a_document_whose_source_breaks_leaves_no_part(storage):
    def chunks():
        yield PLAIN
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        sealed_upload(name="a.pdf", chunks=chunks(), key_for=key_for, storage=storage)
    assert stored(storage) == []


@pytest.mark.spec("D1")
def test_a_second_document_needs_no_more_room_than_what_is_still_to_come(storage, monkeypatch):
    """Two documents that together fit the disk: what the first has taken is not asked for again."""
    body = form_body(("documents", "1.bin", PLAIN), ("documents", "2.bin", PLAIN))
    disk = len(body) + MIB

    def has_room(storage, more_bytes):
        taken = sum(
            storage.size(f"{folder}/{part}")
            for folder in stored(storage)
            for part in storage.listdir(folder)[1]
        )
        return disk - taken >= more_bytes

    monkeypatch.setattr(uploads, "has_room", has_room)
    request, handler = parsed(storage, body)
    assert len(request.FILES.getlist("documents")) == 2
    assert handler.fault is None
