"""What a form has yet to write is kept free for it, above the floor of free space (spec D2; goals.md, row 4)."""

import html
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from connexion_plugin.actions import on_its_way, room
from connexion_plugin.documents import form_room, uploads
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.models import Draft, Reservation, StorageMark, Upload
from connexion_plugin.sealing.segments import PART_BYTES
from tests.views.uploads.sending import Sending, stored

pytestmark = [pytest.mark.spec("D2"), pytest.mark.django_db]
MIB = 1024**2
SIZE = 3 * PART_BYTES
BESIDE = MIB  # a form's text and boundaries, and what sealing adds


def a_document(size=SIZE):
    return SimpleUploadedFile("a.pdf", bytes(size))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_of_two_forms_that_do_not_fit_together_the_second_is_refused_at_its_start(
    sending, other, disk, at_part, language
):
    disk.holds(2 * SIZE - MIB)

    with translation.override(language):
        seen = at_part(1, lambda: other.post(text="Trois pages l’ont précédé.", documents=a_document()))
        assert sending.post(text="Voici.", documents=a_document()).status_code == 302
        page = html.unescape(seen[0].content.decode())
        assert seen[0].status_code == 507
        assert str(StorageFull.sentence) in page
    assert "Trois pages l’ont précédé." in page
    assert Draft.unscoped.get().pk == other.key
    assert len(stored()) == 1
    assert not Reservation.unscoped.exists()


def test_two_that_fit_together_are_both_posted(sending, other, disk, at_part):
    disk.holds(2 * SIZE + BESIDE)
    seen = at_part(1, lambda: other.post(text="Voilà.", documents=a_document()).status_code)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 302
    assert seen == [302]


def test_what_is_written_already_does_not_count_twice(sending, other, disk, at_part, monkeypatch):
    monkeypatch.setattr(form_room, "ASKED_BYTES", MIB)
    size = 8 * PART_BYTES
    disk.holds(size + 3 * PART_BYTES)
    # Six are written: to count all eight would leave nothing. One may be in memory still.
    seen = at_part(7, lambda: other.post(text="Voilà.", documents=a_document(PART_BYTES)).status_code)
    assert sending.post(text="Voici.", documents=a_document(size)).status_code == 302
    assert seen == [302]


def test_the_second_document_of_a_form_does_not_wait_for_those_who_came_later(
    sending, other, disk, monkeypatch
):
    disk.holds(3 * SIZE + BESIDE)
    complete = uploads.SealingUploadHandler.file_complete
    later = []

    def another_comes(handler, file_size):
        document = complete(handler, file_size)
        if not later:
            later.append(room.reserve(**reserved_by(other, unwritten=3 * SIZE)))
        return document

    monkeypatch.setattr(uploads.SealingUploadHandler, "file_complete", another_comes)
    answer = sending.post(text="Voici.", documents=[a_document(), a_document()])
    assert answer.status_code == 302
    assert later[0] > SIZE  # as much as the first has yet to bring


def reserved_by(sending, **more):
    author = sending.client.session["_auth_user_id"]
    return {"reservation": uuid4(), "author_id": author, "organization": None, "length": SIZE, **more}


def test_to_renew_asks_nothing_of_the_disk_that_everybody_shares(other):
    """Its answer is for who comes; who is there already only says how far it is."""
    taken = reserved_by(other, unwritten=SIZE)
    with CaptureQueriesContext(connection) as asked_at_first:
        room.reserve(**taken)
    with CaptureQueriesContext(connection) as asked:
        assert room.reserve(**{**taken, "unwritten": MIB}) == 0
    shared = (StorageMark._meta.db_table, 'SUM("connexion_plugin_reservation"."unwritten")')
    for part in shared:
        assert part in "".join(one["sql"] for one in asked_at_first)
        assert part not in "".join(one["sql"] for one in asked)
    assert on_its_way.promised_to_forms(sealed_storage()) == MIB


def test_what_a_killed_process_was_to_write_is_free_after_ten_minutes(sending, other, disk, time_machine):
    disk.holds(2 * SIZE - MIB)
    time_machine.move_to(timezone.now(), tick=False)
    room.reserve(**reserved_by(other, unwritten=SIZE))
    assert sending.post(text="Voici.", documents=a_document()).status_code == 507
    time_machine.shift(on_its_way.RESERVED)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 302


def test_an_upload_by_pieces_waits_for_the_forms_and_goes_on_after_them(sending, other, disk, at_part):
    disk.holds(SIZE + 5 * MIB)
    assert other.create(6 * MIB).status_code == 201

    def goes_on():
        begun = Sending(other.client, other.conversation, other.key).create(6 * MIB).status_code
        return begun, other.patch(0, bytes(6 * MIB)).status_code, other.offset

    # Left alone, it keeps no form out.
    Upload.unscoped.update(expires_at=timezone.now() + on_its_way.RESERVED)
    seen = at_part(1, goes_on)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 302
    assert seen == [(507, 507, 0)]
    disk.holds(SIZE + 8 * MIB)
    assert other.patch(0, bytes(6 * MIB)).status_code == 204


def test_a_form_sees_what_an_upload_is_still_bringing(sending, other, disk):
    disk.holds(SIZE + 5 * MIB)
    assert other.create(6 * MIB).status_code == 201
    assert sending.post(text="Voici.", documents=a_document()).status_code == 507
    assert other.patch(0, bytes(6 * MIB)).status_code == 204
    disk.holds(SIZE + 7 * MIB)
    assert sending.post(text="Voici.", documents=a_document()).status_code == 302


def test_a_storage_without_a_disk_promises_nothing(sending, other, monkeypatch):
    room.reserve(**reserved_by(other, unwritten=SIZE))
    assert on_its_way.promised_to_forms(sealed_storage()) == SIZE
    monkeypatch.setattr(on_its_way, "has_disk", lambda storage: False)
    assert on_its_way.promised_to_forms(sealed_storage()) == 0
    assert on_its_way.yet_to_come(sealed_storage()) == 0
