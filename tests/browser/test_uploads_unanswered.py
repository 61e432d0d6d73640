"""Documents whose beginning the server does not answer, or not yet: none is begun or sent twice (spec D2)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.composing import MIB, Composer, digest, expect_posted, expect_state, received
from tests.browser.conftest import Contexts
from tests.browser.running import Running
from tests.browser.test_uploads import Files, a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")
# A minute of the page lasts a tenth of a second.
HURRY = """() => {
  const { set, get } = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, "timeout");
  window.patience = [];
  Object.defineProperty(XMLHttpRequest.prototype, "timeout", { get, set(ms) { window.patience.push(ms); set.call(this, ms / 600); } });
}"""
LISTEN = """() => { window.heard = []; const voice = document.querySelector("uploads-voice");
  new MutationObserver(() => window.heard.push(voice.textContent)).observe(voice, { childList: true }); }"""


@pytest.mark.parametrize("name", ["acte.pdf", "devis\u202f2026  final.pdf", ".acte.pdf"])
def test_an_answer_that_is_lost_does_not_send_a_document_twice(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    context_of: Contexts,
    product: Running,
    letter: str,
    name: str,
) -> None:
    """Whatever the server calls the document."""
    file = a_file(name, 1000)
    lost = composer.loses_the_first_answer()
    composer.choose(file)
    expect_state(composer.page.locator("document-upload").first, "done")
    assert lost == [201]
    composer.submit()
    expect_posted(composer)
    assert list(received(context_of, product, letter).values()) == [digest(file)]


def test_a_pause_before_the_beginning_was_answered_begins_and_sends_nothing_twice(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    arrive = composer.holds_the_first_answer(a_file("acte.pdf", MIB))
    for _ in range(2):
        composer.does("acte", "Pause")
        expect_state(composer.row("acte"), "paused")
        composer.does("acte", "Continue")
    create = str(composer.page.locator("document-uploads").get_attribute("create"))
    arrive()
    expect_state(composer.row("acte"), "done")
    composer.page.wait_for_timeout(500)  # a second sender would ask how far it is, and send the same
    methods = [one.method for one in composer.sent if "/uploads/" in one.url or one.url.endswith(create)]
    assert methods == ["POST", "PATCH"]
    composer.page.reload()
    expect(composer.page.locator("document-upload")).to_have_count(1)


def test_what_is_taken_back_before_its_beginning_was_answered_leaves_nothing(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    arrive = composer.holds_the_first_answer(a_file("acte.pdf", MIB))
    composer.does("acte", "Remove")
    arrive()
    expect(composer.row("acte")).to_have_count(0)
    composer.page.reload()
    expect(composer.page.locator("document-upload")).to_have_count(0)


@pytest.mark.parametrize("is_begun", [True, False])
def test_a_beginning_that_is_never_answered_is_tried_again(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    is_begun: bool,
) -> None:
    """The line stands and says nothing more: a row would stand still for ever, and those behind it wait."""
    silent: list[Any] = []

    def say_nothing(route: Any) -> None:
        if route.request.method == "POST" and not silent:
            silent.append(route.fetch() if is_begun else route)
        else:
            route.continue_()

    composer.page.evaluate(HURRY)
    composer.page.evaluate(LISTEN)
    composer.page.route(composer.creations(), say_nothing)
    composer.choose(a_file("acte.pdf", 1000), a_file("plan.pdf", 1000))
    for name in ("acte", "plan"):
        expect_state(composer.row(name), "done")
    assert set(composer.page.evaluate("window.patience")) == {60_000}
    assert re.match(r"“acte\.pdf”: The service cannot be reached", composer.page.evaluate("window.heard[0]"))
    composer.page.reload()
    expect(composer.page.locator("document-upload")).to_have_count(2)
