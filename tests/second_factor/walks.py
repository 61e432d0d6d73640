"""What an authenticator app and its owner do."""

import base64
import re
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import hotp


def key_on(page: Any) -> bytes:
    """The seed, read as a person reads it: from the key on the page."""
    written = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page.content.decode())
    assert written is not None
    return base64.b32decode(written[1].replace(" ", ""))


def code_of(seed: bytes, *, steps_away: int = 0) -> str:
    step = int(timezone.now().timestamp()) // 30 + steps_away
    return str(hotp(seed, step)).zfill(6)


def set_up(client: Client, **fields: str) -> tuple[bytes, list[str]]:
    """Sets an app up and returns its seed and the recovery codes that the page showed."""
    seed = key_on(client.get(reverse("connexion:second_factor_setup")))
    page = client.post(reverse("connexion:second_factor_setup"), {"code": code_of(seed), **fields})
    assert page.status_code == 200, page.content.decode()
    return seed, re.findall(r"<li>([A-Z0-9]{5}-[A-Z0-9]{5})</li>", page.content.decode())


def enter_code(client: Client, code: str, **fields: str) -> Any:
    return client.post(reverse("connexion:second_factor"), {"code": code, **fields})
