"""What is begun is kept sealed for its author, consumed by the post, gone with its seat or its day (spec C8)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from connexion_plugin import access, exceptions
from connexion_plugin.actions import expiry
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.drafts import (
    LONGEST_CHARACTERS,
    discard_draft,
    discard_lapsed,
    read_draft,
    save_reply_draft,
    save_start_draft,
)
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.participants import leave, readmit, remove
from connexion_plugin.actions.personas import give_up_address, take_up_address
from connexion_plugin.models import Collaborator, Conversation, Draft, EpochKey, Message, Persona
from connexion_plugin.sealing import keys
from tests.factories import enrol, make_person, verify_address
from tests.factories.conversations import in_days, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("C8")
TYPED = {"text": "Une phrase que je n’ai pas finie", "expires_in_days": "90"}


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


def save(person, conversation, *, draft_id, typed=TYPED, revision=None):
    return save_reply_draft(
        participation=seat_of(person, conversation), draft_id=draft_id, typed=typed, revision=revision
    )


def begin(person, collaborator, *, draft_id, typed=TYPED, revision=None):
    return save_start_draft(
        person=person, collaborator=collaborator, draft_id=draft_id, typed=typed, revision=revision
    )


def test_what_was_typed_is_read_again_by_its_author(bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    found = access.draft_for(bob, draft.pk)
    assert read_draft(found) == TYPED
    assert found.revision == 1


def test_a_second_save_takes_the_place_of_the_first(bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    save(bob, conversation, draft_id=draft.pk, typed={**TYPED, "text": "Une phrase finie."}, revision=1)
    assert Draft.unscoped.count() == 1
    assert read_draft(access.draft_for(bob, draft.pk))["text"] == "Une phrase finie."


def test_a_page_that_is_behind_does_not_write_over_what_another_saved(bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    save(bob, conversation, draft_id=draft.pk, typed={"text": "Plus récent"}, revision=1)
    for behind in (1, None):
        with pytest.raises(exceptions.DraftChanged):
            save(bob, conversation, draft_id=draft.pk, typed={"text": "Plus vieux"}, revision=behind)
    assert read_draft(access.draft_for(bob, draft.pk))["text"] == "Plus récent"


def test_a_seat_has_one_draft(bob, conversation):
    save(bob, conversation, draft_id=uuid4())
    with pytest.raises(exceptions.DraftElsewhere):
        save(bob, conversation, draft_id=uuid4())


def test_the_id_of_somebody_elses_draft_opens_nothing(alice, bob, charlie, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    with pytest.raises(exceptions.DraftElsewhere):
        save(alice, conversation, draft_id=draft.pk, typed={"text": "Le mien"})
    assert read_draft(access.draft_for(bob, draft.pk)) == TYPED
    for stranger in (alice, charlie):
        with pytest.raises(access.conversations.Http404):
            access.draft_for(stranger, draft.pk)


def test_nothing_typed_is_no_draft(bob, conversation):
    draft_id = uuid4()
    assert save(bob, conversation, draft_id=draft_id, typed={"text": "  \n", "expires_in_days": "90"}) is None
    save(bob, conversation, draft_id=draft_id)
    assert save(bob, conversation, draft_id=draft_id, typed={"text": ""}, revision=1) is None
    assert not Draft.unscoped.exists()


def test_what_is_too_long_is_refused(bob, conversation):
    with pytest.raises(exceptions.DraftTooLong):
        save(bob, conversation, draft_id=uuid4(), typed={"text": "x" * LONGEST_CHARACTERS})


def test_a_frozen_conversation_still_keeps_what_is_typed(bob, conversation, alice_enrolment):
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    assert save(bob, conversation, draft_id=uuid4()) is not None


# Posting


def test_posting_consumes_the_draft_in_its_transaction(bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    seat = seat_of(bob, conversation)
    with pytest.raises(exceptions.NothingToPost):
        post_message(
            participation=seat, text=" ", expires_at=in_days(30), idempotency_key=draft.pk, draft_id=draft.pk
        )
    assert Draft.unscoped.count() == 1
    for _ in range(2):
        post_message(
            participation=seat,
            text="Fini",
            expires_at=in_days(30),
            idempotency_key=draft.pk,
            draft_id=draft.pk,
        )
    assert not Draft.unscoped.exists()
    assert Message.unscoped.count() == 2


def test_a_save_that_comes_after_the_post_brings_no_draft_back(bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    post_message(
        participation=seat_of(bob, conversation),
        text="Fini",
        expires_at=in_days(30),
        idempotency_key=draft.pk,
        draft_id=draft.pk,
    )
    with pytest.raises(exceptions.DraftPosted):
        save(bob, conversation, draft_id=draft.pk, revision=1)
    assert not Draft.unscoped.exists()


def test_another_persons_draft_outlives_a_post(alice, bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    post_message(
        participation=seat_of(alice, conversation),
        text="De moi",
        expires_at=in_days(30),
        idempotency_key=uuid4(),
        draft_id=draft.pk,
    )
    assert Draft.unscoped.filter(pk=draft.pk).exists()


# A conversation that is being started


def test_a_conversation_begun_is_kept_for_its_persona_and_consumed_when_it_starts(alice, alice_enrolment):
    typed = {"title": "Acte", "addresses": "pas encore une adresse", "language": "fr"}
    draft = begin(alice, alice_enrolment, draft_id=uuid4(), typed=typed)
    assert read_draft(access.draft_for(alice, draft.pk)) == typed
    start(alice_enrolment, to=["bob@example.org"], key=draft.pk)
    assert not Draft.unscoped.exists()
    with pytest.raises(exceptions.DraftPosted):
        begin(alice, alice_enrolment, draft_id=draft.pk, typed=typed, revision=1)


def test_another_persona_chosen_in_the_form_takes_the_draft_along(alice, alice_enrolment, other_organization):
    verify_address(alice, "alice@harbour.example")
    other = enrol(other_organization, "alice@harbour.example")
    draft = begin(alice, alice_enrolment, draft_id=uuid4())
    moved = begin(alice, other, draft_id=draft.pk, revision=1)
    assert (moved.pk, moved.organization_id) == (draft.pk, other_organization.pk)
    assert moved.epoch.organization_id == other_organization.pk
    assert read_draft(access.draft_for(alice, draft.pk)) == TYPED
    assert Draft.unscoped.count() == 1


def test_a_draft_does_not_push_away_that_of_another_persona(alice, alice_enrolment, other_organization):
    verify_address(alice, "alice@harbour.example")
    other = enrol(other_organization, "alice@harbour.example")
    first = begin(alice, alice_enrolment, draft_id=uuid4())
    begin(alice, other, draft_id=uuid4())
    with pytest.raises(exceptions.DraftElsewhere):
        begin(alice, other, draft_id=first.pk, revision=1)
    assert Draft.unscoped.count() == 2


def test_nobody_begins_from_a_persona_that_is_not_theirs(alice, bob, alice_enrolment):
    with pytest.raises(exceptions.NotACollaborator):
        begin(bob, alice_enrolment, draft_id=uuid4())


# Its end


def remove_bob(alice, bob, conversation):
    remove(by=seat_of(alice, conversation), participation=seat_of(bob, conversation))


def let_bob_leave(alice, bob, conversation):
    leave(participations=[seat_of(bob, conversation)])


def give_up_bobs_address(alice, bob, conversation):
    give_up_address(user=bob, address="bob@example.org")


@pytest.mark.parametrize("end", [remove_bob, let_bob_leave, give_up_bobs_address])
def test_the_end_of_a_seat_is_the_end_of_its_draft(alice, bob, conversation, end):
    seat = seat_of(bob, conversation)
    draft = save(bob, conversation, draft_id=uuid4())
    end(alice, bob, conversation)
    assert not Draft.unscoped.exists()
    with pytest.raises(exceptions.NoLongerThere):
        save_reply_draft(participation=seat, draft_id=draft.pk, typed=TYPED, revision=1)


def test_the_next_holder_of_an_address_finds_no_draft(alice, bob, conversation):
    seat = seat_of(bob, conversation)
    draft = save(bob, conversation, draft_id=uuid4())
    # As if the release had not done away with it.
    give_up_address(user=bob, address="bob@example.org")
    draft.save(force_insert=True)
    successor = make_person("Benoît Côté", "benoit@example.org")
    take_up_address(user=successor, address="bob@example.org")
    readmit(by=seat_of(alice, conversation), participation=seat)
    assert access.draft_in(seat_of(successor, conversation)) is None
    with pytest.raises(access.conversations.Http404):
        access.draft_for(successor, draft.pk)


def test_a_seat_that_passed_to_another_person_has_room_for_their_draft(alice, bob, conversation):
    seat = seat_of(bob, conversation)
    save(bob, conversation, draft_id=uuid4())
    successor = make_person("Benoît Côté", "benoit@example.org")
    type(seat).unscoped.filter(pk=seat.pk).update(holder=successor)
    draft = save(successor, conversation, draft_id=uuid4(), typed={"text": "À moi"})
    assert [row.pk for row in Draft.unscoped.all()] == [draft.pk]
    assert read_draft(access.draft_for(successor, draft.pk)) == {"text": "À moi"}


def test_the_end_of_a_persona_is_the_end_of_what_was_begun_from_it(alice, alice_enrolment):
    begin(alice, alice_enrolment, draft_id=uuid4())
    give_up_address(user=alice, address="alice@etude-tremblay.example")
    assert not Draft.unscoped.exists()


def test_its_author_does_away_with_it(bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    for _ in range(2):
        discard_draft(draft)
    assert not Draft.unscoped.exists()


def test_a_draft_lapses_a_while_after_it_was_last_saved(clock, store, bob, conversation, settings):  # noqa: F811
    settings.CONNEXION = {**settings.CONNEXION, "DRAFT_DAYS": 5}
    draft = save(bob, conversation, draft_id=uuid4())
    first_day = draft.epoch.day
    clock.jump(2 * DAY)
    draft = save(bob, conversation, draft_id=draft.pk, revision=1)
    assert draft.epoch.day == first_day + 2 * DAY
    assert EpochKey.objects.get(pk=draft.epoch_id).organization_id == conversation.organization_id
    clock.jump(5 * DAY - HOUR)
    assert discard_lapsed(now=clock.now) == 0
    clock.jump(HOUR)
    assert discard_lapsed(now=clock.now) == 1


def test_the_sweep_does_away_with_what_has_lapsed(clock, store, bob, conversation, settings):  # noqa: F811
    settings.CONNEXION = {**settings.CONNEXION, "DRAFT_DAYS": 2}
    save(bob, conversation, draft_id=uuid4())
    clock.jump(3 * DAY)
    assert expiry.forecast().drafts == 1
    assert expiry.sweep().drafts == 0  # a jump of the clock empties nothing
    for _ in range(25):
        clock.jump(HOUR)
        done = expiry.sweep()
        if done.drafts:
            break
    assert done.drafts == 1
    assert not Draft.unscoped.exists()


def test_a_draft_whose_key_is_gone_is_empty_and_can_be_written_anew(bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    EpochKey.objects.filter(pk=draft.epoch_id).update(state="destroyed", destroyed_at=timezone.now())
    keys.forget()
    assert read_draft(draft) == {}
    save(bob, conversation, draft_id=draft.pk, revision=1)
    assert read_draft(access.draft_for(bob, draft.pk)) == TYPED


def test_a_draft_moved_to_another_seat_does_not_open(alice, bob, conversation):
    draft = save(bob, conversation, draft_id=uuid4())
    Draft.unscoped.update(participation=seat_of(alice, conversation), author=alice)
    with pytest.raises(exceptions.Tampered):
        read_draft(access.draft_for(alice, draft.pk))


@pytest.mark.parametrize("both", [True, False])
def test_a_draft_is_of_a_seat_or_of_a_persona(bob, conversation, both):
    draft = save(bob, conversation, draft_id=uuid4())
    draft.persona = Persona.unscoped.get(address="bob@example.org") if both else None
    draft.participation = draft.participation if both else None
    with pytest.raises(IntegrityError):
        draft.save()


def test_a_deactivation_keeps_what_was_begun_for_a_reactivation(alice, alice_enrolment):
    begin(alice, alice_enrolment, draft_id=uuid4())
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    assert Draft.unscoped.exists()
    assert Collaborator.unscoped.get().status == "deactivated"
    assert not Conversation.unscoped.exists()
    assert timezone.now() + timedelta(days=29) < Draft.unscoped.get().lapses_at
