"""Documents that begin at once in a draft that nobody has made yet are all of that one draft (spec C8, D2)."""

from functools import partial
from uuid import uuid4

import pytest

from connexion_plugin.actions.drafts import ensure_reply_draft, ensure_start_draft
from connexion_plugin.exceptions import DraftElsewhere
from connexion_plugin.models import Draft
from tests.actions.racing import FOR_REAL, at_once
from tests.factories.conversations import seat_of, start

pytestmark = [*FOR_REAL, pytest.mark.spec("D2")]


def test_of_an_answer(alice_enrolment, bob):
    seat, key = seat_of(bob, start(alice_enrolment, to=["bob@example.org"])), uuid4()
    drafts = at_once(*[partial(ensure_reply_draft, participation=seat, draft_id=key)] * 6)
    assert {draft.pk for draft in drafts} == {key} == {draft.pk for draft in Draft.unscoped.all()}
    with pytest.raises(DraftElsewhere):
        ensure_reply_draft(participation=seat, draft_id=uuid4())


def test_of_a_new_conversation(alice, alice_enrolment):
    key = uuid4()
    begin = partial(ensure_start_draft, person=alice, collaborator=alice_enrolment, draft_id=key)
    drafts = at_once(*[begin] * 6)
    assert {draft.pk for draft in drafts} == {key} == {draft.pk for draft in Draft.unscoped.all()}
