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


def test_what_was_promised_is_posted_although_the_draft_could_not_be_saved_just_then(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    """Nobody looks at the page any more: it was to go once its documents have arrived."""
    composer.page.get_by_label("Message", exact=True).fill("Voici.")
    expect(composer.page.locator(".draft-state")).to_contain_text("Draft saved at")
    composer.at(1 * MIB)
    composer.choose(a_file("plan.dwg", 4 * MIB))
    expect(composer.row("plan").locator(".figures")).to_contain_text("of 4")
    composer.submit()
    expect(composer.page.locator(".chosen-sentence")).to_contain_text("is posted as soon as")
    composer.page.get_by_label("Message", exact=True).press_sequentially(" Enfin.")
    saves = f"**{composer.page.locator('draft-keeper').get_attribute('save')}"
    composer.page.route(saves, lambda route: route.abort())
    composer.at(-1)
    expect_state(composer.row("plan"), "done")
    expect(composer.page.locator(".draft-trouble")).not_to_be_empty()
    composer.page.unroute(saves)
    expect(composer.page.locator("[role=status]").first).to_contain_text(
        "Your message is posted.", timeout=30_000
    )
    assert composer.page.locator(".documents .name").all_inner_texts() == ["plan.dwg"]


def test_without_what_sends_them_the_plain_control_stands(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    page = composer.page
    page.route("**/document-upload.*js", lambda route: route.abort())
    page.reload()
    composer.choose(a_file("bail.pdf", 1000))
    page.get_by_role("button", name="Submit").click()
    expect_posted(composer)
    assert page.locator(".documents .name").all_inner_texts() == ["bail.pdf"]
