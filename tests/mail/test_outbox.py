"""The outbox, as the verbs use it (spec N3)."""

import io
import logging
from uuid import RFC_4122

import pytest
from django.core.management import call_command
from django.db import transaction
from django_q.models import OrmQ

from connexion_plugin import tasks
from connexion_plugin.exceptions import Tampered
from connexion_plugin.mail import gathering, outbox
from connexion_plugin.models import Mail, Message, Notice, Participation
from tests.factories.conversations import post, seat_of, start

CODE = "K7QM-2XRT-CANARY"


def enqueue(to: str = "bob@example.org") -> Mail:
    return outbox.enqueue(kind=Mail.Kind.CODE, to=to, language="fr", payload={"code": CODE})


@pytest.mark.spec("N3")
def test_a_mail_exists_with_what_caused_it_or_not_at_all(db):
    with transaction.atomic():
        enqueue()
        transaction.set_rollback(True)
    assert not Mail.unscoped.exists()


def test_what_is_in_a_mail_is_sealed_and_opens_again(db):
    mail = Mail.unscoped.get(pk=enqueue().pk)
    assert CODE.encode() not in bytes(mail.payload_sealed)
    assert outbox.read_payload(mail) == {"code": CODE}


def test_a_payload_does_not_open_in_another_mail(db):
    mine, theirs = enqueue(), enqueue("charlie@example.org")
    mine.key, mine.payload_sealed = theirs.key, theirs.payload_sealed
    with pytest.raises(Tampered):
        outbox.read_payload(mine)


@pytest.mark.spec("N3")
def test_no_secret_is_in_the_tables_of_the_queue_the_dump_or_the_log(transactional_db, caplog, settings):
    caplog.set_level(logging.DEBUG)
    enqueue()
    dump = io.StringIO()
    call_command("dumpdata", "--all", "connexion_plugin.mail", "django_q", stdout=dump)
    tasks.deliver()
    call_command("dumpdata", "--all", "connexion_plugin.mail", "django_q", stdout=dump)
    waiting = [str(row.task) for row in OrmQ.objects.all()]
    assert waiting
    for place in (dump.getvalue(), caplog.text, *waiting):
        assert CODE not in place
    for place in (caplog.text, *waiting):
        assert "bob@example.org" not in place


@pytest.mark.spec("N3")
def test_one_waiting_wake_is_enough_for_any_number_of_mails(transactional_db):
    for _ in range(5):
        enqueue()
    assert [row.task["func"] for row in OrmQ.objects.all()] == [outbox.DELIVER]
    assert OrmQ.objects.get().task["args"] == ()


def test_a_mail_wakes_again_once_what_was_waiting_is_gone(transactional_db):
    enqueue()
    tasks.deliver()
    OrmQ.objects.all().delete()
    enqueue()
    assert OrmQ.objects.count() == 1


def test_a_queue_that_is_down_is_no_error_for_whoever_wrote_the_mail(transactional_db, monkeypatch):
    def fails(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(outbox, "async_task", fails)
    assert Mail.unscoped.filter(pk=enqueue().pk).exists()


@pytest.mark.spec("N1")
def test_notices_of_thousands_are_one_statement(conversation, alice, django_assert_num_queries):
    message = Message.unscoped.get(conversation=conversation)
    Notice.unscoped.all().delete()
    seats = list(Participation.unscoped.filter(conversation=conversation))
    with django_assert_num_queries(1):
        outbox.queue_notices(message=message, participations=seats)


def test_each_notice_has_an_id_of_its_own_that_the_database_drew(conversation, alice, bob):
    ids = set(Notice.unscoped.values_list("pk", flat=True))
    assert len(ids) == Notice.unscoped.count() == 2
    assert {(key.version, key.variant) for key in ids} == {(4, RFC_4122)}


def test_a_seat_has_one_notice_of_a_message_however_often_it_is_queued(conversation, alice, bob):
    message = Message.unscoped.get(conversation=conversation)
    outbox.queue_notices(message=message, participations=[seat_of(bob, conversation)])
    assert Notice.unscoped.filter(message=message, participation=seat_of(bob, conversation)).count() == 1


def test_a_post_queues_notices_and_no_mail_before_the_worker_gathers(conversation, alice):
    post(alice, conversation, "Une deuxième.")
    assert not Mail.unscoped.exists()
    gathering.gather()
    assert Mail.unscoped.filter(kind=Mail.Kind.NOTICE).count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_post_wakes_the_worker_once_for_all_that_waits(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    tasks.deliver()
    OrmQ.objects.all().delete()
    for person in (alice, bob, alice):
        post(person, conversation, "Bonjour.")
    assert [row.task["func"] for row in OrmQ.objects.all()] == [outbox.DELIVER]
    tasks.deliver()
    OrmQ.objects.all().delete()
    post(bob, conversation, "Merci.")
    assert OrmQ.objects.count() == 1
