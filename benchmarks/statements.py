"""What does not depend on the machine: statements of each page, and buffers that the inbox's rows touch.

python -m benchmarks.statements FOUND      in a site's environment; FOUND is what `data` named; prints JSON
"""

import json
import re
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

WORDLESS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


def captured(act: Callable[[], Any]) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        answer = act()
    assert answer.status_code < 400, answer.status_code
    sent = [row["sql"] for row in queries.captured_queries if not row["sql"].startswith(WORDLESS)]
    # Those that went in one go count singly (`connexion_plugin.statements`).
    return [statement for together in sent for statement in together.split(";\n")]


def buffers(statement: str) -> int:
    """8 KiB pages that the statement reads, in memory or not."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement.replace("%", "%%"))
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    named = json.loads(sys.argv[1])
    found, cookies = named["found"], named["cookies"]

    def count(person: str, path: str, fields: dict[str, str] | None = None) -> list[str]:
        client = Client(headers={"host": "127.0.0.1", "x-forwarded-proto": "https"})
        client.cookies.load(cookies[person])

        def act() -> Any:
            address = path.replace("{}", str(uuid4()))
            return client.get(address) if fields is None else client.post(address, fields)

        act()  # what is remembered is remembered now
        return captured(act)

    base, words = "/fr/connexion/", {"text": "Bonjour", "expires_in_days": "364"}
    inboxes = {
        name: count(name, f"{base}inbox/{found[f'{name}_persona']}/?size=30") for name in ("heavy", "light")
    }
    rows = next(sql for sql in inboxes["heavy"] if re.search(r"LIMIT \d+$", sql) and "title_sealed" in sql)
    counts = {f"inbox, {name}": len(found_) for name, found_ in inboxes.items()}
    for name in ("seven", "thousand"):
        counts[f"window, {name}"] = len(count("light", f"{base}conversations/{found[name]}/"))
    for name in ("three", "crowd"):
        path = f"{base}conversations/{found[name]}/post/{{}}/"
        counts[f"post, {name}"] = len(count("light", path, words))
    print(json.dumps({"counts": counts, "buffers": buffers(rows), "rows": rows}))


if __name__ == "__main__":
    main()
