"""How much one message may carry."""

import pytest

from connexion_plugin.documents.limits import (
    FORM_ALLOWANCE_BYTES,
    message_limit,
    surely_too_large,
    too_large_to_drain,
)

GIB = 1024**3


@pytest.mark.spec("D1")
@pytest.mark.parametrize(
    ("site", "organization", "limit"), [(GIB, None, GIB), (GIB, 5, 5), (5, GIB, 5), (GIB, 0, 0)]
)
def test_the_smaller_limit_holds(site, organization, limit):
    assert message_limit(site_bytes=site, organization_bytes=organization) == limit


def test_a_form_may_carry_its_documents_and_its_text():
    assert not surely_too_large(GIB + FORM_ALLOWANCE_BYTES, GIB)
    assert surely_too_large(GIB + FORM_ALLOWANCE_BYTES + 1, GIB)


def test_a_refused_body_is_read_to_its_end_but_not_for_ever():
    assert not too_large_to_drain(3 * GIB, GIB)
    assert too_large_to_drain(5 * GIB, GIB)
