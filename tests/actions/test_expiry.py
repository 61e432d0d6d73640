"""What is past its hour is emptied for everyone, and nothing else is (spec E3)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile

from connexion_plugin import exceptions
from connexion_plugin.actions import expiry
from connexion_plugin.actions.documents import new_document_key, open_document
from connexion_plugin.actions.messages import open_message, post_message, read_text
from connexion_plugin.actions.participants import invite
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.models import Activity, Attachment, Conversation, EpochKey, Message, StoredParts
from connexion_plugin.sealing import keys
from connexion_plugin.sealing.watch import LONGEST_STEP_SECONDS
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

SELDOM = timedelta(seconds=LONGEST_STEP_SECONDS) - timedelta(minutes=5)


@pytest.fixture(autouse=True)
def parts_of_this_test(settings, tmp_path):
    parts = {**settings.STORAGES["connexion"], "OPTIONS": {"location": tmp_path / "parts"}}
    settings.STORAGES = {**settings.STORAGES, "connexion": parts}


@pytest.fixture
def house(clock, store, alice, bob, alice_enrolment):  # noqa: F811
    """A conversation of one message of 364 days, and the clock that only these tests move."""
    return start(alice_enrolment, to=["bob@example.org"])


def live(clock, distance):  # noqa: F811
    """Time passes as it does under a living worker. Gives the last sweep."""
    end = clock.now + distance
    if distance > 10 * DAY:  # that long the worker slept; a day is enough to trust the clock again
        clock.jump(distance - 2 * DAY)
    done = expiry.sweep()
    while clock.now < end:
        # A turn every hour of the last day; before, as seldom as the worker may.
        left = end - clock.now
        clock.jump(min(HOUR if left <= DAY else SELDOM, left))
        done = expiry.sweep()
    return done


def post_with_documents(user, conversation, *, days, **options):
    document = sealed_upload(
        name="devis.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )
    return post_message(
        participation=seat_of(user, conversation),
        text="Voici le devis.",
        documents=[document],
        expires_at=in_days(days),
        idempotency_key=uuid4(),
        **options,
    )


def stored(attachment_id):
    return sealed_storage().exists(part_name(attachment_id, 0))


@pytest.mark.spec("E3")
@pytest.mark.django_db(transaction=True)
def test_at_its_hour_a_message_is_emptied_and_a_tombstone_stays(house, clock, alice, bob):  # noqa: F811
    message = post_with_documents(alice, house, days=3)
    attachment = Attachment.unscoped.get()
    assert stored(attachment.pk)
    live(clock, 3 * DAY - HOUR)
    assert read_text(Message.unscoped.get(pk=message.pk)) == "Voici le devis."
    live(clock, HOUR)
    row = Message.unscoped.get(pk=message.pk)
    assert (bytes(row.text_sealed), bytes(row.key), row.emptied_at) == (b"", b"", clock.now)
    assert (row.sender_id, row.posted_at, row.expires_at) == (
        message.sender_id,
        message.posted_at,
        message.expires_at,
    )
    assert (row.documents_count, row.documents_bytes) == (1, 1000)
    assert not Attachment.unscoped.exists()
    assert not stored(attachment.pk)
    assert not StoredParts.unscoped.exists()
    with pytest.raises(exceptions.MessageGone):
        read_text(row)
    with pytest.raises(exceptions.MessageGone):
        open_document(Attachment(message=row))
    line = Activity.unscoped.get(verb=Activity.Verb.EXPIRED)
    assert (line.message_id, line.at, line.actor) == (message.pk, message.expires_at, None)
    assert list(disagreements()) == []


@pytest.mark.spec("E3", "B3")
def test_what_expired_unopened_is_nothing_to_open_any_more(house, clock, alice, bob):  # noqa: F811
    post(alice, house, "Pour deux jours", days=2)
    opened = post(alice, house, "Pour trois jours", days=3)
    open_message(participation=seat_of(bob, house), message=opened)
    assert seat_of(bob, house).unopened_count == 2
    live(clock, 4 * DAY)
    assert Message.unscoped.filter(emptied_at=None).count() == 1
    assert seat_of(bob, house).unopened_count == 1
    newcomer = invite(by=seat_of(alice, house), addresses=["late@example.net"], language="fr").seats[0]
    assert newcomer.unopened_count == 1
    assert list(disagreements()) == []


def test_sweeping_again_changes_nothing(house, clock, alice):  # noqa: F811
    post(alice, house, "Pour deux jours", days=2)
    live(clock, 3 * DAY)
    lines = Activity.unscoped.count()
    assert expiry.sweep().messages == 0
    live(clock, DAY)
    assert Activity.unscoped.count() == lines


@pytest.mark.spec("E3")
def test_what_has_not_expired_is_never_touched(house, clock, alice):  # noqa: F811
    message = post_with_documents(alice, house, days=40)
    live(clock, 5 * DAY)
    assert not expiry.empty_message(message.pk, now=clock.now)
    row = Message.unscoped.get(pk=message.pk)
    assert read_text(row) == "Voici le devis."
    assert open_document(Attachment.unscoped.select_related("message").get()).size == 1000
    assert read_title(Conversation.unscoped.get()) is not None


@pytest.mark.spec("E3")
@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-1), DAY, timedelta(minutes=10)])
def test_a_clock_that_jumps_empties_nothing_and_destroys_no_key(house, clock, alice, jump):  # noqa: F811
    message = post(alice, house, "Pour quarante jours", days=40)
    live(clock, 2 * DAY)
    clock.jump(jump)
    live(clock, 12 * HOUR)
    clock.jump(-jump)
    live(clock, 2 * HOUR)
    assert read_text(Message.unscoped.get(pk=message.pk)) == "Pour quarante jours"
    assert Message.unscoped.filter(emptied_at=None).count() == 2
    assert read_title(Conversation.unscoped.get()) is not None
    assert not EpochKey.objects.filter(state=EpochKey.State.DESTROYED).exists()
    assert not Activity.unscoped.filter(verb=Activity.Verb.EXPIRED).exists()


@pytest.mark.spec("E3")
def test_a_laptop_that_was_closed_for_a_week_waits_a_day(house, clock, alice):  # noqa: F811
    message = post(alice, house, "Pour deux jours", days=2)
    live(clock, DAY)
    clock.jump(7 * DAY)
    done = live(clock, 20 * HOUR)
    assert not done.trusts_clock
    assert Message.unscoped.get(pk=message.pk).emptied_at is None
    with pytest.raises(exceptions.MessageGone):
        read_text(Message.unscoped.get(pk=message.pk))
    live(clock, 5 * HOUR)
    assert Message.unscoped.get(pk=message.pk).emptied_at is not None


@pytest.mark.spec("E3")
def test_a_clock_put_back_does_not_revive_what_was_emptied(house, clock, alice):  # noqa: F811
    message = post(alice, house, "Pour deux jours", days=2)
    live(clock, 3 * DAY)
    clock.jump(-2 * DAY)
    with pytest.raises(exceptions.MessageGone):
        read_text(Message.unscoped.get(pk=message.pk))


@pytest.mark.spec("E3")
def test_within_three_days_the_key_is_destroyed_and_the_mails_key_too(house, clock, alice):  # noqa: F811
    message = post(alice, house, "Pour deux jours", days=2)
    with_key = EpochKey.objects.get(pk=message.epoch_id)
    keys.ensure_epoch(organization_id=None, day=keys.day_of(in_days(2)))
    assert with_key.state == EpochKey.State.ACTIVE
    live(clock, 5 * DAY)
    states = EpochKey.objects.filter(day=keys.day_of(message.expires_at)).values_list("state", flat=True)
    assert list(states) == [EpochKey.State.DESTROYED] * 2
    assert list(disagreements()) == []


def test_a_run_ends_after_so_many_and_the_next_goes_on(house, clock, alice, monkeypatch):  # noqa: F811
    monkeypatch.setattr(expiry, "ROWS_A_RUN", 2)
    for number in range(3):
        post(alice, house, f"n° {number}", days=2)
    live(clock, 2 * DAY - HOUR)
    clock.jump(HOUR)
    first, second = expiry.sweep(), expiry.sweep()
    assert (first.messages, first.is_done, second.messages, second.is_done) == (2, False, 1, True)


@pytest.mark.spec("E3")
def test_orphaned_parts_are_removed_after_a_day_and_those_of_a_message_never(house, clock, alice):  # noqa: F811
    post_with_documents(alice, house, days=40)
    kept = Attachment.unscoped.get().pk
    orphan = uuid4()
    new_document_key(orphan)
    sealed_storage().save(part_name(orphan, 0), ContentFile(b"cut"))
    live(clock, 23 * HOUR)
    assert stored(orphan)
    live(clock, 2 * HOUR)
    assert not stored(orphan)
    assert stored(kept)


@pytest.mark.django_db(transaction=True)
def test_parts_that_a_kill_left_are_met_again(house, clock, alice, monkeypatch):  # noqa: F811
    """Killed after the rows, before the parts: the note of what is stored is there for the next sweep."""
    post_with_documents(alice, house, days=2)
    attachment = Attachment.unscoped.get().pk
    with monkeypatch.context() as patch:
        patch.setattr("connexion_plugin.actions.documents.delete_parts", fails)
        patch.setattr(expiry, "sweep_parts", lambda begun_before: 0)
        live(clock, 3 * DAY)
    assert not Attachment.unscoped.exists()
    assert stored(attachment)
    expiry.sweep()
    assert not stored(attachment)


def fails(*args):
    raise OSError("the storage does not answer")


@pytest.mark.spec("E3")
def test_the_title_goes_with_the_last_message_and_a_new_post_brings_one(house, clock, alice, bob):  # noqa: F811
    live(clock, 365 * DAY)
    conversation = Conversation.unscoped.get()
    assert (bytes(conversation.title_sealed), bytes(conversation.title_key)) == (b"", b"")
    assert read_title(conversation) is None
    with pytest.raises(exceptions.TitleExpired):
        post(bob, house, "Encore là?")
    assert Message.unscoped.count() == 1
    options = {"expires_at": in_days(30), "idempotency_key": uuid4()}
    post_message(participation=seat_of(bob, house), text="Encore là?", title=" Un  titre ", **options)
    assert read_title(Conversation.unscoped.get()) == "Un titre"
    post_with_documents(alice, house, days=40, title="Trop tard")
    assert read_title(Conversation.unscoped.get()) == "Un titre"
    live(clock, 41 * DAY)
    assert read_title(Conversation.unscoped.get()) is None
    assert list(disagreements()) == []


def test_a_post_in_the_last_minute_keeps_the_title(house, clock, alice, bob):  # noqa: F811
    live(clock, 364 * DAY - timedelta(minutes=1))
    post(bob, house, "À temps")
    clock.jump(timedelta(minutes=2))
    expiry.sweep()
    assert read_title(Conversation.unscoped.get()) is not None


def test_a_title_whose_key_went_before_the_sweep_came_asks_for_one_too(house, clock, alice, bob):  # noqa: F811
    EpochKey.objects.update(state=EpochKey.State.DESTROYED, destroyed_at=clock.now)
    keys.forget()
    with pytest.raises(exceptions.TitleExpired):
        post(bob, house, "Encore là?", days=400)
