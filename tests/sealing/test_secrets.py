"""What no day ends: seeds, and digests by a key."""

import pytest

from connexion_plugin.exceptions import Tampered
from connexion_plugin.sealing import secrets
from connexion_plugin.sealing.records import context

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


@pytest.mark.parametrize("value", ["JBSWY3DPEHPK3PXP", b"JBSWY3DPEHPK3PXP"])
def test_a_secret_comes_back_as_bytes(value):
    sealed = secrets.seal_secret(value, context=context("device"))
    assert b"JBSWY3DPEHPK3PXP" not in sealed
    assert secrets.unseal_secret(sealed, context=context("device")) == b"JBSWY3DPEHPK3PXP"


def test_a_secret_does_not_open_for_another_row():
    sealed = secrets.seal_secret("JBSWY3DPEHPK3PXP", context=context("device", field="1"))
    with pytest.raises(Tampered):
        secrets.unseal_secret(sealed, context=context("device", field="2"))


def test_a_digest_is_the_same_for_ever_and_differs_by_purpose_and_parts():
    digest = secrets.keyed_digest(b"a", b"b", purpose="code")
    assert len(digest) == 32
    assert digest == secrets.keyed_digest(b"a", b"b", purpose="code")
    others = [
        secrets.keyed_digest(b"a", b"b", purpose="Message-ID"),
        secrets.keyed_digest(b"ab", purpose="code"),
        secrets.keyed_digest(b"b", b"a", purpose="code"),
    ]
    assert len({digest, *others}) == 4
