"""Scanners: as advised, down, or misbehaving; and documents posted through the verbs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import SealedUpload, sealed_upload
from connexion_plugin.models import Attachment
from tests.factories.conversations import start
from tests.scanning.clamd_server import PROGRAM, FakeClamd, RealClamd

NAME = "Canari-nom-5501.pdf"


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """What one test found out about its scanner is no concern of the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="session")
def real_clamd() -> Iterator[RealClamd]:
    if not Path(PROGRAM).exists():
        pytest.skip("clamd is missing: apt-get install clamav-daemon")
    clamd = RealClamd()
    yield clamd
    clamd.remove()


@pytest.fixture
def fake_clamd() -> Iterator[FakeClamd]:
    fake = FakeClamd()
    yield fake
    fake.stop()


@pytest.fixture
def scan_with(settings) -> Callable[..., None]:
    """`scan_with(address)`; None turns it off. Who tests a silence says how long it may be."""

    def choose(address: str | None, **more: Any) -> None:
        chosen = {"SCANNER": address, "SCANNER_TIMEOUT_SECONDS": 20, "SCANNER_ANSWER_SECONDS": 20}
        settings.CONNEXION = {**settings.CONNEXION, **chosen, **more}

    return choose


def sealed(*contents: bytes, name: str = NAME) -> list[SealedUpload]:
    return [
        sealed_upload(name=name, chunks=[content], key_for=new_document_key, storage=sealed_storage())
        for content in contents
    ]


@pytest.fixture
def post_documents(alice, bob, alice_enrolment) -> Callable[..., list[Attachment]]:
    """Alice posts them to Bob; their rows, in order."""

    def post(*contents: bytes, **more: Any) -> list[Attachment]:
        conversation = start(alice_enrolment, to=["bob@example.org"], documents=sealed(*contents), **more)
        return list(Attachment.unscoped.filter(message__conversation=conversation).order_by("position").all())

    return post
