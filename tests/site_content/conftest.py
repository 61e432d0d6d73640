from collections.abc import Callable, Iterator

import pytest

from site_content import help_links
from site_content.loader import Loaded, load
from site_content.models import GuidePage


@pytest.fixture(autouse=True)
def _no_remembered_addresses() -> Iterator[None]:
    """Help addresses are remembered by the process, pages only by the test's transaction."""
    help_links.forget()
    yield
    help_links.forget()


@pytest.fixture
def loaded(db: None) -> list[Loaded]:
    return load()


@pytest.fixture
def guide(loaded: list[Loaded]) -> Callable[..., GuidePage]:
    """`guide("fr")` is the participant's guide, `guide("en", "collaborator")` the other in English."""

    def find(language: str, loaded_as: str = "participant") -> GuidePage:
        return GuidePage.objects.get(loaded_as=loaded_as, locale__language_code=language)

    return find
