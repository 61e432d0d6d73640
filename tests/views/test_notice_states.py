"""The owner sees beside each participant what became of the last notice; the history holds no line of it (spec A2)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.moving import correct_address
from connexion_plugin.actions.participants import invite, readmit, remove
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.mail.gathering import gather
from connexion_plugin.models import Activity, Mail, Message, Notice, Participation
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


def words(client, house):
    answer = client.get(reverse("connexion:readers", args=[house.pk]))
    return {reader["address"]: reader["notice_words"] for reader in answer.context["readers"]}


@pytest.mark.spec("A2", "N1")
def test_a_notice_on_its_way_a_sent_one_and_a_refused_one_are_told_apart(owner, house):
    assert words(owner, house)["bob@example.org"] == "avis en route"
    gather()
    assert words(owner, house)["bob@example.org"] == "avis en route"
    Mail.unscoped.filter(to="bob@example.org").update(state=Mail.State.SENT, sent_at=timezone.now())
    Mail.unscoped.filter(to="newcomer@example.net").update(state=Mail.State.REFUSED)
    found = words(owner, house)
    assert found["bob@example.org"].startswith("dernier avis envoyé le ")
    assert found["newcomer@example.net"] == "dernier avis refusé par la messagerie du destinataire"
    assert found["alice@etude-tremblay.example"] == ""


@pytest.mark.spec("A2")
def test_the_state_is_of_the_last_notice_and_the_history_has_no_line_of_any(owner, house, alice, bob):
    gather()
    Mail.unscoped.update(state=Mail.State.SENT, sent_at=timezone.now())
    lines = Activity.unscoped.count()
    post(alice, house, "Encore")
    assert words(owner, house)["bob@example.org"] == "avis en route"
    assert Activity.unscoped.count() == lines + 1  # the message


@pytest.mark.spec("A2")
def test_a_notice_that_has_waited_long_is_seen_behind_others_that_went_out(owner, house, alice, bob):
    gather()
    Mail.unscoped.update(state=Mail.State.SENT, sent_at=timezone.now())
    post(alice, house, "Une heure avant que le serveur réponde")
    post(bob, house, "Entre-temps")
    Notice.unscoped.filter(mail=None, participation=seat_of(alice, house)).delete()
    assert words(owner, house)["bob@example.org"] == "avis en route"
    Notice.unscoped.filter(mail=None).update(settled_at=timezone.now())
    assert words(owner, house)["bob@example.org"] == ""  # of the last one, not of one before


@pytest.mark.spec("A2", "C10")
def test_who_is_invited_later_is_told_of_the_last_message(owner, house, alice):
    gather()
    Message.unscoped.update(posted_at=timezone.now() - timedelta(days=3))
    invite(by=seat_of(alice, house), addresses=["late@example.net"], language="fr")
    assert words(owner, house)["late@example.net"] == "avis en route"


@pytest.mark.spec("A2", "C10")
@pytest.mark.parametrize("who", ["invited", "readmitted", "corrected"])
def test_who_is_told_of_an_older_message_is_seen_to_be(owner, house, alice, who):
    """The last one was withdrawn, or was their own: what they are told of is neither recent nor the last."""
    seat = seat_of(alice, house)
    withdraw_message(by=seat, message=post(alice, house, "Par erreur"))
    gather()
    Mail.unscoped.update(state=Mail.State.SENT, sent_at=timezone.now())
    Message.unscoped.update(posted_at=timezone.now() - timedelta(days=3))
    awaited = Participation.unscoped.select_related("conversation").get(
        persona__address="newcomer@example.net"
    )
    if who == "invited":
        invite(by=seat, addresses=["late@example.net"], language="fr")
    elif who == "readmitted":
        remove(by=seat, participation=awaited)
        readmit(by=seat, participation=awaited)
    else:
        correct_address(by=seat, seat=awaited, address="right@example.net", language="fr")
    told = {
        "invited": "late@example.net",
        "readmitted": "newcomer@example.net",
        "corrected": "right@example.net",
    }
    assert words(owner, house)[told[who]] == "avis en route"
    Notice.unscoped.filter(mail=None).update(settled_at=timezone.now())
    assert words(owner, house)[told[who]] == ""


@pytest.mark.spec("A2")
def test_what_was_opened_before_its_notice_went_out_has_none(owner, house, bob):
    open_message(participation=seat_of(bob, house), message=Message.unscoped.get())
    gather()
    assert words(owner, house)["bob@example.org"] == ""


@pytest.mark.spec("A2", "C9")
def test_a_participant_reads_nothing_of_the_others_notices(house, bob):
    assert set(words(sign_in(Client(), bob), house).values()) == {""}
