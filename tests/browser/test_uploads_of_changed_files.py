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


def test_one_that_changed_while_a_browser_read_on_is_not_kept(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    product: Running,
) -> None:
    """Firefox does: it sends what the file holds at the moment, and says nothing (seen with 153)."""
    composer.page.evaluate(
        "() => { customElements.get('upload-memory').prototype.knows = async () => false }"
    )
    composer.choose(a_file("rapport.pdf", MIB))
    expect_state(composer.row("rapport"), "failed")
    expect(composer.row("rapport")).to_contain_text("changed or moved since you chose it. Remove it")
    composer.does("rapport", "again")
    expect_state(composer.row("rapport"), "failed")
    composer.page.reload()
    expect(composer.page.locator("document-uploads")).to_have_count(1)
    expect(composer.page.locator("document-upload")).to_have_count(0)


def test_one_that_was_cut_short_is_not_waited_for(composer: Composer, half_sent: Path) -> None:  # noqa: F811
    """Firefox reads its beginning and waits for the rest: the line is blamed, and tried again for ever."""
    composer.page.evaluate(
        """() => {
            const read = Blob.prototype.arrayBuffer
            Blob.prototype.arrayBuffer = function () { return read.call(this.size === 2 ? this.slice(0, 1) : this) }
        }"""
    )
    composer.at(-1, cut=True)
    expect_state(composer.row("rapport"), "failed")
    expect(composer.row("rapport")).to_contain_text("changed or moved since you chose it. Remove it")
    composer.at(-1)


def test_one_of_two_halves_is_not_kept_where_it_cannot_be_ended_at_once(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    composer.page.evaluate(
        "() => { customElements.get('upload-memory').prototype.knows = async () => false }"
    )
    composer.page.route(
        "**/uploads/**",
        lambda route: route.abort() if route.request.method == "DELETE" else route.continue_(),
    )
    composer.choose(a_file("rapport.pdf", MIB))
    expect_state(composer.row("rapport"), "failed")
    composer.does("rapport", "Remove")
    expect(composer.page.locator(".chosen-sentence")).to_contain_text("could not be removed")
    expect_state(composer.row("rapport"), "failed")
    composer.page.unroute("**/uploads/**")
    composer.does("rapport", "Remove")
    expect(composer.page.locator("document-upload")).to_have_count(0)
