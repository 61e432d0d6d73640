"""A database that has no room left: what its drivers say of it, and our word for that (goals.md, row 4)."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from connexion_plugin.exceptions import DatabaseFull

logger = logging.getLogger(__name__)

# PostgreSQL's class of "insufficient resources": 53100 for a disk that is full, and its kin.
_OUT_OF_RESOURCES = "53"


def has_no_room(error: DatabaseError) -> bool:
    """Whether that is why a statement, or a COMMIT, failed: nothing of its transaction was kept then."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return str(getattr(cause, "sqlstate", None) or "").startswith(_OUT_OF_RESOURCES)


@contextmanager
def telling_no_room() -> Iterator[None]:
    """Around a verb, outside of its transaction. Raises DatabaseFull; every other failure passes as it is."""
    try:
        yield
    except DatabaseError as error:
        if not has_no_room(error):
            raise
        # Its text may hold values of the row.
        logger.error("the database has no room left: %s", type(error.__cause__).__name__)
        raise DatabaseFull from error
