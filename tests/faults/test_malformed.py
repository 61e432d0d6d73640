"""Malformed requests by the thousand: each has an answer that is not ours to be ashamed of (goals.md, fault 8)."""

from collections import Counter

import pytest

from tests.faults.malformed import Malformed, answer
from tests.faults.sending import IS_FULL, MIB

NUMBER = 20_000 if IS_FULL else 400  # a tenth of them tus
pytestmark = pytest.mark.faults


@pytest.mark.fault(8, rounds=NUMBER)
def test_no_request_however_malformed_breaks_the_server_or_stays_in_its_memory(sender, record_property):
    uploads = [sender.uploads_url(), *(sender.begin(length) for length in (0, 10, 5 * MIB))]
    conversation = sender.conversation
    ids = [conversation.pk, sender.key, conversation.collaborator_id]
    drawn = Malformed(8, ids=ids, uploads=uploads, headers=sender.headers)
    statuses: Counter[int] = Counter()
    warm = 0
    for number in range(NUMBER):
        request = drawn.next(of_tus=number % 10 == 0)
        status = answer(sender.server.address, request)
        assert status < 500, (number, status, request[:600])
        statuses[status] += 1
        if number == NUMBER // 2:
            warm = sender.server.memory()
    assert all(statuses[status] for status in (200, 204, 302, 404, 405)), statuses  # they reached the doors
    grown = sender.server.memory() / warm - 1
    record_property("measured", f"memory + {grown:.1%}")
    assert grown < 0.10
    assert sender.ask("GET", "/")[0] in (200, 302)
