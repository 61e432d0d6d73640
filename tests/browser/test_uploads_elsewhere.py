"""A document that was begun in another browser, and of which this one knows nothing, where a limit says no (spec D2)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.composing import MIB, Composer, expect_state
from tests.browser.test_uploads import Files, a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")
BEGIN = """async (length) => {
  const home = document.querySelector("document-uploads");
  const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": String(length), "Upload-Metadata": "filename " + btoa("ailleurs.pdf"), "X-CSRFToken": home.token };
  return (await fetch(home.getAttribute("create"), { method: "POST", headers })).status;
}"""
TELLS = "“ailleurs.pdf” is not sent to its end, and takes the room: remove it, then try again."


def test_the_page_tells_what_takes_the_room_before_anything_is_sent(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    page = composer.page
    assert page.evaluate(BEGIN, 6 * MIB) == 201
    page.reload()
    expect_state(composer.row("ailleurs"), "unfinished")
    page.evaluate(
        "(most) => document.querySelector('document-uploads').setAttribute('limit', most)", 10 * MIB
    )
    composer.choose(a_file("corrigé.pdf", 6 * MIB))
    alert = page.locator(".chosen-sentence")
    expect(alert).to_contain_text("“corrigé.pdf” was not added")
    expect(alert).to_contain_text(TELLS)
    page.get_by_role("button", name="Remove ailleurs.pdf").click()
    expect(composer.row("ailleurs")).to_have_count(0)
    composer.choose(a_file("corrigé.pdf", 6 * MIB))
    expect_state(composer.row("corrigé"), "done")


def test_what_another_browser_began_since_is_listed_where_the_server_says_no(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    page = composer.page
    assert page.evaluate(BEGIN, 6 * MIB) == 201
    refusal = {"status": 413, "content_type": "text/plain", "headers": {"Tus-Resumable": "1.0.0"}}
    page.route(
        composer.creations(),
        lambda route: (
            route.fulfill(body="Your drafts already hold as many documents", **refusal)
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    composer.choose(a_file("corrigé.pdf", 1000))
    expect_state(composer.row("corrigé"), "failed")
    expect(page.locator(".chosen-sentence")).to_have_text(TELLS)
    expect_state(composer.row("ailleurs"), "unfinished")
    page.unroute(composer.creations())
    page.get_by_role("button", name="Remove ailleurs.pdf").click()
    expect(composer.row("ailleurs")).to_have_count(0)
    composer.does("corrigé", re.compile("Try"))  # type: ignore[arg-type]
    expect_state(composer.row("corrigé"), "done")
