"""Who carries which mail, and when it is tried again (spec N3)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connexion_plugin.mail import gathering, leases, outbox
from connexion_plugin.models import Mail
from tests.factories.conversations import start
from tests.mail.conftest import enqueue_codes


def reread(mail: Mail) -> Mail:
    return Mail.unscoped.get(pk=mail.pk)


def test_what_one_worker_claimed_no_other_gets(db):
    enqueue_codes(3)
    first, second = leases.claim(2), leases.claim(2)
    assert (len(first), len(second)) == (2, 1)
    assert not {mail.pk for mail in first} & {mail.pk for mail in second}
    assert leases.claim(2) == []


@pytest.mark.spec("N3")
def test_what_a_killed_worker_held_is_due_again_when_its_lease_ends(db):
    mail = enqueue_codes(1)[0]
    leases.claim(1)
    Mail.unscoped.filter(pk=mail.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    assert [again.pk for again in leases.claim(1)] == [mail.pk]


def test_a_lease_outlasts_the_slowest_batch(settings):
    settings.EMAIL_TIMEOUT = 60
    assert leases.lease_duration() > timedelta(seconds=5 * 60)


def test_a_settled_mail_keeps_nothing_secret(db):
    enqueue_codes(1)
    (mail,) = leases.claim(1)
    assert leases.settle(mail, Mail.State.SENT)
    settled = reread(mail)
    assert (bytes(settled.payload_sealed), bytes(settled.key), settled.epoch_id) == (b"", b"", None)
    assert settled.sent_at is not None


def test_who_lost_the_lease_refuses_and_postpones_nothing(db):
    enqueue_codes(1)
    (slow,) = leases.claim(1)
    Mail.unscoped.update(due_at=timezone.now())
    (quick,) = leases.claim(1)
    assert not leases.settle(slow, Mail.State.REFUSED, fault="550")
    assert not leases.postpone(slow, fault="451")
    assert reread(quick).lease == quick.lease


def test_who_lost_the_lease_and_sent_it_has_sent_it(db):
    enqueue_codes(1)
    (slow,) = leases.claim(1)
    Mail.unscoped.update(due_at=timezone.now())
    leases.claim(1)
    assert leases.settle(slow, Mail.State.SENT)
    assert reread(slow).state == Mail.State.SENT


def test_pauses_double_up_to_an_hour(db):
    mail = enqueue_codes(1)[0]
    pauses = []
    for _ in range(12):
        Mail.unscoped.update(due_at=timezone.now())
        (mail,) = leases.claim(1)
        leases.postpone(mail, fault="451 4.7.1")
        pauses.append(round((reread(mail).due_at - timezone.now()).total_seconds()))
    assert pauses[:4] == [30, 60, 120, 240]
    assert pauses[-1] == 3600


@pytest.mark.spec("N3")
def test_a_server_that_is_down_for_a_day_loses_nothing_and_after_five_days_it_is_given_up(db, trusted_clock):
    (mail,) = enqueue_codes(1)
    for age, state in ((timedelta(days=1), Mail.State.WAITING), (outbox.GIVE_UP_AFTER, Mail.State.REFUSED)):
        Mail.unscoped.update(created_at=timezone.now() - age, due_at=timezone.now())
        (mail,) = leases.claim(1)
        leases.postpone(mail, fault="451")
        assert reread(mail).state == state


def test_what_was_not_tried_is_handed_back_at_the_age_it_had(db):
    mails = enqueue_codes(2)
    leases.release(leases.claim(2))
    assert leases.oldest_due() == leases.Oldest(mails[0].pk, mails[0].created_at)


def test_the_oldest_due_row_may_be_a_notice_without_a_mail(conversation):
    oldest = leases.oldest_due()
    enqueue_codes(1)
    assert oldest is not None
    assert leases.oldest_due() == oldest


def test_a_notice_that_is_sent_is_settled_like_any_other_mail(db, alice, alice_enrolment):
    start(alice_enrolment, to=["bob@example.org"])
    gathering.gather()
    (mail,) = leases.claim(1)
    Mail.unscoped.filter(pk=mail.pk).update(fault="421 4.3.2")
    assert leases.settle(mail, Mail.State.SENT)
    settled = reread(mail)
    assert (settled.state, settled.lease, settled.fault, settled.tries) == ("sent", None, "", 1)
    assert settled.sent_at is not None
    assert not leases.settle(mail, Mail.State.SENT)
