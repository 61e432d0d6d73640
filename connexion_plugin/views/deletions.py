"""The last deletions of one's own rows, each with an undo of its own (spec B6; docs/decisions.md, 26)."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest

from connexion_plugin import formats

UNDONE_AT_MOST = 5  # deletions: each is up to fifty ids in the session
FIELDS = {"deletion", "place", "ids", "at", "is_new"}


class Deletions:
    """Those of the last `seconds` from one place: the inbox of a persona, or the book of an enrolment.

    They stand in the session under `name`, oldest first, those from the other places of its kind among them: which
    rows were taken out, by their ids alone, of which place, and when.
    """

    def __init__(self, request: HttpRequest, name: str, place: UUID, *, seconds: float) -> None:
        self._request, self._name, self._place, self._seconds = request, name, str(place), seconds

    def keep(self, ids: Sequence[UUID]) -> None:
        """One more, which the next page says."""
        one = {
            "deletion": uuid4().hex[:8],
            "place": self._place,
            "ids": [str(key) for key in ids],
            "at": int(time.time()),
            "is_new": True,
        }
        self._write([*self._everywhere(), one][-UNDONE_AT_MOST:])

    def undo(self, restore: Callable[[Sequence[UUID]], int]) -> int | None:
        """Brings back what the deletion took out that the button names, or else the last one; how many rows are back.
        None where there was no button to press."""
        asked = self._request.POST.get("deletion")
        found = [one for one in self._here() if asked in (None, one["deletion"])]
        if not found:
            return None if asked is None else 0
        self._write([one for one in self._everywhere() if one != found[-1]])
        return restore([UUID(key) for key in found[-1]["ids"]])

    def offered(self, url: str) -> dict[str, Any] | None:
        """For the page of the place: the last deletion, `is_new` the first time, and those before it."""
        kept = self._here()
        if not kept:
            return None
        if kept[-1]["is_new"]:
            self._write([{**one, "is_new": False} for one in self._everywhere()])
        last, *earlier = [
            {"deletion": one["deletion"], "count": len(one["ids"]), "time": _clock(one)}
            for one in reversed(kept)
        ]
        return {**last, "url": url, "is_new": kept[-1]["is_new"], "earlier": earlier}

    def _here(self) -> list[dict[str, Any]]:
        return [one for one in self._everywhere() if one["place"] == self._place]

    def _everywhere(self) -> list[dict[str, Any]]:
        kept = self._request.session.get(self._name)
        if not isinstance(kept, list):
            return []
        since = time.time() - self._seconds
        # A session of an earlier version kept less: the ids alone, or the last deletion.
        return [one for one in kept if isinstance(one, dict) and one.keys() >= FIELDS and one["at"] > since]

    def _write(self, deletions: list[dict[str, Any]]) -> None:
        self._request.session[self._name] = deletions


def _clock(deletion: dict[str, Any]) -> str:
    return formats.clock(datetime.fromtimestamp(deletion["at"], tz=UTC))
