"""The main job, with nothing but a keyboard, and in a browser that runs no scripts (design: everywhere)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from connexion_plugin.demo.story import PASSWORD
from tests.browser.conftest import TEXT, Contexts
from tests.browser.people import follow
from tests.browser.running import PATIENCE_SECONDS, Running
from tests.browser.test_every_page import violations_of

PATIENCE = 60


@pytest.fixture
def fresh(chromium: Browser) -> Iterator[Any]:
    made: list[Any] = []

    def context(**options: Any) -> Page:
        made.append(chromium.new_context(viewport={"width": 1280, "height": 900}, **options))
        made[-1].set_default_timeout(PATIENCE_SECONDS * 1000)
        page: Page = made[-1].new_page()
        return page

    yield context
    for context_made in made:
        context_made.close()


def tab_to(page: Page, target: Locator) -> None:
    """Tab after Tab, until the focus is there: what cannot be reached so does not exist for many people."""
    expect(target).to_be_visible()
    for _ in range(PATIENCE):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{PATIENCE} tabs did not reach {target}")


def is_outlined(target: Locator) -> bool:
    width: float = target.evaluate(
        "element => Math.max(...[element, element.closest('tr')].filter(Boolean)"
        ".map((one) => getComputedStyle(one)).map((style) => style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)))"
    )
    return width >= 3


@pytest.mark.spec("C5", "C7", "D1", "I1")
def test_the_main_job_needs_a_keyboard_and_nothing_else(
    fresh: Any, letter: str, product: Running, tmp_path: Path
) -> None:
    page = fresh()
    # Somebody listens from the start: the browser is told so without waiting, and must know before the key.
    page.on("filechooser", lambda chooser: None)
    page.goto(f"{product.url}/en/connexion/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.locator("[name=login]"))
    page.keyboard.type("emma.clarke@mail.example")
    tab_to(page, page.locator("[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    row = page.get_by_role("link", name=letter).first
    tab_to(page, row)
    assert is_outlined(row)
    page.keyboard.press("Enter")
    opener = page.get_by_role("button", name="Open", exact=True)
    tab_to(page, opener)
    assert is_outlined(opener)
    page.keyboard.press("Enter")
    opened = page.locator("[data-opened]")
    expect(opened).to_contain_text(TEXT)
    expect(opened).to_be_focused()
    assert violations_of(page) == []

    post = page.get_by_role("link", name="Post a message")
    tab_to(page, post)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add a message")
    expect(dialog.locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(post).to_be_focused()

    page.keyboard.press("Enter")
    expect(dialog.locator("textarea")).to_be_focused()
    page.keyboard.type("Merci, je passerai demain.")
    chooser = dialog.locator("input[type=file]")
    tab_to(page, chooser)
    (tmp_path / "reçu.pdf").write_bytes(b"%PDF-1.7 demain")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(tmp_path / "reçu.pdf")
    expect(dialog.locator(".chosen li")).to_contain_text("reçu.pdf")
    assert violations_of(page) == []
    tab_to(page, dialog.get_by_role("button", name="Submit"))
    page.keyboard.press("Enter")
    expect(page.locator(".announcements")).to_contain_text("Your message is posted.")
    expect(page.locator(".message.mine")).to_contain_text("reçu.pdf")


@pytest.mark.spec("C5", "C7", "D2", "I1")
def test_the_main_job_needs_no_scripts(fresh: Any, letter: str, product: Running, tmp_path: Path) -> None:
    page = fresh(java_script_enabled=False)
    page.goto(f"{product.url}/en/connexion/")
    page.fill("[name=login]", "emma.clarke@mail.example")
    page.fill("[name=password]", PASSWORD)
    follow(page.locator("main form button.primary"))

    follow(page.get_by_role("link", name=letter).first)
    expect(page.locator("main")).not_to_contain_text(TEXT)
    follow(page.get_by_role("button", name="Open", exact=True))
    expect(page.locator("[data-opened]")).to_contain_text(TEXT)

    follow(page.get_by_role("link", name="Post a message"))
    expect(page.locator("h1")).to_have_text("Add a message")
    follow(page.get_by_role("button", name="Submit"))
    expect(page.locator(".error-summary")).to_be_visible()
    page.fill("[name=text]", "Merci, je passerai demain.")
    (tmp_path / "reçu.pdf").write_bytes(b"%PDF-1.7 demain")
    page.set_input_files("[name=documents]", tmp_path / "reçu.pdf")
    follow(page.get_by_role("button", name="Submit"))
    expect(page.locator(".announcements")).to_contain_text("Your message is posted.")
    expect(page.locator(".message.mine")).to_contain_text("reçu.pdf")

    page.get_by_role("banner").locator("summary").click()
    follow(page.get_by_role("button", name="Sign out"))
    page.goto(f"{product.url}/en/connexion/")
    expect(page.locator("[name=password]")).to_be_visible()


@pytest.mark.spec("I2")
def test_the_tabs_count_what_comes_while_one_looks(
    fresh: Any, context_of: Contexts, product: Running
) -> None:
    page = fresh()
    page.clock.install()
    page.goto(f"{product.url}/en/connexion/")
    page.fill("[name=login]", "jean.dupont@courriel.example")
    page.fill("[name=password]", PASSWORD)
    follow(page.locator("main form button.primary"))
    tab = page.locator(".tabs a", has_text="jean.dupont@courriel.example")
    before = int(tab.locator(".count > [aria-hidden]").inner_text())

    marie = context_of("marie.tremblay@etude-tremblay-roy.example").new_page()
    marie.goto(f"{product.url}/en/connexion/start/")
    marie.fill("[name=title]", "Un dernier point")
    marie.fill("[name=addresses]", "jean.dupont@courriel.example")
    marie.fill("[name=text]", TEXT)
    follow(marie.locator("main form[method=post] button.primary"))
    expect(marie.locator("h1")).to_have_text("Un dernier point")
    marie.close()

    expect(tab.locator(".count > [aria-hidden]")).to_have_text(str(before))
    page.clock.fast_forward(31_000)
    expect(tab.locator(".count > [aria-hidden]")).to_have_text(str(before + 1))
    expect(tab.locator(".count .visually-hidden")).to_have_text(f"{before + 1} unread conversations")
