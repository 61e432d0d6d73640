"""A file that changes or is away while it is sent: removed, it is removed; back again, it goes on (spec D2)."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.composing import MIB, Composer, digest, expect_posted, expect_state, received
from tests.browser.conftest import Contexts
from tests.browser.running import Running
from tests.browser.test_uploads import Files, a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")


@pytest.fixture
def half_sent(composer: Composer, a_file: Files) -> Path:  # noqa: F811
    """A file of which the first pieces have arrived, and the next ones are on their way."""
    file = a_file("rapport.pdf", 24 * MIB)
    composer.at(4 * MIB)
    composer.choose(file)
    while not composer.page.evaluate("() => document.querySelector('document-upload')?.kept > 0"):
        composer.page.wait_for_timeout(50)
    return file


def test_one_that_changed_is_removed_and_chosen_again(
    composer: Composer,  # noqa: F811
    half_sent: Path,
    context_of: Contexts,
    product: Running,
    letter: str,
) -> None:
    half_sent.write_bytes(b"corrected" * MIB)
    expect_state(composer.row("rapport"), "failed")
    expect(composer.row("rapport")).to_contain_text("changed or moved since you chose it. Remove it")
    composer.at(-1)
    composer.does("rapport", "again")  # nothing of the new file is put behind what was sent of the old one
    expect_state(composer.row("rapport"), "failed")
    composer.does("rapport", "Remove")
    expect(composer.row("rapport")).to_have_count(0)
    composer.choose(half_sent)
    expect_state(composer.row("rapport"), "done")
    composer.submit()
    expect_posted(composer)
    assert received(context_of, product, letter) == {"rapport.pdf": digest(half_sent)}


def test_one_that_was_away_goes_on_from_where_it_was(
    composer: Composer,  # noqa: F811
    half_sent: Path,
) -> None:
    away = half_sent.rename(half_sent.with_suffix(".away"))
    expect_state(composer.row("rapport"), "failed")
    composer.does("rapport", "again")
    expect_state(composer.row("rapport"), "failed")
    away.rename(half_sent)
    composer.at(-1)
    before = len(composer.offsets())
    composer.does("rapport", "again")
    expect_state(composer.row("rapport"), "done")
    assert min(composer.offsets()[before:]) > 0
