"""What holds a key or content does not say it: a template's or an exception's words may hold any value."""

from datetime import UTC, datetime
from uuid import uuid4

from connexion_plugin.sealing.key_store import StoredKey
from connexion_plugin.sealing.keys import OpenEpoch, WrappedKey
from connexion_plugin.views.thread import Document, Letter

KEY = b"a canary of thirty-two bytes ..."


def test_no_key_is_in_words():
    for holder in (StoredKey(uuid4(), None, KEY), OpenEpoch(uuid4(), KEY), WrappedKey(uuid4(), b"", KEY)):
        assert holder.key == KEY
        assert "canary" not in repr(holder) + str(holder)


def test_no_content_is_in_words():
    now = datetime.now(UTC)
    documents = [Document(name="canary.pdf", size=1, url="", scan_state="")]
    letter = Letter(
        id=uuid4(),
        anchor="",
        is_mine=False,
        organization_name="",
        sender_address="",
        posted_at=now,
        expires_at=now,
        is_held=False,
        state="open",
        open_url="",
        text="a canary",
        documents=documents,
    )
    assert "canary" not in repr(letter) + str(letter)
