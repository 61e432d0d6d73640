"""The counts follow while one looks; a page in the background, or of a session that ended, troubles nobody (spec I2)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from connexion_plugin.demo.story import EMMA
from tests.browser.conftest import Contexts
from tests.browser.running import Running

IN_SIGHT = """isInSight => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => !isInSight });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
COUNT = "[data-persona] .count"


@pytest.fixture
def inbox(context_of: Contexts, product: Running, letter: str) -> Iterator[Page]:
    """Emma's, with something unread; the clock is the browser's."""
    page = context_of(EMMA).new_page()
    page.clock.install()
    page.goto(f"{product.url}/en/connexion/")
    expect(page.locator(COUNT).first).to_be_visible()
    yield page
    page.close()


@pytest.mark.spec("I2")
def test_in_the_background_nothing_is_asked_and_once_it_is_looked_at_again_at_once(inbox: Page) -> None:
    asked: list[str] = []
    inbox.on("request", lambda request: asked.append(request.url))
    inbox.evaluate(IN_SIGHT, False)
    inbox.clock.run_for(10 * 60_000)
    assert asked == []
    with inbox.expect_response("**/unread/"):
        inbox.evaluate(IN_SIGHT, True)
    inbox.evaluate(IN_SIGHT, False)
    inbox.evaluate(IN_SIGHT, True)  # a moment later it has just been asked
    with inbox.expect_response("**/unread/"):
        inbox.clock.run_for(30_500)
    assert len(asked) == 2


@pytest.mark.spec("I2")
def test_after_a_lost_session_the_counts_stay_and_no_sign_in_page_is_fetched_for_them(
    context_of: Contexts, inbox: Page
) -> None:
    shown, address = inbox.locator(COUNT).first.inner_text(), inbox.url
    answers: list[tuple[str, int]] = []
    inbox.on("response", lambda answer: answers.append((answer.url, answer.status)))
    kept = context_of(EMMA).cookies()
    context_of(EMMA).clear_cookies(name="sessionid")
    try:
        for _half_minute in range(3):
            with inbox.expect_response("**/unread/"):
                inbox.clock.run_for(30_500)
    finally:
        context_of(EMMA).add_cookies(kept)
    assert [(url.rpartition("/connexion/")[2], status) for url, status in answers] == [("unread/", 302)] * 3
    assert (inbox.locator(COUNT).first.inner_text(), inbox.url) == (shown, address)
    expect(inbox.locator("[data-news]")).to_be_hidden()
    with inbox.expect_response(lambda answer: answer.url.endswith("/unread/") and answer.status == 200):
        inbox.clock.run_for(30_500)  # signed in again in another tab
