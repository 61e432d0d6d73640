"""What a key store does: the contract, on one screen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class StoredKey:
    """What one file of the store holds. It repeats what its row says, so that neither can be exchanged."""

    epoch_id: UUID
    day: date | None
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Observation:
    """What the store saw pass since it last looked, and what nobody claims.

    `seconds` is negative when the clock went back a little, and 0 when the store cannot vouch for the step.
    `unclaimed_due` are files without a row that it has watched for a whole day.
    """

    since: datetime
    seconds: int
    unclaimed_due: frozenset[str]


class KeyStore(Protocol):
    """Small sealed files by random name. A folder now; what a KMS seals may follow."""

    def create(self, file_id: str, stored: StoredKey) -> None:
        """Durably, before it returns. Raises FileExistsError rather than replace what is there."""

    def read(self, file_id: str) -> StoredKey:
        """Raises KeyGone when there is no such key, KeyStoreFault when the store itself is not there."""

    def destroy(self, file_id: str) -> None:
        """For good, and remembered: a restored copy of it is refused. Nothing happens the second time."""

    def file_ids(self) -> set[str]:
        """All that are there."""

    def destroyed_ids(self) -> set[str]:
        """All that ever were destroyed here."""

    def observe(self, now: datetime, unclaimed: Iterable[str]) -> Observation:
        """Look at the clock. Two nodes that look at once share the time that passed between them."""

    def steady_seconds(self, now: datetime) -> int:
        """For how long it has seen time pass without a jump, up to `now`."""

    def seconds_since_look(self, now: datetime) -> float:
        """Negative when the clock went back; infinite when it never looked."""

    def reseal(self, file_id: str) -> bool:
        """Seal by the current master key what an earlier one sealed; False when nothing was to be done."""
