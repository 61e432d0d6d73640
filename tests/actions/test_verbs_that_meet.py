"""Two verbs that meet on one conversation, for real: one comes first, whole, and the other sees it (spec C10, C12, C13, E3)."""

import time
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.actions import expiry, handing_over, participants
from connexion_plugin.actions.closing import close_conversation, reopen_conversation
from connexion_plugin.actions.collaborators import deactivate_collaborator, reactivate_collaborator
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.drafts import ensure_reply_draft
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.freezing import record_status_changes
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import open_message, post_message, read_text
from connexion_plugin.actions.moving import correct_address
from connexion_plugin.actions.receiving import receive
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.uploads import begin_upload
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.exceptions import MessageGone, NotACollaborator, Refused, SeatTaken
from connexion_plugin.models import (
    Activity,
    Attachment,
    Collaborator,
    Conversation,
    Draft,
    Message,
    Opening,
    Participation,
    Persona,
    Upload,
)
from connexion_plugin.sealing import keys
from tests.actions.racing import FOR_REAL, at_once, refused_or
from tests.actions.test_expiry import parts_of_this_test  # noqa: F401
from tests.factories import enrol, make_person, verify_address
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = FOR_REAL
ROUNDS = 6
EMMA = "emma@etude-tremblay.example"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


def fresh(alice_enrolment, **more):
    return start(alice_enrolment, to=["bob@example.org"], **more)


def row_of(conversation):
    return Conversation.unscoped.get(pk=conversation.pk)


@pytest.fixture(autouse=True)
def all_agrees(db):
    yield
    keys.forget()
    assert list(disagreements()) == []


@pytest.mark.spec("C12")
def test_delete_for_everyone_and_a_post_leave_nothing_behind(alice, bob, alice_enrolment):
    for _ in range(ROUNDS):
        house = fresh(alice_enrolment)
        owner, writer = seat_of(alice, house), seat_of(bob, house)
        posted, _ = at_once(
            refused_or(
                lambda writer=writer: post_message(
                    participation=writer, text="entre-temps", expires_at=in_days(30), idempotency_key=uuid4()
                )
            ),
            lambda owner=owner: delete_conversation(by=owner),
        )
        assert Message.unscoped.filter(conversation=house).count() == 1 + isinstance(posted, Message)
        for message in Message.unscoped.filter(conversation=house):
            assert (bytes(message.text_sealed), bytes(message.key)) == (b"", b"")
        assert read_title(row_of(house)) is None
        assert seat_of(bob, house).unopened_count == 0


@pytest.mark.spec("C12", "C5")
def test_a_withdrawal_and_an_opening_agree_on_who_had_read_it(alice, bob, house):
    for _ in range(ROUNDS):
        message = post(alice, house, "retirée?")
        owner, reader = seat_of(alice, house), seat_of(bob, house)
        opened, withdrawn = at_once(
            refused_or(
                lambda reader=reader, message=message: open_message(participation=reader, message=message)
            ),
            lambda owner=owner, message=message: withdraw_message(by=owner, message=message),
        )
        assert withdrawn.withdrawn_at is not None
        stands = Opening.unscoped.filter(message=message).exists()
        assert stands == isinstance(opened, Opening) != isinstance(opened, MessageGone)
    assert seat_of(bob, house).unopened_count == 1


@pytest.mark.spec("E1", "E3")
def test_an_expiry_put_off_at_its_hour_comes_before_the_sweep_or_too_late(alice, bob, alice_enrolment):
    def at_its_hour(sweep, key, hour):
        while (now := timezone.now()) < hour:
            time.sleep(0.001)
        return sweep(key, now=now)

    for milliseconds in range(0, 5 * ROUNDS, 5):
        house = fresh(alice_enrolment, expires_at=in_days(3))
        message = Message.unscoped.get(conversation=house)
        owner, hour = seat_of(alice, house), message.expires_at
        # One clock for all, which goes on: the owner is late, in time, or in between.
        with time_machine.travel(hour - timedelta(milliseconds=milliseconds), tick=True):
            changed, emptied, untitled = at_once(
                refused_or(partial(change_expiry, by=owner, message=message, expires_at=in_days(60))),
                partial(at_its_hour, expiry.empty_message, message.pk, hour),
                partial(at_its_hour, expiry.empty_title_of, house.pk, hour),
            )
        assert isinstance(changed, MessageGone) == emptied
        row = Message.unscoped.get(pk=message.pk)
        assert emptied or read_text(row) == "Bonjour, voici l’acte."
        assert (read_title(row_of(house)) is None) == untitled == emptied


