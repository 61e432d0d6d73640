"""Downloads: attachments with their right name, by ranges, and cut when a fault is found under way."""

import logging
import os
import tracemalloc
from uuid import uuid4

import pytest
from django.core.files.storage import InMemoryStorage
from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.test import RequestFactory

from connexion_plugin.documents.downloads import content_disposition, respond
from connexion_plugin.documents.parts import part_name, write_part
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.sealing.segments import PART_BYTES, DocumentDamaged, SegmentSealer
from connexion_plugin.sealing.unsealing import PIECE_BYTES

KEY, CONTEXT = bytes(range(32)), b"attachment"
PLAIN = os.urandom(PART_BYTES + 70_000)
NAME = "Évaluation d’été.pdf"


def make_document(plain):
    storage, id = InMemoryStorage(), uuid4()
    sealer = SegmentSealer(
        key=KEY, context=CONTEXT, write_part=lambda index, sealed: write_part(storage, id, index, sealed)
    )
    sealer.feed(plain)
    return SealedDocument(id=id, manifest=sealer.finish(), key=KEY, context=CONTEXT, storage=storage)


@pytest.fixture(scope="module")
def document():
    return make_document(PLAIN)


def answer(document, method="GET", **headers):
    request = RequestFactory().generic(
        method, "/", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    return respond(request=request, document=document, name=NAME)


@pytest.mark.spec("D3")
def test_a_download_is_always_an_attachment_and_never_a_page(document):
    response = answer(document)
    assert response.status_code == 200
    assert dict(response.items()) == {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(len(PLAIN)),
        "Content-Disposition": 'attachment; filename="Evaluation d\'ete.pdf"; '
        "filename*=UTF-8''%C3%89valuation%20d%E2%80%99%C3%A9t%C3%A9.pdf",
        "Accept-Ranges": "bytes",
        "ETag": f'"{document.etag}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    assert response.getvalue() == PLAIN


SIZE = len(PLAIN)


@pytest.mark.spec("D3")
@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=5-9", 5, 10),
        ("bytes= 5-9 ", 5, 10),
        ("BYTES=5-9", 5, 10),
        (f"bytes={PART_BYTES - 2}-{PART_BYTES + 1}", PART_BYTES - 2, PART_BYTES + 2),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=10-{SIZE + 500}", 10, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes=-{SIZE + 7}", 0, SIZE),
    ],
)
def test_one_range_is_answered_by_its_bytes(document, asked, start, stop):
    response = answer(document, Range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert response["Content-Length"] == str(stop - start)
    assert response.getvalue() == PLAIN[start:stop]


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=-",
        "bytes=a-b",
        "lines=0-5",
        "bytes=9-5",
        "bytes=0-1,5-6",
        "bytes 0-5",
        "bytes=0x1-5",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_is_no_single_range_is_answered_by_the_whole(document, asked):
    response = answer(document, Range=asked)
    assert response.status_code == 200
    assert response["Content-Length"] == str(SIZE)
    assert "Content-Range" not in response


@pytest.mark.parametrize(
    "asked", [f"bytes={SIZE}-", f"bytes={SIZE + 1}-{SIZE + 5}", "bytes=-0", "bytes=999999999999999999-"]
)
def test_a_range_beyond_the_end_is_refused_with_the_size(document, asked):
    response = answer(document, Range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{SIZE}"
    assert response.content == b""
    assert response["Cache-Control"] == "no-store"


def test_a_document_of_no_byte_downloads_and_has_no_range():
    empty = make_document(b"")
    response = answer(empty)
    assert (response.status_code, response["Content-Length"], response.getvalue()) == (200, "0", b"")
    assert answer(empty, Range="bytes=0-").status_code == 416


@pytest.mark.parametrize("matches", [True, False])
def test_if_range_resumes_only_the_same_bytes(document, matches):
    response = answer(document, Range="bytes=5-", If_Range=f'"{document.etag if matches else "other"}"')
    assert response.status_code == (206 if matches else 200)
    assert response.getvalue() == PLAIN[5 if matches else 0 :]


@pytest.mark.parametrize("validator", ['W/"{etag}"', "Tue, 27 Apr 2021 10:00:00 GMT", "{etag}"])
def test_if_range_trusts_nothing_but_the_strong_validator(document, validator):
    response = answer(document, Range="bytes=5-", If_Range=validator.format(etag=document.etag))
    assert response.status_code == 200


def test_head_says_what_get_would_send_and_reads_nothing(document, monkeypatch):
    monkeypatch.setattr(SealedDocument, "read", lambda self, start, stop: pytest.fail("read"))
    response = answer(document, "HEAD", Range="bytes=5-9")
    assert (response.status_code, response["Content-Length"], response.content) == (200, str(SIZE), b"")
    assert response["Accept-Ranges"] == "bytes"


def test_a_host_that_compresses_its_answers_leaves_downloads_alone(document):
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip", "range": "bytes=0-999"})
    response = GZipMiddleware(lambda request: respond(request=request, document=document, name=NAME))(request)
    assert "Content-Encoding" not in response
    assert response["Content-Length"] == "1000"
    assert response.getvalue() == PLAIN[:1000]


def test_the_first_piece_is_let_go_as_all_others_are():
    """A download holds a part and the piece that is being sent, and nothing more until its end."""
    document, held = make_document(bytes(3 * PART_BYTES)), []
    tracemalloc.start()
    try:
        for _piece in answer(document).streaming_content:
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert len(held) == 3 * PART_BYTES // PIECE_BYTES
    assert max(held) < PART_BYTES + 1.5 * PIECE_BYTES


# Faults


def damaged(part):
    document = make_document(PLAIN)
    name = part_name(document.id, part)
    with document.storage.open(name) as file:
        sealed = bytearray(file.read())
    sealed[40] ^= 1
    write_part(document.storage, document.id, part, bytes(sealed))
    return document


def test_a_fault_in_the_first_part_raises_before_there_is_an_answer():
    with pytest.raises(DocumentDamaged):
        answer(damaged(0))


def test_a_fault_under_way_raises_while_sending_and_is_reported(caplog):
    document = damaged(1)
    response = answer(document)
    sent = []
    with caplog.at_level(logging.ERROR), pytest.raises(DocumentDamaged):
        # A list keeps what was appended before the fault.
        sent.extend(response.streaming_content)
    assert b"".join(sent) == PLAIN[:PART_BYTES]
    assert int(response["Content-Length"]) > PART_BYTES
    assert str(document.id) in caplog.text
    assert "valuation" not in caplog.text


def test_a_range_beside_the_fault_is_still_right():
    assert answer(damaged(1), Range="bytes=0-99").getvalue() == PLAIN[:100]


# The name


@pytest.mark.spec("D3")
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("devis_2015.xlsx", 'attachment; filename="devis_2015.xlsx"'),
        ("a b;c=d.pdf", 'attachment; filename="a b;c=d.pdf"'),
        ("été.pdf", "attachment; filename=\"ete.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf"),
        (
            "Œuvre – 2.pdf",
            "attachment; filename=\"OEuvre - 2.pdf\"; filename*=UTF-8''%C5%92uvre%20%E2%80%93%202.pdf",
        ),
        ("契約.pdf", "attachment; filename=\"document.pdf\"; filename*=UTF-8''%E5%A5%91%E7%B4%84.pdf"),
        ("👍", "attachment; filename=\"document\"; filename*=UTF-8''%F0%9F%91%8D"),
        ("100 %.pdf", "attachment; filename=\"100 _.pdf\"; filename*=UTF-8''100%20%25.pdf"),
        ("it's.pdf", 'attachment; filename="it\'s.pdf"'),
        ('q"uo\\te.pdf', "attachment; filename=\"q_uo_te.pdf\"; filename*=UTF-8''q%22uo%5Cte.pdf"),
        (
            "a\r\nSet-Cookie: x.pdf",
            "attachment; filename=\"a__Set-Cookie: x.pdf\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x.pdf",
        ),
    ],
)
def test_the_name_is_right_for_old_and_new_readers(name, header):
    assert content_disposition(name) == header
    HttpResponse(headers={"Content-Disposition": header})
