"""Those to whom a document was sent: what they see of it, and whether they get it."""

from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.conftest import sign_in


def fetch(user, attachment):
    return sign_in(Client(), user).get(in_english("download", attachment.pk))


def open_letter(user, attachment):
    """The window, the letter open."""
    client = sign_in(Client(), user)
    where = in_english("open_message", attachment.message.conversation_id, attachment.message_id)
    return client.post(where, follow=True).content.decode()


def in_english(name, *arguments):
    with translation.override("en"):
        return reverse(f"connexion:{name}", args=arguments)


def state(attachment):
    attachment.refresh_from_db()
    return attachment.scan