@pytest.mark.spec("C13", "C9")
def test_a_hand_over_and_a_successor_who_leaves_end_with_an_owner_or_a_waiting_seat(
    alice, bob, dora, alice_enrolment, organization
):
    emma = make_person("Emma Cyr", EMMA)
    heir = enrol(organization, EMMA)
    for _ in range(ROUNDS):
        house = start(alice_enrolment, to=["bob@example.org", EMMA])
        mine = seat_of(emma, house)
        handing_over.hand_over(collaborator=alice_enrolment, successor=heir, by=dora)
        at_once(
            handing_over.carry_hand_overs,
            refused_or(lambda mine=mine: participants.leave(participations=[mine])),
        )
        assert handing_over.carry_hand_overs()
        seat = Participation.unscoped.get(conversation=house, persona__address=EMMA)
        assert (seat.role, seat.seat, seat.holder_id) == ("owner", "taken", emma.pk)
        assert access.conversation_for(emma, house.pk).is_owner


@pytest.mark.spec("C12", "D2", "C8")
def test_a_closing_while_an_upload_ends_loses_no_document(alice, bob, house):
    for _ in range(ROUNDS):
        writer, owner = seat_of(bob, house), seat_of(alice, house)
        draft_id = uuid4()
        draft = ensure_reply_draft(participation=writer, draft_id=draft_id)
        upload = begin_upload(draft=draft, name="devis.pdf", length=1000)
        body = ContentFile(b"x" * 1000)
        ended, _ = at_once(
            lambda upload=upload, body=body: receive(
                upload=upload, offset=0, read=body.read, length=1000, checksum=None
            ),
            lambda owner=owner: close_conversation(by=owner),
        )
        assert ended.is_complete
        options = {"text": "", "expires_at": in_days(30), "idempotency_key": draft_id, "draft_id": draft_id}
        refused = refused_or(
            lambda writer=writer, options=options: post_message(participation=writer, **options)
        )()
        assert isinstance(refused, Refused)
        assert Upload.unscoped.get(draft=draft_id).is_complete
        reopen_conversation(by=owner)
        message = post_message(participation=writer, **options)
        assert Attachment.unscoped.filter(message=message).count() == 1
        assert not Draft.unscoped.exists()


@pytest.mark.spec("C12", "D2")
def test_a_closing_and_a_post_with_what_was_uploaded_leave_it_in_one_place(alice, bob, house):
    for _ in range(ROUNDS):
        writer, owner = seat_of(bob, house), seat_of(alice, house)
        draft_id = uuid4()
        draft = ensure_reply_draft(participation=writer, draft_id=draft_id)
        upload = begin_upload(draft=draft, name="devis.pdf", length=10)
        receive(upload=upload, offset=0, read=ContentFile(b"x" * 10).read, length=10, checksum=None)
        posted, _ = at_once(
            refused_or(
                lambda writer=writer, draft_id=draft_id: post_message(
                    participation=writer,
                    text="",
                    expires_at=in_days(30),
                    idempotency_key=draft_id,
                    draft_id=draft_id,
                )
            ),
            lambda owner=owner: close_conversation(by=owner),
        )
        is_posted = isinstance(posted, Message)
        assert Attachment.unscoped.filter(pk=upload.pk).exists() == is_posted
        assert Upload.unscoped.filter(pk=upload.pk).exists() != is_posted
        reopen_conversation(by=owner)
        Draft.unscoped.filter(pk=draft_id).delete()


