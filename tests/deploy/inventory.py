"""Everything that an installation holds, as figures that two machines can compare: counts of rows, hashes of contents."""

import json
from hashlib import sha256
from typing import Any

import django


def inventory() -> dict[str, Any]:
    from django.apps import apps

    from connexion_plugin.actions.documents import open_document, read_name
    from connexion_plugin.actions.messages import read_text
    from connexion_plugin.actions.titles import read_title
    from connexion_plugin.models import Attachment, Conversation, Message

    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    attachments = Attachment.unscoped.select_related("message").order_by("pk")
    return {
        "rows": {model._meta.label: model._base_manager.count() for model in models},
        "titles": [hashed(read_title(each)) for each in Conversation.unscoped.order_by("pk")],
        "texts": [hashed(read_text(each)) for each in Message.unscoped.order_by("pk")],
        "names": [hashed(read_name(each)) for each in attachments],
        "documents": [sha256(b"".join(open_document(each).read())).hexdigest() for each in attachments],
    }


def hashed(words: str | None) -> str:
    return sha256((words or "").encode()).hexdigest()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(inventory()))  # noqa: T201
