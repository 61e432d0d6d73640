"""However many documents of a conversation are damaged inside, one archive is cut; the next is whole (spec D6)."""

import html
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.utils import timezone

from connexion_plugin.actions import rereading, scan_leases, scanning
from connexion_plugin.documents import damage
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.exceptions import KeyLost
from connexion_plugin.models import Activity, Attachment
from connexion_plugin.sealing.segments import DocumentDamaged
from tests.views.test_archive import ask, conversation, post, unpacked  # noqa: F401  the same conversation

pytestmark = [pytest.mark.spec("D6"), pytest.mark.django_db]
DAMAGED = ["un.pdf", "deux.pdf", "trois.pdf"]


@pytest.fixture(autouse=True)
def nothing_remembered():
    cache.clear()


def harm(attachment):
    """Another byte in the middle of its first part: of the length that was sealed."""
    folder = Path(django_settings.STORAGES["connexion"]["OPTIONS"]["location"]) / attachment.pk.hex
    sealed = bytearray((folder / "0").read_bytes())
    sealed[len(sealed) // 2] ^= 1
    (folder / "0").write_bytes(bytes(sealed))


@pytest.fixture
def house(conversation, bob):  # noqa: F811
    """Three documents of Bob's damaged, one before, between and behind them whole."""
    for name in ["avant.pdf", *DAMAGED[:2], "entre.pdf", DAMAGED[2], "après.pdf"]:
        message = post(bob, conversation, name, name.encode() * 1000, name=name)
        scanning.scan_documents()
        if name in DAMAGED:
            harm(Attachment.unscoped.get(message=message))
    return conversation


def cut(user, house):
    response = ask(user, house)
    assert response.status_code == 200
    with pytest.raises(DocumentDamaged):
        list(response.streaming_content)


def assert_the_next_is_whole(user, house, count=3):
    files = unpacked(ask(user, house))
    manifest = files["manifest.txt"].decode()
    assert manifest.count("# not in this archive (damaged): ") == count
    for name in DAMAGED[:count]:
        assert f"# not in this archive (damaged): {name}\n" in manifest
        assert f"documents/{name}" not in files
    assert {"documents/avant.pdf", "documents/entre.pdf", "documents/après.pdf"} <= files.keys()


def test_three_damaged_documents_cut_one_archive(house, bob):
    cut(bob, house)
    assert_the_next_is_whole(bob, house)
    assert not scan_leases.to_be_read_again(house.pk).exists()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_where_there_is_much_to_read_the_worker_does_and_the_page_says_so(house, bob, monkeypatch, language):
    monkeypatch.setattr(rereading, "READ_AT_ONCE_BYTES", 0)
    cut(bob, house)
    before = Activity.unscoped.count()
    response = ask(bob, house, language=language)
    page = html.unescape(response.content.decode())
    said = {"fr": "Cette archive n’est pas encore prête", "en": "This archive is not ready yet"}
    assert said[language] in page
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert Activity.unscoped.count() == before
    scanning.scan_documents()
    assert_the_next_is_whole(bob, house)


def test_whoever_else_asks_meets_no_cut_of_their_own(house, alice, bob, monkeypatch):
    monkeypatch.setattr(rereading, "READ_AT_ONCE_BYTES", 0)
    cut(bob, house)
    assert ask(alice, house).status_code == 503
    scanning.scan_documents()
    for _ in range(2):
        assert unpacked(ask(alice, house))


def test_what_is_read_again_can_be_fetched_meanwhile_and_stays_as_it_was(house, bob, settings):
    before = dict(Attachment.unscoped.values_list("pk", "scan"))
    digests = dict(Attachment.unscoped.values_list("pk", "digest_sealed"))
    cut(bob, house)
    again = scan_leases.to_be_read_again(house.pk)
    assert again.count() == Attachment.unscoped.count() - 1
    assert scan_leases.waiting_since() is None  # nobody waits for their documents
    assert dict(Attachment.unscoped.values_list("pk", "scan")) == before
    # No scanner is needed for it, nor asked.
    settings.CONNEXION = {**settings.CONNEXION, "SCANNER": "127.0.0.1:1"}
    Attachment.unscoped.update(scan=Attachment.Scan.CLEAN)
    cache.set(scanning.OUTAGE, "down", 20)
    scanning.scan_documents()
    assert not again.exists()
    assert {str(bytes(d)) for d in digests.values()} == {
        str(bytes(d)) for d in Attachment.unscoped.values_list("digest_sealed", flat=True)
    }
    assert set(Attachment.unscoped.values_list("scan", flat=True)) == {Attachment.Scan.CLEAN}


def test_what_nobody_can_fetch_yet_is_read_first(house, bob):
    cut(bob, house)
    Attachment.unscoped.exclude(check_due_at=None).update(check_due_at=timezone.now() - timedelta(hours=1))
    new = Attachment.unscoped.get(message=post(bob, house, "neuf", b"neuf", name="neuf.pdf"))
    assert scan_leases.oldest_due() == new.pk
    assert scan_leases.claim().pk == new.pk


def test_a_worker_that_stands_still_keeps_nobody_from_an_archive_for_ever(
    house, bob, monkeypatch, time_machine
):
    monkeypatch.setattr(rereading, "READ_AT_ONCE_BYTES", 0)
    time_machine.move_to(timezone.now(), tick=False)
    cut(bob, house)
    assert ask(bob, house).status_code == 503
    cache.delete(damage._sought(house.pk))  # as its hour does
    cut(bob, house)


def test_one_that_is_mended_comes_back(house, bob):
    cut(bob, house)
    assert_the_next_is_whole(bob, house)
    harm(Attachment.unscoped.get(message__sequence=8))  # the same bit again
    assert_the_next_is_whole(bob, house, count=2)


def test_one_whose_key_is_lost_keeps_nobody_from_the_others(house, bob, monkeypatch):
    cut(bob, house)
    lost, opened = Attachment.unscoped.get(message__sequence=9), rereading.open_document

    def opens(attachment):
        if attachment.pk == lost.pk:
            raise KeyLost
        return opened(attachment)

    monkeypatch.setattr(rereading, "open_document", opens)
    assert_the_next_is_whole(bob, house)


def test_a_storage_that_is_away_meanwhile_is_said(house, bob, monkeypatch):
    cut(bob, house)

    def unreachable(*name):
        raise ConnectionError

    with monkeypatch.context() as away:
        away.setattr(sealed_storage(), "exists", unreachable)
        assert ask(bob, house).status_code == 503
    assert_the_next_is_whole(bob, house)


def test_a_cache_that_fails_hides_no_damage(house, bob, monkeypatch):
    def broken(*key):
        raise ConnectionError("no cache")

    monkeypatch.setattr(damage.cache, "add", broken)
    cut(bob, house)
