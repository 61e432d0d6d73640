"""Two windows on one draft: each shows what the other brought before it is posted (spec D2)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.composing import MIB, Composer, digest, expect_posted, expect_state, received
from tests.browser.conftest import Contexts
from tests.browser.running import Running
from tests.browser.test_uploads import Files, a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")
CHANGED = "The documents of this message were changed in another window."


@pytest.fixture
def other(composer: Composer) -> Page:  # noqa: F811
    """A second tab, once the first has a draft: what was opened before knows of none."""
    composer.page.get_by_label("Message", exact=True).fill("Voici.")
    expect(composer.page.locator(".draft-state")).to_contain_text("Draft saved at")
    page = composer.page.context.new_page()
    page.goto(composer.page.url)
    return page


@pytest.fixture
def elsewhere(chromium: Browser, emma: BrowserContext, other: Page) -> Iterator[Page]:  # noqa: F811
    context = chromium.new_context(storage_state={"cookies": emma.cookies(), "origins": []})
    page = context.new_page()
    page.goto(other.url)
    yield page
    context.close()


def choose(page: Page, *files: Path) -> None:
    page.set_input_files("[name=documents]", list(files))


def test_what_one_window_has_the_other_says_is_there_already(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    other: Page,
) -> None:
    file, namesake = a_file("bail.pdf", 1000), a_file("autre.pdf", 1000)
    choose(other, file)
    expect_state(other.locator("document-upload"), "done")
    composer.choose(file)
    expect(composer.page.locator(".chosen-sentence")).to_have_text(
        "“bail.pdf” is in the list already: it was not added again."
    )
    expect_state(composer.row("bail"), "done")
    # Another of its name and size is another.
    (namesake.parent / "ailleurs").mkdir()
    namesake = namesake.replace(namesake.parent / "ailleurs" / "bail.pdf")
    composer.choose(namesake)
    expect_state(composer.row("bail (2).pdf"), "done")
    composer.submit()
    expect_posted(composer)
    assert composer.page.locator(".documents .name").all_inner_texts() == ["bail.pdf", "bail (2).pdf"]


def test_what_one_window_is_sending_the_other_goes_on_with(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    context_of: Contexts,
    product: Running,
    letter: str,
    other: Page,
) -> None:
    """As after a reload: one document, whichever of them brings its bytes."""
    file = a_file("plan.dwg", 12 * MIB)
    composer.at(4 * MIB)
    composer.choose(file)
    expect(composer.row("plan").locator(".figures")).to_contain_text("of 12")
    choose(other, file)
    composer.at(-1)
    for page in (composer.page, other):
        expect_state(page.locator("document-upload"), "done")
    composer.submit()
    expect_posted(composer)
    assert received(context_of, product, letter) == {file.name: digest(file)}


def test_one_that_two_browsers_chose_is_shown_twice_and_posted_once(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    elsewhere: Page,
) -> None:
    """By another browser, of which this one hears nothing."""
    file = a_file("bail.pdf", 1000)
    page = composer.page
    choose(elsewhere, file)
    expect_state(elsewhere.locator("document-upload"), "done")
    composer.choose(file)
    expect_state(composer.row("bail").last, "done")
    composer.submit()
    expect(page.get_by_role("alert").filter(has_text=CHANGED)).to_be_visible()
    expect(page.locator("document-upload")).to_have_count(2)
    expect(page.get_by_label("Message", exact=True)).to_have_value("Voici.")
    page.get_by_role("button", name="Remove bail (2).pdf").click()
    expect(page.locator("document-upload")).to_have_count(1)
    composer.submit()
    expect_posted(composer)
    assert page.locator(".documents .name").all_inner_texts() == ["bail.pdf"]


def test_what_another_window_has_sent_to_its_end_holds_no_message_back(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    other: Page,
) -> None:
    composer.at(1 * MIB)
    composer.choose(a_file("plan.dwg", 5 * MIB))
    expect(composer.row("plan").locator(".figures")).to_contain_text("of 5")
    choose(other, a_file("bail.pdf", 1000))
    expect_state(other.locator("document-upload", has_text="plan"), "unfinished")
    expect_state(other.locator("document-upload", has_text="bail"), "done")
    other.get_by_role("button", name="Submit").click()
    expect(other.locator(".chosen-sentence")).to_contain_text("“plan.dwg” has not arrived")
    composer.at(-1)
    expect_state(composer.row("plan"), "done")
    other.get_by_role("button", name="Submit").click()
    expect(other.locator("[role=status]").first).to_contain_text("Your message is posted.")
    assert sorted(other.locator(".documents .name").all_inner_texts()) == ["bail.pdf", "plan.dwg"]
