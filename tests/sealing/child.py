"""A process of its own, on the test's database and key store: `python -m tests.sealing.child`.

What a test of races or of kills needs: nothing shared with the test's process but database and folder.
Each line that it reads is a verb and its arguments; each line that it writes is what came of it.
"""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(count):
    """Start some, and wait until each is ready for its first order."""
    from django.conf import settings
    from django.db import connection

    database = connection.settings_dict
    if connection.vendor == "postgresql":
        host = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT'] or 5432}"
        url = f"postgres://{host}/{database['NAME']}"
    else:
        url = f"sqlite:///{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "cms.settings.test",
        "CHILD_CONNEXION": json.dumps(settings.CONNEXION),
    }
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.sealing.child"],
            cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(count)
    ]  # fmt: skip
    for child in children:
        assert child.stdout.readline() == "ready\n"
    return children


def order(children, *words):
    """Tell all of them at once."""
    for child in children:
        child.stdin.write(" ".join(map(str, words)) + "\n")
        child.stdin.flush()


def answers(children):
    """What each of them says next."""
    return [json.loads(child.stdout.readline()) for child in children]


def end(children):
    for child in children:
        child.communicate(timeout=60)
    assert [child.returncode for child in children] == [0] * len(children)


def wrap(organization_id, day, count):
    """Wrap keys, each in a transaction of its own, until their day is over."""
    from datetime import date
    from uuid import UUID

    from django.db import transaction

    from connexion_plugin.exceptions import EpochOver
    from connexion_plugin.sealing import keys

    wrapped, over = [], False
    while len(wrapped) < int(count) and not over:
        try:
            with transaction.atomic():
                one = keys.wrap_new(
                    organization_id=UUID(organization_id), day=date.fromisoformat(day), context=b"\0\3key"
                )
        except EpochOver:
            over = True
        else:
            wrapped.append([one.epoch_id.hex, base64.b64encode(one.wrapped).decode(), one.key.hex()])
    return {"wrapped": wrapped, "over": over}


def rewrap():
    from connexion_plugin.sealing import rotation

    return rotation.rewrap_store().resealed


def main():
    import django
    from django.conf import settings

    django.setup()
    settings.CONNEXION = json.loads(os.environ["CHILD_CONNEXION"])
    say("ready")
    for line in sys.stdin:
        verb, *arguments = line.split()
        say(json.dumps({"wrap": wrap, "rewrap": rewrap}[verb](*arguments)))


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
