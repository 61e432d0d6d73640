"""Headers of every answer of the portal."""

from django.http import HttpResponseBase

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def closed(response: HttpResponseBase) -> HttpResponseBase:
    """Our own policy, and nothing kept in a cache or a history of shared machines."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("Cache-Control", "no-store, private")
    response.headers.setdefault("X-Robots-Tag", "noindex")
    return response
