"""Sessions in the database, found by a statement that is compiled once: every page of a person begins with it."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from connexion_plugin.prepared import PlannedOnce


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Session | None:
        for session in _living(key=self.session_key, now=timezone.now()):
            return session
        self._session_key = None  # type: ignore[misc]  # as Django does: what is saved then gets a new one
        return None


@PlannedOnce
def _living(key: Any, now: Any) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
