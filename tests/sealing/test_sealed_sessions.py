"""What a session holds cannot be read from its row: a code that allauth has mailed waits in one."""

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.utils import timezone

from cms.sessions import SessionStore

pytestmark = pytest.mark.django_db


def test_a_session_reads_back_and_its_row_tells_nothing():
    store = SessionStore()
    store["account_verification"] = {"code": "QX7-RT2", "next": "/fr/connexion/"}
    store.save()
    assert SessionStore(store.session_key)["account_verification"]["code"] == "QX7-RT2"
    row = Session.objects.get(session_key=store.session_key).session_data

    class Raw:
        def loads(self, data: bytes) -> bytes:
            return data

    raw = signing.loads(row, salt=store.key_salt, serializer=Raw)
    assert b"QX7-RT2" not in raw
    assert b"verification" not in raw


def test_a_session_that_was_altered_is_empty():
    store = SessionStore()
    store["a"] = 1
    store.save()
    Session.objects.filter(session_key=store.session_key).update(session_data="forged:1:2")
    assert SessionStore(store.session_key).load() == {}


def test_a_session_that_is_over_or_unknown_is_empty_and_gets_a_new_key():
    store = SessionStore()
    store["a"] = 1
    store.save()
    Session.objects.filter(session_key=store.session_key).update(expire_date=timezone.now())
    for key in (store.session_key, "unknown"):
        found = SessionStore(key)
        assert found.load() == {}
        assert found.session_key is None
