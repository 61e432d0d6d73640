from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation
from wagtail.models import Site

from site_content import help_links
from site_content.loader import Loaded, load
from site_content.models import GuidePage


@pytest.fixture(autouse=True)
def _no_remembered_addresses() -> Iterator[None]:
    """Help addresses are remembered by the process, pages only by the test's transaction."""
    help_links.forget()
    yield
    help_links.forget()


@pytest.fixture(scope="module")
def content(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Loaded]]:
    """Loaded once a module, in a transaction around that of each test."""
    with django_db_blocker.unblock(), transaction.atomic():
        with translation.override("fr"):
            results = load()
        yield results
        transaction.set_rollback(True)


@pytest.fixture
def loaded(content: list[Loaded], db: None) -> list[Loaded]:
    Site.clear_site_root_paths_cache()
    return content


@pytest.fixture
def guide(loaded: list[Loaded]) -> Callable[..., GuidePage]:
    """`guide("fr")` is the participant's guide, `guide("en", "collaborator")` the other in English."""

    def find(language: str, loaded_as: str = "participant") -> GuidePage:
        return GuidePage.objects.get(loaded_as=loaded_as, locale__language_code=language)

    return find
