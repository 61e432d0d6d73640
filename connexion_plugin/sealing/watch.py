"""How a key store watches time pass, so that no clock can hurry it (sealing.md, "Destroying is paranoid")."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connexion_plugin.sealing.key_store import Observation

LONGEST_STEP_SECONDS = 2 * 60 * 60
WAIT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Watch:
    """When the store last looked, for how many seconds it has watched each file that has no row, and since
    when it saw no jump (since it last looked, when that is unknown)."""

    seen_at: datetime
    unclaimed: dict[str, int]
    steady_since: datetime | None = None

    def advance(self, now: datetime, unclaimed: Iterable[str]) -> tuple["Watch", Observation]:
        """Look again at `now`.

        A step of two hours or more, forwards or backwards, counts for nothing: a clock that jumps, or a
        machine that slept. A small step back counts negatively, so that a clock that swings gains nothing.
        """
        seconds = int((now - self.seen_at).total_seconds())
        steady_since = self.steady_since or self.seen_at
        if abs(seconds) >= LONGEST_STEP_SECONDS:
            seconds, steady_since = 0, now
        watched = {
            file_id: max(0, self.unclaimed[file_id] + seconds) if file_id in self.unclaimed else 0
            for file_id in unclaimed
        }
        due = frozenset(file_id for file_id, seen in watched.items() if seen >= WAIT_SECONDS)
        return Watch(now, watched, steady_since), Observation(self.seen_at, seconds, due)

    def steady_seconds(self, now: datetime) -> int:
        """For how long time has passed without a jump; 0 when `now` is itself far from the last look."""
        if abs((now - self.seen_at).total_seconds()) >= LONGEST_STEP_SECONDS:
            return 0
        return max(0, int((now - (self.steady_since or self.seen_at)).total_seconds()))

    def to_json(self) -> bytes:
        fields = {
            "seen_at": self.seen_at.isoformat(),
            "unclaimed": self.unclaimed,
            "steady_since": (self.steady_since or self.seen_at).isoformat(),
        }
        return json.dumps(fields).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Watch":
        """Raises ValueError on anything that `to_json` did not write."""
        try:
            fields = json.loads(content)
            unclaimed = {str(file_id): int(seconds) for file_id, seconds in fields["unclaimed"].items()}
            steady_since = fields.get("steady_since")
            return cls(
                datetime.fromisoformat(fields["seen_at"]),
                unclaimed,
                datetime.fromisoformat(steady_since) if steady_since else None,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a watch") from error
