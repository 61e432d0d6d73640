"""The SHA-256 of a document, shown to both sides with a button that copies it (spec D5); in French, by keyboard."""

import hashlib
import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connexion_plugin.demo.story import EMMA
from tests.browser.composing import Composer, expect_posted
from tests.browser.conftest import Contexts
from tests.browser.running import Running
from tests.browser.test_by_keyboard import is_ringed, tab_to

pytestmark = pytest.mark.spec("D5")
CONTENT = "Clause 12, déjà signée.".encode()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def window(context_of: Contexts, product: Running, letter: str) -> Page:
    """Emma's window in French, once the worker has read the document that she posted."""
    context: BrowserContext = context_of(EMMA)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.url)
    composer = Composer(context, product, letter)
    composer.choose({"name": "Bail signé.pdf", "mimeType": "application/pdf", "buffer": CONTENT})
    composer.page.get_by_label("Message", exact=True).fill("Voici.")
    composer.submit()
    expect_posted(composer)
    page = composer.page
    page.goto(page.url.replace("/en/", "/fr/", 1))
    for _ in range(60):
        if page.locator("copy-text").count():
            return page
        time.sleep(0.5)
        page.reload()
    raise AssertionError("the worker has not read the document")


def test_one_opens_it_and_copies_it_by_keyboard_and_hears_that_it_was_done(window: Page) -> None:
    tab_to(window, "summary:has(+ copy-text)")
    expect(window.locator("summary:focus")).to_have_text("Empreinte (SHA-256)")
    assert is_ringed(window)
    window.keyboard.press("Enter")
    expect(window.locator("copy-text code")).to_have_text(SHA256)
    window.keyboard.press("Tab")
    button = window.locator("copy-text button:focus")
    expect(button).to_have_text("Copier")
    # The visible word comes first, then which of them it is.
    expect(button).to_have_accessible_name("Copier – Empreinte (SHA-256)\u00a0: Bail signé.pdf")
    assert is_ringed(window)
    window.keyboard.press("Enter")
    expect(window.locator("copy-text [role=status]")).to_have_text("Copiée")
    assert window.evaluate("navigator.clipboard.readText()") == SHA256
    expect(button).to_be_focused()


def test_where_copying_is_not_allowed_it_is_selected_and_one_reads_what_to_do(window: Page) -> None:
    window.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    window.locator("summary:has(+ copy-text)").click()
    window.locator("copy-text button").click()
    expect(window.locator("copy-text [role=status]")).to_have_text("Sélectionnez-la et copiez-la")
    assert window.evaluate("getSelection().toString()").strip() == SHA256
