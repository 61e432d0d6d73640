"""The links that e-mails carry. Not secrets: mails are forwarded and scanners follow links (access.md).

A notice's link names its message and carries the address it was meant for, signed, so that whoever is
signed in with another account can be told (spec I4).
"""

from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils import translation

from connexion_plugin.conf import settings

ADDRESS_PARAMETER = "for"
LONGEST_TOKEN = 600


def absolute_url(name: str, *, language: str, **arguments: object) -> str:
    """The absolute URL of a named page, in that language where the host's URLs have one."""
    with translation.override(language):
        return settings.site_url + reverse(name, kwargs=arguments)


def message_url(*, message_id: UUID, address: str, language: str) -> str:
    """Where *Accéder au message* leads (spec N1)."""
    page = settings.site_url + _page_of(message_id, language)
    return f"{page}?{urlencode({ADDRESS_PARAMETER: sign_address(message_id=message_id, address=address)})}"


@lru_cache(maxsize=256)
def _page_of(message_id: UUID, language: str) -> str:
    """The same for each of the thousands who are told of a message."""
    with translation.override(language):
        return reverse("connexion:message", kwargs={"message_id": message_id})


def sign_address(*, message_id: UUID, address: str) -> str:
    """The address, readable and signed for this message alone; the same at every call."""
    return _signer(message_id).sign_object(address, compress=False)


def read_address(*, message_id: UUID, token: str) -> str | None:
    """The address that the link was meant for, or None when we did not sign it for this message."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        address = _signer(message_id).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return address if isinstance(address, str) else None


def _signer(message_id: UUID) -> signing.Signer:
    return signing.Signer(salt=f"connexion_plugin.mail.links.{message_id}")
