"""Carrying the outbox to a real SMTP server, which may misbehave (spec N3; goals.md, fault 5)."""

import pytest
from django.core.cache import cache

from connexion_plugin.mail import delivery, leases
from connexion_plugin.models import Mail
from tests.mail.conftest import enqueue_codes
from tests.mail.smtp_server import DROP, HANG, TAKEN


def make_all_due() -> None:
    """As if the pauses had passed."""
    cache.delete(delivery.OUTAGE)
    for mail in Mail.unscoped.filter(state=Mail.State.WAITING):
        Mail.unscoped.filter(pk=mail.pk).update(due_at=mail.created_at, lease=None)


def deliver_until_done(rounds: int = 8) -> None:
    for _ in range(rounds):
        delivery.deliver(seconds=30)
        if not Mail.unscoped.filter(state=Mail.State.WAITING).exists():
            return
        make_all_due()


def states() -> set[str]:
    return set(Mail.unscoped.values_list("state", flat=True))


@pytest.mark.spec("N1", "N3")
def test_notices_go_out_once_over_one_connection(transactional_db, conversation, smtp):
    enqueue_codes(60)
    assert delivery.deliver() is False
    assert set(smtp.recipients().values()) == {1}
    assert len(smtp.received) == 62
    assert smtp.connections == 1
    assert states() == {Mail.State.SENT}


@pytest.mark.spec("N3")
def test_delivering_twice_sends_once(transactional_db, smtp):
    enqueue_codes(3)
    delivery.deliver()
    delivery.deliver()
    assert len(smtp.received) == 3


@pytest.mark.spec("N3")
def test_a_server_that_is_down_loses_nothing(transactional_db, smtp):
    mails = enqueue_codes(20)
    smtp.stop()
    assert delivery.deliver() is False
    assert delivery.is_outage()
    assert states() == {Mail.State.WAITING}
    smtp.start()
    deliver_until_done()
    assert smtp.recipients() == dict.fromkeys((mail.to for mail in mails), 1)


def test_while_the_server_is_down_nobody_keeps_asking_it(transactional_db, smtp, monkeypatch):
    enqueue_codes(1)
    cache.set(delivery.OUTAGE, "down", 30)
    monkeypatch.setattr(leases, "claim", None)
    assert delivery.deliver() is False
    assert smtp.connections == 0


@pytest.mark.spec("N3")
def test_a_server_that_hangs_holds_nobody_up_and_loses_nothing(transactional_db, smtp, settings):
    settings.EMAIL_TIMEOUT = 1
    enqueue_codes(5)
    smtp.at_rcpt = lambda recipient, times: HANG if times == 1 else TAKEN
    deliver_until_done()
    assert states() == {Mail.State.SENT}
    assert set(smtp.recipients().values()) == {1}


@pytest.mark.spec("N3")
def test_who_is_put_off_is_written_to_later(transactional_db, smtp):
    mails = enqueue_codes(5)
    smtp.at_rcpt = lambda recipient, times: "451 4.7.1 greylisted" if times == 1 else TAKEN
    delivery.deliver()
    assert states() == {Mail.State.WAITING}
    assert set(Mail.unscoped.values_list("fault", flat=True)) == {"451 4.7.1"}
    deliver_until_done()
    assert smtp.recipients() == dict.fromkeys((mail.to for mail in mails), 1)
    assert smtp.connections == 2


@pytest.mark.spec("N3")
def test_an_address_that_is_refused_for_good_stops_only_its_own_mail(transactional_db, smtp):
    refused, *others = enqueue_codes(4)
    smtp.at_rcpt = lambda recipient, times: "550 5.1.1 no such user" if recipient == refused.to else TAKEN
    delivery.deliver()
    row = Mail.unscoped.get(pk=refused.pk)
    assert (row.state, row.fault, bytes(row.payload_sealed)) == (Mail.State.REFUSED, "550 5.1.1", b"")
    assert set(smtp.recipients()) == {mail.to for mail in others}


@pytest.mark.spec("N3")
def test_a_mail_is_sent_twice_only_where_the_answer_to_data_was_lost_and_then_with_one_message_id(
    transactional_db, smtp
):
    mails = enqueue_codes(12)
    unlucky = {mails[3].to, mails[9].to}
    smtp.at_data = lambda recipient, times: DROP if recipient in unlucky and times == 1 else TAKEN
    deliver_until_done()
    assert states() == {Mail.State.SENT}
    assert smtp.recipients() == {mail.to: 2 if mail.to in unlucky else 1 for mail in mails}
    assert len({message["Message-ID"] for message in smtp.received}) == len(mails)


def test_a_server_that_breaks_every_connection_is_left_alone_for_a_while(transactional_db, smtp):
    enqueue_codes(10)
    smtp.at_rcpt = lambda recipient, times: DROP
    delivery.deliver()
    assert smtp.connections == delivery.BREAKS_OF_AN_OUTAGE
    assert delivery.is_outage()
    assert Mail.unscoped.filter(lease=None, tries=0).count() == 10 - delivery.BREAKS_OF_AN_OUTAGE


def test_a_mail_that_cannot_be_written_holds_up_no_other(transactional_db, smtp, monkeypatch):
    broken, *others = enqueue_codes(3)
    write = delivery.rendering.Letters.write

    def stumble(letters, mail):
        if mail.pk == broken.pk:
            raise KeyError("a template's mistake")
        return write(letters, mail)

    monkeypatch.setattr(delivery.rendering.Letters, "write", stumble)
    delivery.deliver()
    assert set(smtp.recipients()) == {mail.to for mail in others}
    assert Mail.unscoped.get(pk=broken.pk).fault == "KeyError"


def test_a_mail_whose_secrets_are_gone_is_given_up(transactional_db, smtp, monkeypatch):
    enqueue_codes(1)
    monkeypatch.setattr("connexion_plugin.sealing.keys.unwrap", lambda **names: _raise_key_gone())
    delivery.deliver()
    assert Mail.unscoped.get().fault == "KeyGone"
    assert states() == {Mail.State.REFUSED}


def _raise_key_gone():
    from connexion_plugin.exceptions import KeyGone

    raise KeyGone("epoch")


def test_a_task_ends_in_time_and_says_that_there_is_more(transactional_db, smtp):
    enqueue_codes(3)
    ticks = iter(range(100))
    assert delivery.deliver(seconds=3, clock=lambda: next(ticks)) is True
    assert 0 < Mail.unscoped.filter(state=Mail.State.SENT).count() < 3
    assert not Mail.unscoped.filter(state=Mail.State.WAITING).exclude(lease=None).exists()


def test_an_address_that_no_envelope_can_hold_is_refused(transactional_db, smtp):
    (mail,) = enqueue_codes(1)
    Mail.unscoped.filter(pk=mail.pk).update(to="not an address @@ at all")
    delivery.deliver()
    assert states() == {Mail.State.REFUSED}
