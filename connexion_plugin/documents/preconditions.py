"""What a client asks of a download before it wants any of it (RFC 9110, 13.1 and 13.2.2; spec D3).

By entity tag alone: a download says no date of change, and then those by date are to be passed over (13.1.3, 13.1.4).
"""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def unmet(request: HttpRequest, *, etag: str | None, size: int) -> HttpResponse | None:
    """The answer, without a byte of it, where GET or HEAD is not to go on: 412, or 304; else nothing.

    `etag` is unquoted and strong; None for what is made anew each time, which only `*` names. `size` in bytes is that
    of the whole: a 304 may say no other (RFC 9110, 8.6), and Django would say 0.
    """
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _names(wanted, etag, is_strong=True):
        return HttpResponse(status=412)
    kept = request.headers.get("If-None-Match")
    if kept is not None and _names(kept, etag, is_strong=False):
        return HttpResponseNotModified(headers={"Content-Length": str(size)})
    return None


def _names(header: str, etag: str | None, *, is_strong: bool) -> bool:
    """Whether the header's list holds this tag; a weak one is no promise of the same bytes (RFC 9110, 8.8.3.2)."""
    if header.strip(" \t") == "*":
        return True
    tags = _TAG.findall(header)
    return etag is not None and any(tag == f'"{etag}"' and not (is_strong and weak) for weak, tag in tags)
