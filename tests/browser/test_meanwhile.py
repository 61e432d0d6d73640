"""What one meets when something happened while a page stood open is as readable as the page was."""

import pytest
from playwright.sync_api import Page, expect

from connexion_plugin.demo.story import EMMA, MARIE
from tests.browser.people import follow
from tests.browser.running import Running
from tests.browser.test_every_page import Opens, hold_to_the_design, page_of  # noqa: F401

TYPED = "Je vous réponds dès que possible."


def composing(page: Page, product: Running, letter: str, language: str) -> str:
    """Emma types an answer, on the page without a dialog; gives the window's address."""
    page.goto(f"{product.url}/{language}/connexion/")
    follow(page.locator(".rows .title-text > a", has_text=letter))
    window = page.url.partition("?")[0].partition("#")[0]
    page.goto(page.locator("[data-compose-link]").evaluate("link => link.href"))
    page.fill("textarea[name=text]", TYPED)
    return window


def submit(page: Page) -> None:
    """What was typed since the last save is kept first: the page goes when that is done."""
    follow(page.locator("main form[method=post] button.primary"))


@pytest.mark.spec("C8", "C10")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_who_was_removed_meanwhile_finds_their_words_and_the_reason(
    page_of: Opens,  # noqa: F811
    product: Running,
    letter: str,
    language: str,
) -> None:
    reader, owner = page_of(EMMA), page_of(MARIE)
    window = composing(reader, product, letter, language)
    owner.goto(f"{window}readers/")
    follow(owner.locator(".readers .actions a[href*='/remove/']"))
    follow(owner.locator("main form button.danger"))
    expect(owner.locator("main")).to_contain_text(EMMA)
    hold_to_the_design(owner, language)
    submit(reader)
    expect(reader.locator("textarea")).to_have_value(TYPED)
    hold_to_the_design(reader, language)


@pytest.mark.spec("C8", "C12")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_conversation_that_was_closed_meanwhile_keeps_the_words(
    page_of: Opens,  # noqa: F811
    product: Running,
    letter: str,
    language: str,
) -> None:
    reader, owner = page_of(EMMA), page_of(MARIE)
    window = composing(reader, product, letter, language)
    expect(reader.locator(".draft-state")).not_to_be_empty()
    owner.goto(f"{window}close/")
    follow(owner.locator("main form button.primary"))
    expect(owner.locator(".window > .notice")).to_be_visible()
    submit(reader)
    expect(reader.locator("textarea")).to_have_value(TYPED)
    hold_to_the_design(reader, language)
    reader.goto(window)
    hold_to_the_design(reader, language)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_contact_that_was_deleted_can_be_brought_back_by_everybody(
    page_of: Opens,  # noqa: F811
    product: Running,
    language: str,
) -> None:
    page = page_of(MARIE)
    page.goto(f"{product.url}/{language}/connexion/address-book/")
    page.locator(".contacts [type=checkbox][name]").last.check()
    follow(page.locator(".inbox-bar .delete"))
    expect(page.locator("form.undo").first).to_be_visible()
    hold_to_the_design(page, language)
    follow(page.locator("form.undo button").first)
    expect(page.locator(".announcements")).to_be_visible()
    hold_to_the_design(page, language)
