"""A document that was begun on a page in one language goes on, on the same page in the other (spec D2)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.composing import MIB, Composer, expect_state
from tests.browser.test_uploads import Files, a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")


def test_a_document_goes_on_in_the_other_language(composer: Composer, a_file: Files) -> None:  # noqa: F811
    file = a_file("rapport annuel.pdf", 20 * MIB)
    composer.at(4 * MIB)
    composer.choose(file)
    figures = composer.row("rapport").locator(".figures")
    expect(figures).to_have_text(re.compile(r"^([5-9]|1\d)[\d.]*.MB of"))
    composer.page.on("dialog", lambda dialog: dialog.accept())
    composer.page.goto(composer.page.url.replace("/en/", "/fr/"))
    expect(composer.row("rapport")).to_contain_text("Choisissez de nouveau ce fichier")
    composer.sent.clear()
    composer.at(-1)
    composer.choose(file)
    expect_state(composer.row("rapport"), "done")
    assert min(composer.offsets()) >= 4 * MIB
    expect(composer.page.locator("document-upload")).to_have_count(1)
    assert composer.page.evaluate("localStorage.length") == 0
