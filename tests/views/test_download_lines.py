"""Each download leaves its line, in whatever pieces it is fetched (spec A2, D3)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions import downloads
from connexion_plugin.actions.participants import readmit, remove
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.actions.scanning import scan_documents
from connexion_plugin.models import Activity, Attachment, Conversation, Participation
from connexion_plugin.views import archive, documents
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import seat_of

pytestmark = [pytest.mark.spec("A2", "D3"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def nothing_remembered():
    cache.clear()


@pytest.fixture
def document(alice, bob, alice_enrolment):
    typed = {"title": "Bail", "addresses": "bob@example.org", "language": "fr", "text": "Voici."}
    sent = SimpleUploadedFile("bail.pdf", b"x" * 1000)
    url = reverse("connexion:start_conversation")
    sender = sign_in(Client(), alice)
    there = sender.get(url).url
    assert sender.post(there, {**typed, "expires_in_days": 364, "documents": sent}).status_code == 302
    return Attachment.unscoped.get()


@pytest.fixture
def reader(document, bob):
    client = sign_in(Client(), bob)
    house = Conversation.unscoped.get()
    client.post(reverse("connexion:open_message", args=[house.pk, document.message_id]))
    return client


def lines():
    return Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).count()


def fetch(client, document, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(reverse("connexion:download", args=[document.pk]), headers=sent).status_code


def test_who_skips_the_first_byte_is_recorded_once(reader, document):
    assert fetch(reader, document, Range="bytes=1-") == 206
    assert fetch(reader, document, Range="bytes=500-") == 206
    assert lines() == 1


def test_a_download_that_resumes_was_recorded_when_it_began(reader, document):
    assert fetch(reader, document) == 200
    assert fetch(reader, document, Range="bytes=500-") == 206
    assert lines() == 1
    assert fetch(reader, document) == 200
    assert lines() == 2


@pytest.mark.parametrize("asked", ["bytes=0-0", "bytes=0-", "bytes=1-", "bytes=-999"])
def test_pieces_within_an_hour_are_one_download_and_later_ones_another(reader, document, asked, time_machine):
    time_machine.move_to(timezone.now())
    for expected in (1, 2):
        for _ in range(5):
            assert fetch(reader, document, Range=asked) == 206
        assert lines() == expected
        time_machine.shift(timedelta(hours=1, seconds=1))


def test_a_download_that_takes_hours_is_one_as_long_as_its_pieces_come(reader, document, time_machine):
    time_machine.move_to(timezone.now())
    assert fetch(reader, document) == 200
    for _ in range(5):
        time_machine.shift(timedelta(minutes=55))
        assert fetch(reader, document, Range="bytes=9-") == 206
    assert lines() == 1
    time_machine.shift(
        timedelta(minutes=66)
    )  # minutes more than an hour: so coarsely the last piece is remembered
    assert fetch(reader, document, Range="bytes=9-") == 206
    assert lines() == 2


def test_pieces_that_come_for_more_than_a_day_leave_a_line_a_day(reader, document, time_machine):
    time_machine.move_to(timezone.now())
    seat = Participation.unscoped.get(persona__address="bob@example.org")
    for _ in range(3 * 24 * 2):
        downloads.record_download(participation=seat, attachment=document, is_in_pieces=True)
        time_machine.shift(timedelta(minutes=30))
    assert lines() == 3


def test_a_slow_line_that_is_cut_after_more_than_an_hour_resumes_the_same_download(
    reader, document, time_machine, monkeypatch
):
    """1 GiB at 2 Mbit/s takes 72 minutes: in one request, but for its end."""
    time_machine.move_to(timezone.now())
    respond, written, remember = documents.respond, [], downloads._remember

    def slowly(**asked):
        response = respond(**asked)
        response.streaming_content = piece_by_piece(iter(response.streaming_content))
        return response

    def piece_by_piece(pieces):
        for _ in range(71):
            yield b""
            time_machine.shift(timedelta(minutes=1))
        yield from pieces

    def counted(*what):
        written.append(what)
        remember(*what)

    monkeypatch.setattr(documents, "respond", slowly)
    monkeypatch.setattr(downloads, "_remember", counted)
    answer = reader.get(reverse("connexion:download", args=[document.pk]))
    assert b"".join(answer.streaming_content) == b"x" * 1000
    assert len(written) == 14
    monkeypatch.setattr(documents, "respond", respond)
    for _ in range(5):
        assert fetch(reader, document, Range="bytes=9-") == 206
    assert lines() == 1
    assert len(written) == 14


def test_a_cache_that_fails_cuts_nothing(reader, document, time_machine, monkeypatch):
    def failing(*what):
        raise ConnectionError

    monkeypatch.setattr(downloads.cache, "get", failing)
    monkeypatch.setattr(downloads.cache, "set", failing)
    time_machine.move_to(timezone.now())
    assert fetch(reader, document) == 200
    time_machine.shift(timedelta(minutes=30))
    assert fetch(reader, document, Range="bytes=9-") == 206
    assert lines() == 1


def test_what_fetches_nothing_is_not_recorded(reader, document):
    assert fetch(reader, document, Range="bytes=5000-") == 416
    assert reader.head(reverse("connexion:download", args=[document.pk])).status_code == 200
    assert lines() == 0


def test_a_condition_that_sends_no_byte_leaves_no_line(reader, document):
    address = reverse("connexion:download", args=[document.pk])
    tag = reader.head(address)["ETag"]
    kept = reader.get(address, headers={"If-None-Match": tag, "Range": "bytes=0-9"})
    assert (kept.status_code, kept.content, kept["ETag"]) == (304, b"", tag)
    assert "no-store" in kept["Cache-Control"]
    assert kept["Content-Length"] == "1000"  # that of the whole, or none (RFC 9110, 8.6)
    assert not {"Content-Type", "Content-Range", "Last-Modified"} & set(kept.headers)
    assert fetch(reader, document, If_Match='"of another document"') == 412
    archive_of = reverse("connexion:download_conversation", args=[Conversation.unscoped.get().pk])
    scan_documents()
    for headers, status in (({"If-None-Match": "*"}, 304), ({"If-Match": tag}, 412)):
        assert reader.get(archive_of, headers=headers).status_code == status
    assert lines() == 0
    assert fetch(reader, document, If_Match=tag) == 200
    assert lines() == 1


@pytest.mark.spec("I3")
def test_the_next_holder_of_the_seat_resumes_nothing_that_an_earlier_one_began(reader, document, alice, bob):
    assert fetch(reader, document) == 200
    robert = admit_the_next_holder(alice, bob)
    client = sign_in(Client(), robert)
    client.post(reverse("connexion:open_message", args=[Conversation.unscoped.get().pk, document.message_id]))
    assert fetch(client, document, Range="bytes=1-") == 206
    assert lines() == 2
    assert fetch(client, document, Range="bytes=500-") == 206
    assert lines() == 2


@pytest.mark.parametrize(("view", "answers"), [("download", documents), ("download_conversation", archive)])
def test_who_is_removed_at_that_moment_gets_nothing_and_leaves_no_line(
    reader, document, alice, monkeypatch, view, answers
):
    """Between the guard's look and the lock under which the line is written."""
    scan_documents()
    name = "respond" if view == "download" else "respond_with_archive"
    respond = getattr(answers, name)
    house = Conversation.unscoped.get()

    def slowly(**asked):
        remove(
            by=seat_of(alice, house),
            participation=Participation.unscoped.get(persona__address="bob@example.org"),
        )
        return respond(**asked)

    monkeypatch.setattr(answers, name, slowly)
    key = document.pk if view == "download" else house.pk
    assert reader.get(reverse(f"connexion:{view}", args=[key])).status_code == 404
    assert lines() == 0


def admit_the_next_holder(alice, bob):
    address = "bob@example.org"
    EmailAddress.objects.filter(user=bob, email=address).delete()
    give_up_address(user=bob, address=address)
    robert = make_person("Robert Roy", address)
    house, seat = Conversation.unscoped.get(), Participation.unscoped.get(persona__address=address)
    readmit(by=seat_of(alice, house), participation=seat)
    return robert
