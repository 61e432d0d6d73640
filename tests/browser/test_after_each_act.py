"""Where the focus is after each act, by keyboard alone, and what says that it was done (WCAG 2.4.3, 4.1.3)."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from connexion_plugin.demo.story import EMMA, JEAN, MARIE
from tests.browser.people import follow
from tests.browser.running import Running
from tests.browser.screens import BUDGET, conversation
from tests.browser.test_every_page import Opens, page_of  # noqa: F401
from tests.browser.test_main_job import tab_to

# What somebody hears of what was done: the place that has the focus, or what came into a live region since, which is
# emptied again after some seconds.
LISTEN = """document.addEventListener("DOMContentLoaded", () => {
  window.heard = [];
  const announcer = document.querySelector("[data-announcer]");
  if (announcer) new MutationObserver(() => window.heard.push(announcer.textContent)).observe(announcer, { childList: true });
})"""
SAID = """words => [document.activeElement?.closest(".notice, .error-summary, [data-opened]")?.textContent ?? "", ...window.heard]
  .some((heard) => heard.includes(words))"""
TELL = """
from connexion_plugin.demo.story import JEAN, MARIE, Post, Thread
from connexion_plugin.demo.telling import tell
from tests.browser.rare_states import ORGANIZATION
tell(Thread(ORGANIZATION, {title!r}, [JEAN], [Post(MARIE, 8, "À signer.", opened_by=[JEAN], expires_in_days=10)]))
"""


def listening(page: Page) -> Page:
    page.add_init_script(LISTEN)
    return page


def expect_said(page: Page, words: str) -> None:
    page.wait_for_function(SAID, arg=words)


def press(page: Page, selector: str) -> None:
    """What leads to another page, reached and pressed by keyboard."""
    tab_to(page, page.locator(selector).first)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def window_of(page: Page, product: Running, title: str) -> str:
    page.goto(f"{product.url}/fr/connexion/")
    follow(page.locator(".rows .title-text > a", has_text=title))
    return re.sub(r"[?#].*", "", page.url)


@pytest.mark.spec("C9", "C10", "C12")
def test_an_owner_hears_of_everything_that_was_done(
    page_of: Opens,  # noqa: F811
    product: Running,
    letter: str,
) -> None:
    page = listening(page_of(MARIE))
    window = window_of(page, product, letter)
    press(page, ".window-head a[href*='/readers/']")
    press(page, "a[href*='/invite/']")
    tab_to(page, page.locator("textarea[name=addresses]"))
    page.keyboard.type("nobody")
    press(page, "main form button.primary")
    expect_said(page, "corriger")
    page.fill("textarea[name=addresses]", f"{uuid4().hex[:8]}@exemple.ca, {EMMA}")
    press(page, "main form button.primary")
    expect_said(page, "1 personne est invitée.")
    expect_said(page, "Déjà dans cette conversation")
    for may_reply in ("peut lire, sans répondre", "peut répondre"):
        press(page, f"li:has-text('{EMMA}') button[name=may_reply]")
        expect_said(page, f"{EMMA} {may_reply}")
    press(page, f"li:has-text('{EMMA}') a[href*='/remove/']")
    press(page, "main form button.danger")
    expect_said(page, EMMA)
    press(page, f"li:has-text('{EMMA}') form[action*='/readmit/'] button")
    expect_said(page, EMMA)
    press(page, "a[href*='/close/']")
    press(page, "main form button.primary")
    expect_said(page, "La conversation est fermée")
    page.goto(f"{window}readers/")
    press(page, "form[action*='/reopen/'] button")
    expect_said(page, "La conversation est rouverte.")
    page.goto(f"{window}activity/")
    press(page, "a[href*='verify=']")
    expect_said(page, "L’historique est intact")
    page.goto(window)
    press(page, "p.withdraw a[href*=expiry]")
    page.fill("input[name=day]", (datetime.now(UTC) + timedelta(days=90)).date().isoformat())
    press(page, "main form button.primary")
    expect_said(page, "Le message expire maintenant le")
    page.goto(window)
    press(page, "p.withdraw a[href*=withdraw]")
    press(page, "main form button.danger")
    expect_said(page, "Le message est retiré")


@pytest.mark.spec("E2")
@pytest.mark.parametrize("answer", ["grant", "decline"])
def test_who_asks_for_time_and_who_answers_hears_of_it(
    page_of: Opens,  # noqa: F811
    product: Running,
    answer: str,
) -> None:
    title = f"Bail {uuid4().hex[:6]}"
    product.manage("shell", "--verbosity", "0", "--command", TELL.format(title=title))
    reader, owner = listening(page_of(JEAN)), listening(page_of(MARIE))
    reader.goto(product.url + conversation(title).format(language="fr"))
    press(reader, ".more-time form button")
    expect_said(reader, "délai")
    owner.goto(product.url + conversation(title).format(language="fr"))
    press(owner, f".more-time form[action*='{answer}'] button")
    expect_said(owner, "expire")


@pytest.mark.spec("C2")
def test_earlier_messages_begin_where_one_goes_on(page_of: Opens, product: Running) -> None:  # noqa: F811
    page = page_of(EMMA)
    page.goto(product.url + conversation(BUDGET).format(language="fr"))
    press(page, ".batch a[href*='show=']")
    first = page.locator("article.message").first
    expect(page.locator("article.message")).to_have_count(7)
    expect(first).to_be_in_viewport()
    page.keyboard.press("Tab")  # from there on, and not from the head of the page
    assert page.evaluate("document.activeElement.closest('article.message') !== null")