@pytest.mark.spec("N4", "I3")
def test_an_address_corrected_while_its_person_comes_is_theirs_or_the_others(alice, bob, house):
    for number in range(ROUNDS):
        wrong, right = f"wrong{number}@example.net", f"right{number}@example.net"
        [seat] = participants.invite(by=seat_of(alice, house), addresses=[wrong], language="fr").seats
        strangers = [
            make_person(f"{word}{number} Person", f"{word}{number}@example.com")
            for word in ("wrong", "right")
        ]
        owner = seat_of(alice, house)

        corrected, *_ = at_once(
            refused_or(
                lambda owner=owner, seat=seat, right=right: correct_address(
                    by=owner, seat=seat, address=right, language="fr"
                )
            ),
            lambda person=strangers[0], address=wrong: verify_address(person, address),
            lambda person=strangers[1], address=right: verify_address(person, address),
        )
        reads = [
            access.inbox(person, persona).exists()
            for person, persona in ((strangers[0], persona_of(wrong)), (strangers[1], persona_of(right)))
        ]
        assert reads == ([True, False] if isinstance(corrected, SeatTaken) else [False, True])
        may = [bool(access.permissions_of(person, house)) for person in strangers]
        assert may == reads
    assert access.disagreements() == []


def persona_of(address):
    return Persona.unscoped.get(address=address)


@pytest.mark.spec("E3")
def test_a_hold_at_the_very_hour_keeps_title_and_message_or_neither(alice, bob, alice_enrolment):
    for _ in range(ROUNDS):
        house = fresh(alice_enrolment, expires_at=in_days(3))
        message = Message.unscoped.get(conversation=house)
        hold, emptied, untitled = at_once(
            lambda house=house: set_hold(collaborator=alice_enrolment, conversation_id=house.pk, by=None),
            lambda message=message: expiry.empty_message(message.pk, now=in_days(4)),
            lambda house=house: expiry.empty_title_of(house.pk, now=in_days(4)),
        )
        assert follow_holds()
        keys.forget()
        row = Message.unscoped.get(pk=message.pk)
        assert emptied == (row.emptied_at is not None) != row.is_held
        assert (read_title(row_of(house)) is None) == untitled
        assert list(disagreements()) == []
        lift_hold(hold=hold, by=None)
        assert follow_holds()


@pytest.mark.spec("M2", "B4")
def test_a_start_that_meets_a_deactivation_is_refused_or_frozen_with_its_line(alice, bob, alice_enrolment):
    for _ in range(ROUNDS):
        key = uuid4()
        started, _ = at_once(
            refused_or(lambda key=key: fresh(alice_enrolment, key=key)),
            lambda: deactivate_collaborator(collaborator=alice_enrolment, by=None),
        )
        assert record_status_changes(limit=100)
        if isinstance(started, NotACollaborator):
            assert not Conversation.unscoped.filter(pk=key).exists()
        else:
            conversation = Conversation.unscoped.select_related("collaborator").get(pk=key)
            assert access.state_of(conversation) is access.State.FROZEN
            assert Activity.unscoped.filter(conversation=key, verb=Activity.Verb.FROZEN).count() == 1
        reactivate_collaborator(collaborator=Collaborator.unscoped.get(pk=alice_enrolment.pk), by=None)
        assert record_status_changes(limit=100)


@pytest.mark.spec("C10", "I3")
def test_a_removal_and_a_post_by_who_is_removed_come_one_after_the_other(alice, bob, alice_enrolment):
    for _ in range(ROUNDS):
        house = fresh(alice_enrolment)
        owner, writer = seat_of(alice, house), seat_of(bob, house)
        posted, _ = at_once(
            refused_or(
                lambda writer=writer: post_message(
                    participation=writer, text="encore là", expires_at=in_days(30), idempotency_key=uuid4()
                )
            ),
            lambda owner=owner, writer=writer: participants.remove(by=owner, participation=writer),
        )
        removed = Activity.unscoped.get(conversation=house, verb=Activity.Verb.REMOVED)
        if isinstance(posted, Message):
            line = Activity.unscoped.get(conversation=house, message_id=posted.pk)
            assert line.number < removed.number
        assert not access.permissions_of(bob, house)
