"""A disk that is really full, under what is being sent: a small tmpfs for the documents, one for the temporary folder,
one for the database.

goals.md, row 4. Needs the right to mount; where there is none, nothing here runs, and says so.
"""

import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import StorageFull
from connexion_plugin.exceptions import DatabaseFull
from connexion_plugin.views.uploads import WORDS
from tests.documents.forms import BOUNDARY, form_body
from tests.faults import conftest
from tests.faults.processes import environment
from tests.faults.sending import MIB, document, needs_client

pytestmark = [pytest.mark.faults, pytest.mark.fault(4)]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@contextmanager
def small_disk(folder, mib):
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a small disk cannot be made here: mount -t tmpfs is not permitted")
    try:
        yield folder
    finally:
        # Lazily: a web server may still hold a file.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path):
    """64 MiB, for the documents."""
    with small_disk(tmp_path / "disk", 64) as folder:
        yield folder


@pytest.fixture
def sender(begin_sending, disk):
    return begin_sending(PARTS_FOLDER=str(disk / "parts"), FREE_SPACE_FLOOR_BYTES="0")


def fill(disk, leaving=0):
    """Somebody else's file takes the rest."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(MIB // 4))
        except OSError:
            file.truncate(max(0, file.tell() - leaving))
    return ballast


def plain(count, seed=1):
    return bytes([seed]) * count


@pytest.mark.spec("D2")
def test_a_full_disk_answers_507_leaves_the_offset_and_goes_on_when_there_is_room(sender, disk):
    upload = sender.begin(12 * MIB)
    assert sender.bring(upload, 0, plain(4 * MIB)) == (204, "")
    ballast = fill(disk, leaving=MIB)
    assert sender.bring(upload, 4 * MIB, plain(4 * MIB, 2)) == (507, str(WORDS[StorageFull]))
    assert sender.offset(upload) == 4 * MIB
    # Reading goes on.
    assert sender.ask("GET", reverse("connexion:conversation", args=[sender.conversation.pk]))[0] == 200
    ballast.unlink()
    assert sender.bring(upload, 4 * MIB, plain(4 * MIB, 2)) == (204, "")
    assert sender.bring(upload, 8 * MIB, plain(4 * MIB, 3)) == (204, "")
    (document,) = sender.post()
    assert sender.ask("GET", document)[2] == plain(4 * MIB) + plain(4 * MIB, 2) + plain(4 * MIB, 3)


def test_what_fitted_before_the_disk_was_full_needs_not_be_sent_again(sender, disk):
    upload = sender.begin(12 * MIB)
    fill(disk, leaving=6 * MIB)
    assert sender.bring(upload, 0, plain(12 * MIB))[0] == 507
    assert sender.offset(upload) == 4 * MIB
    # No half part stays behind.
    stored = [path.stat().st_size for path in (disk / "parts").rglob("*") if path.is_file()]
    assert sum(stored) < 5 * MIB, stored


def test_nothing_is_reserved_that_the_disk_could_not_hold(sender, disk):
    fill(disk, leaving=8 * MIB)
    answer = sender.ask(
        "POST",
        sender.uploads_url(),
        **{"Tus-Resumable": "1.0.0", "Upload-Length": str(9 * MIB), "Upload-Metadata": "filename YQ=="},
    )
    assert answer[0] == 507


@needs_client[0]
@needs_client[1]
@pytest.mark.spec("D2")
def test_the_client_gets_through_once_there_is_room(sender, disk, tmp_path):
    path, digest = document(tmp_path, 24 * MIB)
    url = "http://{}:{}{}".format(*sender.server.address, sender.begin(24 * MIB))
    ballast = fill(disk, leaving=10 * MIB)
    client = subprocess.Popen(
        sender.command(path, uploadUrl=url), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with pytest.raises(subprocess.TimeoutExpired):
        client.wait(3)  # it tries again and again
    ballast.unlink()
    told = client.communicate(timeout=60)[0]
    assert b'"error"' not in told, told
    assert b"507" in told
    assert sender.post_and_fetch() == [digest]


@pytest.mark.spec("D2")
def test_a_form_that_meets_a_full_disk_comes_back_with_a_clear_page_and_keeps_no_part(sender, disk):
    fill(disk, leaving=6 * MIB)
    status, page = post_form(sender, plain(10 * MIB))
    assert status == 507
    assert "Le plan est ici." in page
    assert str(StorageFull.sentence) in page
    kept = [path.name for path in (disk / "parts").rglob("*") if path.is_file()]
    assert set(kept) <= {mounts.MARK}  # which is there once anything was begun


@pytest.mark.spec("D2")
def test_a_full_temporary_folder_is_missed_by_nobody(begin_sending, tmp_path):
    with small_disk(tmp_path / "temporary", 1) as folder:
        fill(folder)
        sender = begin_sending(TMPDIR=str(folder))
        upload = sender.begin(9 * MIB)
        assert sender.bring(upload, 0, plain(9 * MIB)) == (204, "")
        (document,) = sender.post()
        assert sender.ask("GET", document)[2] == plain(9 * MIB)
        sender.key = uuid4()
        status, page = post_form(sender, plain(6 * MIB, 2))
        assert status == 302, page


@pytest.fixture
def small_database(begin_sending, tmp_path, monkeypatch):
    """Bob on a site whose database lies alone on a disk of 32 MiB; its documents have all the room they want."""
    if connection.vendor != "sqlite":
        pytest.skip(
            "PostgreSQL's own disk cannot be made small here: tests/test_database_room.py has its word for it"
        )
    with small_disk(tmp_path / "database", 32) as folder:
        file = folder / "shared.sqlite3"

        def moved(url):
            shutil.move(url.removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"

        monkeypatch.setattr(conftest, "environment", lambda url, port: environment(moved(url), port))
        sender = begin_sending(PARTS_FOLDER=str(tmp_path / "parts"))
        # As where several processes serve: the log is not begun anew whenever a request ends.
        with closing(sqlite3.connect(file)) as other:
            other.execute("PRAGMA journal_mode=WAL")
            other.execute("SELECT count(*) FROM django_migrations").fetchone()
            yield sender, folder


@pytest.mark.spec("D2")
def test_a_full_database_answers_507_and_goes_on_where_it_stood_when_there_is_room(small_database):
    sender, folder = small_database
    window = reverse("connexion:conversation", args=[sender.conversation.pk])
    assert sender.ask("GET", window)[0] == 200  # that its reader has come in is written once
    upload = sender.begin(8 * MIB)
    assert sender.bring(upload, 0, plain(4 * MIB)) == (204, "")
    ballast = fill(folder)
    status, headers, said = sender.ask("PATCH", upload, plain(4 * MIB, 2), **tus(4 * MIB))
    assert (status, headers["Tus-Resumable"], said.decode()) == (507, "1.0.0", str(WORDS[DatabaseFull]))
    assert sender.offset(upload) == 4 * MIB
    begun = {**tus(0), "Upload-Length": "9", "Upload-Metadata": "filename YQ=="}
    status, headers, _said = sender.ask("POST", sender.uploads_url(), **begun)
    assert (status, headers["Tus-Resumable"]) == (507, "1.0.0")
    # Reading goes on.
    assert sender.ask("GET", window)[0] == 200
    assert sender.ask("GET", reverse("connexion:inbox"))[0] == 200
    ballast.unlink()
    assert sender.bring(upload, 4 * MIB, plain(4 * MIB, 2)) == (204, "")
    (document,) = sender.post()
    assert sender.ask("GET", document)[2] == plain(4 * MIB) + plain(4 * MIB, 2)


@pytest.mark.spec("C8")
def test_a_form_that_meets_a_full_database_comes_back_with_what_was_typed(small_database, tmp_path):
    sender, folder = small_database
    ballast = fill(folder)
    for content in (b"", plain(5 * MIB)):
        status, page = post_form(sender, content)
        assert status == 507
        assert "Le plan est ici." in page
        assert str(DatabaseFull.sentence) in page
        kept = [path.name for path in (tmp_path / "parts").rglob("*") if path.is_file()]
        assert set(kept) <= {mounts.MARK}
    address = reverse("connexion:reply_draft", args=[sender.conversation.pk, sender.key])
    assert sender.ask("POST", address, "text=Voici", **FORM)[0] == 503
    ballast.unlink()
    status, page = post_form(sender, plain(5 * MIB))
    assert status == 302, page


def tus(offset):
    kind = "application/offset+octet-stream"
    return {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": kind}


def post_form(sender, content):
    url = reverse("connexion:post_message", args=[sender.conversation.pk, sender.key])
    body = form_body(
        ("csrfmiddlewaretoken", sender.headers["X-CSRFToken"]),
        ("text", "Le plan est ici."),
        ("expires_in_days", "90"),
        ("documents", "plan.pdf", content),
    )
    status, _headers, page = sender.ask(
        "POST", url, body, **{"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    )
    return status, page.decode()
