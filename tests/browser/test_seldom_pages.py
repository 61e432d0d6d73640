"""What few people ever meet is as readable as all the rest: searches that stopped, words given back, drafts that
cannot be kept."""

import json
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from connexion_plugin.demo.story import EMMA, MARIE
from tests.browser.conftest import Contexts
from tests.browser.people import follow
from tests.browser.running import PATIENCE_SECONDS, Running
from tests.browser.test_every_page import Opens, hold_drawn_to_the_design, hold_to_the_design, page_of  # noqa: F401

DRAWN = [
    "no-address",
    "search-stopped",
    "search-stopped-with-nothing",
    "not-found-signed-in",
    "invited-in-vain",
]
TYPED = "Je vous réponds dès que possible : les deux chèques sont partis mardi."


@pytest.fixture(scope="session")
def drawn(product: Running, rare: None) -> dict[str, str]:
    command = "from tests.browser.drawn_pages import draw_all; print(draw_all())"
    printed = product.manage("shell", "--verbosity", "0", "--command", command)
    pages: dict[str, str] = json.loads(printed.strip().splitlines()[-1])
    return pages


@pytest.mark.spec("B7", "C8")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", DRAWN)
def test_what_no_browser_brings_about_can_be_read_by_everybody(
    page_of: Opens,  # noqa: F811
    product: Running,
    drawn: dict[str, str],
    name: str,
    language: str,
) -> None:
    hold_drawn_to_the_design(page_of(""), product, drawn[f"{name}/{language}"], language)


def leaving(context_of: Contexts, chromium: Browser, who: str) -> Page:
    """A page whose session can end without anybody else's."""
    context = chromium.new_context(storage_state=context_of(who).storage_state())
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context.new_page()


def send_as_without_scripts(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form[method=post]").evaluate("form => HTMLFormElement.prototype.submit.call(form)")


@pytest.mark.spec("C8")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_words_that_come_back_after_the_session_can_be_read_by_everybody(
    context_of: Contexts, chromium: Browser, product: Running, language: str
) -> None:
    page = leaving(context_of, chromium, MARIE)
    page.goto(f"{product.url}/{language}/connexion/start/")
    page.fill("[name=title]", "Clés du 12, rue Saint-Jean")
    page.fill("[name=addresses]", EMMA)
    page.fill("[name=text]", TYPED)
    page.context.clear_cookies(name="sessionid")
    send_as_without_scripts(page)
    expect(page.locator("textarea#typed-text")).to_have_value(TYPED)
    hold_to_the_design(page, language)
    boxes = [box for field in page.locator(".field").all() if (box := field.bounding_box())]
    assert len(boxes) == 3
    assert all(below["y"] - above["y"] - above["height"] >= 20 for above, below in pairwise(boxes))
    page.context.close()


@pytest.mark.spec("C8")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_draft_that_cannot_be_kept_can_be_read_by_everybody(
    context_of: Contexts, chromium: Browser, product: Running, letter: str, language: str
) -> None:
    """Signed out meanwhile: first the page says so, then a submit without scripts gives the words back."""
    page = leaving(context_of, chromium, EMMA)
    page.goto(f"{product.url}/{language}/connexion/")
    follow(page.locator(".rows .title-text > a", has_text=letter))
    page.goto(page.locator("[data-compose-link]").evaluate("link => link.href"))
    page.context.clear_cookies(name="sessionid")
    page.fill("textarea[name=text]", TYPED)
    expect(page.locator(".draft-trouble a")).to_be_visible()
    hold_to_the_design(page, language)
    send_as_without_scripts(page)
    expect(page.locator("textarea#typed-text")).to_have_value(TYPED)
    hold_to_the_design(page, language)
    page.context.close()
