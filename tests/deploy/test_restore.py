"""The two blocks of docs/operate.md, to the letter: backed up here, restored where nothing is (goals.md, fault 18)."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import post_message
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from tests.deploy.inventory import inventory
from tests.factories.conversations import in_days, post, seat_of, start

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"^```sh (?P<name>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.fault(18),
    pytest.mark.skipif(
        connection.vendor != "postgresql" or not shutil.which("pg_restore"),
        reason="pg_dump and pg_restore are PostgreSQL's",
    ),
]


def follow(block: str, environment: dict[str, str]) -> str:
    blocks = {
        match["name"]: match["text"] for match in BLOCK.finditer((ROOT / "docs/operate.md").read_text())
    }
    return run(["bash", "-euc", blocks[block]], environment)


def run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def url(database: str) -> str:
    server = connection.settings_dict
    who = f"{server['USER']}:{server['PASSWORD']}" if server["PASSWORD"] else server["USER"]
    return f"postgres://{who}@{server['HOST'] or '127.0.0.1'}:{server['PORT'] or 5432}/{database}"


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """What is exported on this machine, and on one with an empty database and no files; the production settings."""
    for name in ("backup", "keys-backup"):
        (tmp_path / name).mkdir()
    known = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "SECRET_KEY": "of-this-machine-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789",
        "ALLOWED_HOSTS": "connexion.example.ca",
        "SITE_URL": "https://connexion.example.ca",
        "CONNEXION_MASTER_KEY": settings.CONNEXION["MASTER_KEY"],
        "BACKUP": str(tmp_path / "backup"),
        "KEYS_BACKUP": str(tmp_path / "keys-backup"),
    }
    name = f"connexion_restored_{uuid4().hex[:8]}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield (
                {**known, "DATABASE_URL": url(connection.settings_dict["NAME"])},
                {**known, "DATABASE_URL": url(name), "CONNEXION_VAR": str(tmp_path / "new")},
            )
        finally:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_new_machine_reads_all_that_the_old_one_held(alice, bob, alice_enrolment, machines):
    here, there = machines
    for number in range(3):
        conversation = start(alice_enrolment, to=["bob@example.org"], title=f"Dossier {number}")
        content = [bytes([number]) * 3_000_000, b"end"]
        post_message(
            participation=seat_of(alice, conversation),
            text=f"Voici le document {number}.",
            documents=[
                sealed_upload(
                    name=f"{number}.pdf", chunks=content, key_for=new_document_key, storage=sealed_storage()
                )
            ],
            expires_at=in_days(30 + number),
            idempotency_key=uuid4(),
        )
        post(bob, conversation, f"Merci, {number}.")
    held = inventory()

    follow("back_up", here)
    follow("restore", there)  # which ends by itself when anything disagrees

    assert json.loads(run([sys.executable, "-m", "tests.deploy.inventory"], there)) == held
    assert len(set(held["documents"])) == 3
