"""What a person does on the account pages, and what they read in their mail."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from connexion_plugin.mail import outbox
from connexion_plugin.models import Mail
from tests.factories.people import PASSWORD

NEW_PASSWORD = "quatre mots tout a fait ordinaires"


def mails_to(address: str, kind: Mail.Kind | None = None) -> list[Mail]:
    mails = Mail.unscoped.filter(to=address).order_by("created_at")
    return list(mails.filter(kind=kind) if kind else mails)


def last_payload(address: str, kind: Mail.Kind) -> dict[str, str]:
    return outbox.read_payload(mails_to(address, kind)[-1])


def code_sent_to(address: str) -> str:
    return last_payload(address, Mail.Kind.CODE)["code"]


def sign_up(client: Client, address: str, **fields: str) -> Any:
    data = {"email": address, "username": "", "password1": NEW_PASSWORD, **fields}
    return client.post(reverse("account_signup"), data)


def confirm(client: Client, address: str) -> Any:
    return client.post(
        reverse("account_email_verification_sent"), {"action": "verify", "code": code_sent_to(address)}
    )


def enter(client: Client, login: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password, **fields})


def normalised(response: Any) -> str:
    """A page without what differs at each request."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
