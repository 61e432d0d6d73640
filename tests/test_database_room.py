"""A database without room, in PostgreSQL's own words: a trigger says what its full disk would (goals.md, row 4)."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from connexion_plugin.database_room import telling_no_room
from connexion_plugin.exceptions import DatabaseFull
from connexion_plugin.models import Message, Upload
from connexion_plugin.views.uploads import WORDS
from tests.conftest import sign_in
from tests.factories.conversations import start
from tests.views.uploads.sending import Sending

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite fills a disk: tests/faults/test_full_disks.py"
    ),
]


@pytest.fixture
def sending(alice_enrolment, bob):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    return Sending(sign_in(Client(), bob), conversation)


@pytest.fixture
def fail():
    """`fail(table, event)`: from now on each such statement ends so, until `mend()`."""

    def fail(table, event):
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
            )
            cursor.execute(f"CREATE TRIGGER no_room BEFORE {event} ON {table} EXECUTE FUNCTION no_room()")

    yield fail
    mend()


def mend():
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS no_room CASCADE")


@pytest.mark.spec("D2")
@pytest.mark.parametrize("event", ["UPDATE OF lease", "UPDATE OF state_sealed"])
def test_bytes_that_cannot_be_counted_are_sent_again(sending, fail, event):
    """Full from the start, or by the time at which they are to count."""
    sending.create(6, body=b"abc")
    fail("connexion_plugin_upload", event)
    answer = sending.patch(3, b"def")
    assert (answer.status_code, answer["Tus-Resumable"]) == (507, "1.0.0")
    assert answer.content.decode() == str(WORDS[DatabaseFull])
    assert sending.offset == 3
    mend()
    Upload.unscoped.update(leased_until=None, lease=None)  # else it runs out by itself
    assert sending.patch(3, b"def").status_code == 204


@pytest.mark.spec("D2")
@pytest.mark.parametrize("table", ["draft", "upload", "storedparts"])
def test_an_upload_that_cannot_be_begun_leaves_nothing(sending, fail, table):
    fail(f"connexion_plugin_{table}", "INSERT")
    answer = sending.create(3)
    assert (answer.status_code, answer["Tus-Resumable"]) == (507, "1.0.0")
    assert not Upload.unscoped.exists()
    inbox = sending.client.get(reverse("connexion:inbox")).content.decode()
    assert str(sending.key) not in inbox


@pytest.mark.spec("C8")
def test_what_was_typed_stays_on_the_page(sending, fail):
    fail("connexion_plugin_message", "INSERT")
    answer = sending.post(text="Le plan est ici.")
    assert answer.status_code == 507
    assert "Le plan est ici." in answer.content.decode()
    assert str(DatabaseFull.sentence) in answer.content.decode()
    mend()
    assert sending.post(text="Le plan est ici.").status_code == 302


def test_what_has_no_form_of_its_own_answers_by_a_clear_page(sending, fail):
    message = Message.unscoped.get()
    fail("connexion_plugin_opening", "INSERT")
    url = reverse("connexion:open_message", args=[sending.conversation.pk, message.pk])
    answer = sending.client.post(url)
    assert answer.status_code == 507
    with translation.override("fr"):
        assert gettext("There is no room left at this moment") in answer.content.decode()


def test_other_faults_of_the_database_are_not_taken_for_it(db):
    with pytest.raises(DatabaseError), telling_no_room(), connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")
