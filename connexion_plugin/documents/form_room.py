"""Room for what one form brings: taken before its first part is written, given back once it counts by itself (D2)."""

import logging
import time
from collections.abc import Callable
from uuid import UUID, uuid4

from connexion_plugin.documents.limits import FORM_ALLOWANCE_BYTES
from connexion_plugin.exceptions import OrganizationFull, UnpostedTooLarge
from connexion_plugin.sealing.segments import PART_BYTES

ASKED_BYTES = 32 * 1024**2  # after so many it is asked again whether there is room
RENEWED_SECONDS = 60  # and as often at least, for a reservation ends by itself (`actions.room`)

logger = logging.getLogger(__name__)


class FormRoom:
    """`reserve` takes so many bytes under an id, of which the last are not written yet; asked anew for the same, it
    changes and prolongs what it took. The first time it gives what others, who came before, have yet to write.
    `release` gives the bytes back. Without either there is room for all.
    """

    def __init__(
        self,
        reserve: Callable[[UUID, int, int], int] = lambda reservation, length, unwritten: 0,
        release: Callable[[UUID], None] = lambda reservation: None,
    ) -> None:
        self._reserve, self._release = reserve, release
        self.reservation: UUID | None = None
        self._asked, self._asked_at = -1, 0.0

    def take(self, *, received: int, body_length: int) -> int:
        """Before the first part, and again as the body comes, since a quota may have changed.

        The body is longer than its documents by its text. Where all of it fits, that is enough; else it is refused for
        what surely are documents: most of it, or those that have come. Gives what the disk is to have free beside it,
        for those who came before; the first time alone. Raises OrganizationFull, UnpostedTooLarge, DatabaseFull.
        """
        now = time.monotonic()
        if received <= self._asked and now - self._asked_at < RENEWED_SECONDS:
            return 0
        is_new = self.reservation is None
        self.reservation = self.reservation or uuid4()
        # What came last may be a part in memory still.
        unwritten = body_length - max(0, received - PART_BYTES)
        try:
            promised = self._reserve(self.reservation, body_length, unwritten)
            self._asked = received + ASKED_BYTES
        except (OrganizationFull, UnpostedTooLarge):
            surely = max(received, body_length - FORM_ALLOWANCE_BYTES)
            promised = self._reserve(self.reservation, surely, unwritten)
            self._asked = surely
        self._asked_at = now
        return promised if is_new else 0

    def give_back(self) -> None:
        """May be repeated."""
        if self.reservation is None:
            return
        try:
            self._release(self.reservation)
            self.reservation = None
        except Exception as error:
            # It ends by itself; what became of the form matters more.
            logger.warning("A form's reservation is left to its end: %s", type(error).__name__)
