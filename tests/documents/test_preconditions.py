"""Downloads with conditions: in the order of RFC 9110 13.2.2, and without a byte where they say so (spec D3)."""

import pytest
from django.test import RequestFactory

from connexion_plugin.documents.archive import respond_with_archive
from connexion_plugin.documents.sealed_document import SealedDocument
from tests.documents.test_ranged_downloads import answer, document  # noqa: F401  the same document

pytestmark = pytest.mark.spec("D3")
OTHER = '"0123456789abcdef0123456789abcdef"'


def said(document, method="GET", **headers):  # noqa: F811
    """The answer; each `{etag}` is the document's."""
    tag = f'"{document.etag}"'
    return answer(document, method, **{name: each.replace("{etag}", tag) for name, each in headers.items()})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{etag}", 200),
        ("*", 200),
        (" * ", 200),
        (f"{OTHER}, {{etag}}", 200),
        (f'"a,b" ,, {OTHER},{{etag}}', 200),
        (OTHER, 412),
        ("W/{etag}", 412),  # strong comparison
        ("", 412),
        ("unquoted", 412),
    ],
)
def test_if_match_lets_only_the_named_bytes_go(document, method, header, status):  # noqa: F811
    response = said(document, method, If_Match=header)
    assert response.status_code == status
    if status == 412:
        assert response.content == b""
        assert response["ETag"] == f'"{document.etag}"'
        assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),  # weak comparison
        ("*", 304),
        (f"{OTHER}, W/{{etag}}", 304),
        (OTHER, 200),
        ("", 200),
        ("unquoted", 200),
    ],
)
def test_if_none_match_sends_nothing_that_is_there_already(document, method, header, status):  # noqa: F811
    response = said(document, method, If_None_Match=header)
    assert response.status_code == status
    if status == 304:
        assert response.content == b""
        assert dict(response.items()) == {
            "ETag": f'"{document.etag}"',
            "Cache-Control": "no-store",
            "Content-Length": str(document.size),
        }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_Match": OTHER, "If_None_Match": "{etag}"}, 412),
        ({"If_Match": "{etag}", "If_None_Match": "{etag}"}, 304),
        ({"If_Match": "{etag}", "Range": "bytes=5-9"}, 206),
        ({"If_Match": OTHER, "Range": "bytes=5-9"}, 412),
        ({"If_None_Match": "{etag}", "Range": "bytes=5-9"}, 304),
        ({"If_None_Match": OTHER, "Range": "bytes=5-9"}, 206),
        # The range, and whether it can be, come last.
        ({"If_Match": OTHER, "Range": "bytes=999999999-"}, 412),
        ({"If_None_Match": "{etag}", "Range": "bytes=999999999-"}, 304),
        ({"If_Match": "{etag}", "Range": "bytes=999999999-"}, 416),
        ({"If_Match": "{etag}", "If_Range": "{etag}", "Range": "bytes=5-9"}, 206),
        ({"If_Match": "{etag}", "If_Range": OTHER, "Range": "bytes=5-9"}, 200),
        ({"If_None_Match": "{etag}", "If_Range": "{etag}", "Range": "bytes=5-9"}, 304),
        # No date of change is sent: whatever depends on one is passed over.
        ({"If_Modified_Since": "Fri, 31 Dec 2100 00:00:00 GMT"}, 200),
        ({"If_Unmodified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
    ],
)
def test_conditions_are_looked_at_in_their_order(document, headers, status):  # noqa: F811
    assert said(document, **headers).status_code == status


@pytest.mark.parametrize("headers", [{"If_Match": OTHER}, {"If_None_Match": "*"}])
def test_what_sends_nothing_reads_nothing(document, monkeypatch, headers):  # noqa: F811
    monkeypatch.setattr(SealedDocument, "read", lambda *range: pytest.fail("read"))
    assert said(document, **headers).status_code in {304, 412}


@pytest.mark.spec("D6")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": OTHER}, 200),
        ({"If-None-Match": "*"}, 304),
        ({"If-Match": "*"}, 200),
        ({"If-Match": OTHER}, 412),
        ({"If-Match": '"None"'}, 412),
    ],
)
def test_an_archive_is_made_anew_and_has_no_tag_to_ask_for(headers, status):
    request = RequestFactory().get("/", headers=headers)
    response = respond_with_archive(request=request, documents=[], texts=[], name="a.zip")
    assert response.status_code == status
    assert "ETag" not in response
    assert response["Cache-Control"] == "no-store"
