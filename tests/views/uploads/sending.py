"""A client that speaks tus to the test client: one document on its way into one draft."""

import base64
import hashlib
import os
from uuid import uuid4

from django.urls import reverse

from connexion_plugin.actions.documents import open_document, read_name
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.models import Attachment
from connexion_plugin.sealing.segments import PART_BYTES

PLAIN = os.urandom(PART_BYTES + 300_000)
TUS = {"Tus-Resumable": "1.0.0"}
NAME = "Relevé 2026.pdf"


class Sending:
    """One document on its way into one draft."""

    def __init__(self, client, conversation, key=None):
        self.client, self.conversation, self.key = client, conversation, key or uuid4()
        self.where = reverse("connexion:reply_uploads", args=[conversation.pk, self.key])
        self.url = ""

    def ask(self, method, url=None, body=b"", kind="application/offset+octet-stream", **headers):
        return self.client.generic(
            method, url or self.url, body, kind, headers={**TUS, **headers}, CONTENT_TYPE=kind
        )

    def create(self, length, name=NAME, body=b"", **headers):
        given = {"Upload-Length": str(length), "Upload-Metadata": meta(name), **headers}
        answer = self.ask("POST", self.where, body, **given)
        self.url = answer.headers.get("Location", "")
        return answer

    def patch(self, offset, body, **headers):
        return self.ask("PATCH", body=body, **{"Upload-Offset": str(offset), **headers})

    @property
    def offset(self):
        return int(self.ask("HEAD")["Upload-Offset"])

    def post(self, **fields):
        url = reverse("connexion:post_message", args=[self.conversation.pk, self.key])
        return self.client.post(url, {"text": "", "expires_in_days": 90, **fields})


def meta(name):
    return f"filename {base64.b64encode(name.encode()).decode()},filetype YXBwbGljYXRpb24vcGRm"


def checksum(body, name="sha1"):
    return {"Upload-Checksum": f"{name} {base64.b64encode(hashlib.new(name, body).digest()).decode()}"}


def stored():
    storage = sealed_storage()
    folders, _files = storage.listdir("")
    return sorted(folder for folder in folders if storage.listdir(folder)[1])


def posted_document():
    attachment = Attachment.unscoped.select_related("message").get()
    return read_name(attachment), b"".join(open_document(attachment).read())
