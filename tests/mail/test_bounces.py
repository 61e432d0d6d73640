"""What an SMTP server refuses for good stands beside the participant, in words, and in the activity (spec N4)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import tasks
from connexion_plugin.actions import moving
from connexion_plugin.actions.bounces import record_bounces
from connexion_plugin.mail import delivery, leases
from connexion_plugin.mail.faults import Fault, Verdict
from connexion_plugin.models import Activity, Bounce, Mail, Participation
from tests.conftest import sign_in
from tests.factories.conversations import seat_of, start
from tests.mail.conftest import enqueue_codes
from tests.mail.smtp_server import TAKEN

pytestmark = pytest.mark.spec("N4")
GONE = "newcomer@example.net"


def refusing(recipient, times):
    return "550 5.1.1 no such person here" if recipient == GONE else TAKEN


@pytest.fixture
def bounced(transactional_db, conversation, smtp):
    smtp.at_rcpt = refusing
    tasks.deliver()
    return conversation


def readers(alice, conversation):
    page = sign_in(Client(), alice).get(reverse("connexion:readers", args=[conversation.pk]))
    return {row["address"]: row for row in page.context["readers"]}, page.content.decode()


def lines(conversation):
    return Activity.unscoped.filter(conversation=conversation, verb=Activity.Verb.BOUNCED)


def test_the_owner_reads_it_beside_the_participant(bounced, alice, bob):
    rows, text = readers(alice, bounced)
    assert rows[GONE]["bounced_at"]
    assert rows["bob@example.org"]["bounced_at"] is None
    assert "cette adresse n’existe pas" in text
    rows, text = readers(bob, bounced)
    assert all(row["bounced_at"] is None for row in rows.values())
    assert "no such address" not in text


@pytest.mark.spec("A2")
def test_it_is_one_line_of_the_activity_and_once(bounced):
    line = lines(bounced).get()
    assert line.subject.persona.address == GONE
    tasks.deliver()
    record_bounces()
    assert lines(bounced).count() == 1


@pytest.mark.django_db
def test_many_at_once_are_one_line_with_their_number(alice, alice_enrolment):
    conversation = start(alice_enrolment, to=[f"p{number}@example.net" for number in range(5)])
    now = timezone.now()
    seats = Participation.unscoped.filter(conversation=conversation, role="participant")
    Bounce.unscoped.bulk_create(
        Bounce(participation=seat, address=seat.persona.address, code="550 5.1.1", at=now) for seat in seats
    )
    assert record_bounces() == 5
    line = lines(conversation).get()
    assert (line.count, line.subject) == (5, None)


def test_corrected_it_is_gone_and_the_right_one_is_told(bounced, alice, smtp):
    seat = Participation.unscoped.get(persona__address=GONE)
    moving.correct_address(by=seat_of(alice, bounced), seat=seat, address="right@example.net", language="fr")
    tasks.deliver()
    rows, _text = readers(alice, bounced)
    assert rows["right@example.net"]["bounced_at"] is None
    assert smtp.recipients()["right@example.net"] == 1


@pytest.mark.django_db
def test_what_was_tried_for_days_has_come_back_too(conversation, trusted_clock):
    delivery.gathering.gather()
    (mail, *_others) = leases.claim(10)
    Mail.unscoped.filter(pk=mail.pk).update(created_at=timezone.now() - timedelta(days=6))
    mail.created_at = timezone.now() - timedelta(days=6)
    delivery._settle(mail, Fault(Verdict.LATER, "451 4.7.1"))
    assert Bounce.unscoped.get().address == mail.to


def test_a_code_that_comes_back_is_nobodys_bounce(transactional_db, smtp):
    enqueue_codes(1)
    smtp.at_rcpt = lambda recipient, times: "550 5.1.1 no"
    tasks.deliver()
    assert Mail.unscoped.get().state == Mail.State.REFUSED
    assert not Bounce.unscoped.exists()
