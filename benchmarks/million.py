"""Buffers that the rows of an inbox touch, however many conversations there are (goals.md).

    python -m benchmarks.million CONVERSATIONS      in a site's environment, its database empty; prints JSON

The real tables with all their indexes and constraints, written by the database itself (`million.sql`): titles and
texts are as long as sealed ones, and nobody reads them. *heavy* takes part in a tenth of the conversations,
*fixed* in 2,000. The statement is the page's own, asked through `access`.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.data import SIZES, Builder, Person
from benchmarks.statements import buffers

CONVERSATIONS = (20_000, 1_000_000)
FIXED = 2_000
MESSAGES = 3  # a conversation: their indexes are as deep as with the ten of the other parts
ROWS_A_PAGE = 30
TABLES = ("connexion_plugin_conversation", "connexion_plugin_participation", "connexion_plugin_message")


def build(conversations: int) -> Builder:
    from django.db import connection, transaction
    from django.utils import timezone

    from connexion_plugin.sealing import keys

    builder = Builder(SIZES["full"])
    builder.people()
    with transaction.atomic():
        day = keys.day_of(timezone.now() + timedelta(days=364))
        epoch = keys.open_epoch(organization_id=builder.organization.pk, day=day)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("SET work_mem = '256MB'")
        with _indexed_afterwards(cursor):
            cursor.execute(
                Path(__file__).with_suffix(".sql").read_text(),
                {
                    "conversations": conversations,
                    "every": conversations // FIXED,
                    "messages": MESSAGES,
                    "epoch": epoch.id,
                },
            )
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
    connection.close()  # and its settings with it
    return builder


@contextmanager
def _indexed_afterwards(cursor: Any) -> Iterator[None]:
    """Without the indexes but the primary keys, which are filled in their order; made again at the end."""
    cursor.execute(
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'u' AND conrelid::regclass::text = ANY(%s)",
        [list(TABLES)],
    )
    constraints = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)",
        [list(TABLES)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def of_pages(person: Person) -> dict[str, int]:
    """Buffers of the first page and of the last."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from connexion_plugin import access, keyset

    listing = access.Listing(person.user, person.persona, access.Show.ALL, timezone.now() + timedelta(days=7))
    found = {}
    for name, page in (("first page", keyset.beginning), ("last page", keyset.end)):
        with CaptureQueriesContext(connection) as queries:
            rows = page(listing.read, newest_first=True, size=ROWS_A_PAGE).rows
        assert len(rows) == ROWS_A_PAGE
        found[name] = buffers(queries.captured_queries[-1]["sql"])
    return found


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("connexion_keys", "init", verbosity=0, stdout=sys.stderr)
    builder = build(int(sys.argv[1]))
    people = {"heavy": builder.heavy, "fixed": builder.fixed}
    told = {
        f"{name}, {page}": count
        for name, person in people.items()
        for page, count in of_pages(person).items()
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
