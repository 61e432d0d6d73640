"""Pieces of which nothing is heard any more: the line forgot them, and tells nobody (spec D2)."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.composing import MIB, Composer, digest, expect_posted, expect_state, received
from tests.browser.conftest import Contexts
from tests.browser.running import Running
from tests.browser.test_uploads import Files, a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")
LISTEN = """() => { window.heard = []; const voice = document.querySelector("uploads-voice");
  new MutationObserver(() => window.heard.push(voice.textContent)).observe(voice, { childList: true }); }"""
WAKES = {
    "online": "window.dispatchEvent(new Event('online'))",
    "seen": "document.dispatchEvent(new Event('visibilitychange'))",
    "shown": "window.dispatchEvent(new PageTransitionEvent('pageshow'))",
}


def forgets_the_first_piece(composer: Composer) -> list[Any]:  # noqa: F811
    """From here on minutes pass when a test says so; gives what is never answered."""
    forgotten: list[Any] = []

    def forget(route: Any) -> None:
        if route.request.method == "PATCH" and not forgotten:
            forgotten.append(route)
        else:
            route.continue_()

    composer.page.clock.install()
    composer.page.evaluate(LISTEN)
    composer.page.route("**/uploads/**", forget)
    return forgotten


def expect_silence(composer: Composer, forgotten: list[Any]) -> None:  # noqa: F811
    while not forgotten:
        composer.page.wait_for_timeout(20)
    composer.page.wait_for_timeout(300)
    expect_state(composer.row("acte"), "sending")


def asked(composer: Composer) -> list[str]:  # noqa: F811
    return [
        one.method
        for one in composer.sent
        if one.method in {"POST", "HEAD", "PATCH"} and "/uploads" in one.url
    ]


def test_a_piece_that_is_never_answered_is_sent_again_and_the_message_goes(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    context_of: Contexts,
    product: Running,
    letter: str,
) -> None:
    file = a_file("acte.pdf", 5 * MIB)
    forgotten = forgets_the_first_piece(composer)
    composer.choose(file)
    composer.submit()
    expect_silence(composer, forgotten)
    composer.page.clock.fast_forward(50_000)
    composer.page.wait_for_timeout(300)
    expect_state(composer.row("acte"), "sending")
    composer.page.clock.fast_forward(20_000)
    expect_state(composer.row("acte"), "offline")
    assert composer.page.evaluate("window.heard[0]").startswith("“acte.pdf”: The service cannot be reached")
    expect_posted(composer)
    assert asked(composer)[-3:] == ["HEAD", "PATCH", "PATCH"]
    assert received(context_of, product, letter) == {file.name: digest(file)}


@pytest.mark.parametrize("wake", WAKES.values(), ids=WAKES)
def test_who_comes_back_to_a_silent_piece_waits_for_it_no_longer(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    wake: str,
) -> None:
    forgotten = forgets_the_first_piece(composer)
    composer.choose(a_file("acte.pdf", 1000))
    expect_silence(composer, forgotten)
    composer.page.clock.fast_forward(20_000)  # the lid is shut
    expect_state(composer.row("acte"), "sending")
    composer.page.evaluate(wake)
    expect(composer.row("acte")).to_have_attribute("state", "done", timeout=15_000)


def test_a_piece_that_had_just_begun_is_given_a_moment_to_show_that_its_line_stands(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    forgotten = forgets_the_first_piece(composer)
    composer.choose(a_file("acte.pdf", 1000))
    expect_silence(composer, forgotten)
    composer.page.evaluate(WAKES["online"])
    composer.page.wait_for_timeout(300)
    expect_state(composer.row("acte"), "sending")
    composer.page.clock.fast_forward(11_000)
    expect(composer.row("acte")).to_have_attribute("state", "done", timeout=15_000)


def test_a_slow_line_that_moves_is_given_all_the_time_it_needs(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    composer.page.clock.install()
    composer.at(MIB)
    composer.choose(a_file("acte.pdf", 6 * MIB))
    expect(composer.row("acte").locator(".figures")).to_contain_text("of 6")
    for wake in WAKES.values():
        composer.page.evaluate(wake)
        sent = composer.page.evaluate("document.querySelector('document-upload').sent")
        composer.page.wait_for_function(
            "(sent) => document.querySelector('document-upload').sent > sent", arg=sent
        )
        composer.page.clock.fast_forward(50_000)
    composer.at(-1)
    expect_state(composer.row("acte"), "done")
    assert "HEAD" not in asked(composer)
