"""The real site with one conversation, for measurements: its post form as a `Journey` of `upload_1gib.py`.

Bob takes part and answers with documents. Everything lies in one folder: database, keys, sealed parts.
"""

import os
import re
from pathlib import Path
from uuid import uuid4

from benchmarks.gunicorn_server import Server
from benchmarks.transfers import Answer, Form, Journey, ask

APPLICATION = "cms.wsgi:application"
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "cms.settings.test",
    # Or the tests' settings would make a folder of their own for each process.
    "CONNEXION_VAR_OF": os.environ.get("PYTEST_XDIST_WORKER", "main"),
}


def build(folder: Path) -> Journey:
    """Make the site in this folder and sign Bob in. Once a process: Django is set up in it."""
    os.environ.update(SETTINGS, CONNEXION_VAR=str(folder))
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from connexion_plugin.conf import settings as connexion_settings
    from connexion_plugin.models import Attachment
    from connexion_plugin.sealing.folder import FolderKeyStore
    from tests.factories import enrol, make_organization, make_person
    from tests.factories.conversations import start

    call_command("migrate", verbosity=0)
    FolderKeyStore.initialize(connexion_settings.key_store_folder, connexion_settings.master_key)
    alice = enrol(make_organization(), "alice@etude-tremblay.example", name="Alice Tremblay")
    make_person("Alice Tremblay", "alice@etude-tremblay.example")
    bob = make_person("Bob Gagnon", "bob@example.org")
    conversation = start(alice, to=["bob@example.org"])
    client = Client()
    client.force_login(bob)
    session = {name: morsel.value for name, morsel in client.cookies.items()}

    def form(server: Server) -> Form:
        path = reverse("connexion:post_message", args=[conversation.pk, uuid4()])
        page = ask(server, path, session)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.body.decode())
        cookie = re.search(r"csrftoken=([^;]+)", page.headers.get("Set-Cookie", ""))
        if not token or not cookie:
            raise RuntimeError(f"{path} answered {page.status} without its form.")
        fields = {"csrfmiddlewaretoken": token[1], "text": "Voici le relevé.", "expires_in_days": "30"}
        return Form(path, fields, {**session, "csrftoken": cookie[1]})

    def document_path(server: Server, form: Form, answer: Answer) -> str:
        if answer.status != 302:
            raise RuntimeError(f"{form.path} answered {answer.status}.")
        draft = form.path.rstrip("/").rsplit("/", 1)[1]
        attachment = Attachment.unscoped.get(message__idempotency_key=draft)
        return reverse("connexion:download", args=[attachment.pk])

    return Journey(form, document_path)
