"""Anne starts a conversation for one of two organizations: the limit follows what she chooses (spec D1, B6)."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from connexion_plugin.demo.story import ANNE
from tests.browser.composing import MIB, expect_state
from tests.browser.conftest import Contexts
from tests.browser.running import PATIENCE_SECONDS, Running
from tests.browser.test_every_page import faults_of, hold_to_the_design
from tests.browser.test_uploads import Files, a_file  # noqa: F401
from tests.browser.two_organizations import CLINIC, HARBOUR

pytestmark = pytest.mark.spec("D1", "B6")
TELL = "from tests.browser.two_organizations import enrol_anne_twice; enrol_anne_twice()"
LISTEN = """() => { window.heard = []; const said = document.querySelector("upload-limit");
  new MutationObserver(() => window.heard.push(said.textContent)).observe(said, { childList: true }); }"""
Starts = Callable[[str], Page]


@pytest.fixture
def two(product: Running) -> None:
    product.manage("shell", "--verbosity", "0", "--command", TELL)


@pytest.fixture
def start(two: None, context_of: Contexts, product: Running) -> Iterator[Starts]:
    """A new form."""
    page = context_of(ANNE).new_page()
    faults = faults_of(page)

    def opens(language: str) -> Page:
        page.goto(f"{product.url}/{language}/connexion/start/{uuid4()}/")
        expect(page.locator("document-uploads")).to_be_visible()
        return page

    yield opens
    page.close()
    assert faults == []


def choose(page: Page, organization: str) -> None:
    label = page.locator("[name=collaborator] option", has_text=organization).inner_text()
    page.select_option("[name=collaborator]", label=label)


def limit_said(page: Page) -> Any:
    return page.locator("upload-limit")


@pytest.mark.parametrize(
    ("language", "most", "least"),
    [("fr", r"jusqu’à 1\sGo en tout", r"jusqu’à 5\sMo en tout"), ("en", r"up to 1\sGB", r"up to 5\sMB")],
)
def test_the_hint_and_what_is_refused_follow_the_choice(
    start: Starts,
    a_file: Files,  # noqa: F811
    language: str,
    most: str,
    least: str,
) -> None:
    page = start(language)
    choose(page, CLINIC)
    expect(limit_said(page)).to_contain_text(re.compile(f"{CLINIC}.*{most}"))
    expect(limit_said(page)).to_have_attribute("role", "status")
    page.evaluate(LISTEN)
    choose(page, HARBOUR)
    expect(limit_said(page)).to_contain_text(re.compile(f"{HARBOUR}.*{least}"))
    assert len(page.evaluate("window.heard")) == 1
    page.set_input_files("[name=documents]", [a_file("plan.pdf", 6 * MIB)])
    expect(page.locator(".chosen-sentence")).to_contain_text(re.compile(r"plan\.pdf.*5\s(Mo|MB)"))
    expect(page.locator("document-upload")).to_have_count(0)
    choose(page, CLINIC)
    expect(page.locator(".chosen-sentence")).to_be_empty()
    page.set_input_files("[name=documents]", [a_file("plan.pdf", 6 * MIB)])
    expect_state(page.locator("document-upload"), "done")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_too_large_for_the_next_choice_is_said_and_not_sent(
    start: Starts,
    a_file: Files,  # noqa: F811
    language: str,
) -> None:
    page = start(language)
    exceeded = {"fr": "dépassent cette taille", "en": "are larger together"}[language]
    choose(page, CLINIC)
    page.fill("[name=title]", f"Bail {uuid4().hex[:6]}")
    page.fill("[name=addresses]", "jean.dupont@courriel.example")
    page.set_input_files("[name=documents]", [a_file("grand.pdf", 4 * MIB), a_file("petit.pdf", 2 * MIB)])
    expect(page.locator("document-upload[state=done]")).to_have_count(2)
    expect(limit_said(page)).not_to_contain_text(exceeded)
    choose(page, HARBOUR)
    expect(limit_said(page)).to_contain_text(exceeded)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.is_navigation_request() else None)
    page.locator("main form button.primary").click()
    expect(page.locator("uploads-voice")).to_contain_text(exceeded)
    expect(page.locator("document-upload", has_text="grand").get_by_role("button")).to_be_focused()
    expect(limit_said(page)).to_be_in_viewport()
    assert posts == []
    hold_to_the_design(page, language)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("document-upload", has_text="grand").locator("button[data-does=remove]").click()
    expect(limit_said(page)).not_to_contain_text(exceeded)
    with page.expect_navigation():
        page.locator("main form button.primary").click()
    expect(page.locator("h1")).to_contain_text("Bail")
    assert len(posts) >= 1


def test_a_document_chosen_right_after_is_held_to_the_limit_of_the_chosen_by_the_service_too(
    start: Starts,
    a_file: Files,  # noqa: F811
) -> None:
    page = start("en")
    choose(page, CLINIC)
    page.set_input_files("[name=documents]", [a_file("petit.pdf", 1000)])
    expect_state(page.locator("document-upload"), "done")
    choose(page, HARBOUR)
    page.evaluate("document.querySelector('document-uploads').setAttribute('limit', String(2 ** 30))")
    page.set_input_files("[name=documents]", [a_file("grand.pdf", 6 * MIB)])
    row = page.locator("document-upload", has_text="grand")
    expect_state(row, "failed")
    expect(row).to_contain_text("larger than a message may carry")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_without_scripts_each_limit_is_said_beside_the_choice(
    two: None,
    context_of: Contexts,
    product: Running,
    a_file: Files,  # noqa: F811
    language: str,
) -> None:
    known = context_of(ANNE)
    assert known.browser
    context = known.browser.new_context(
        java_script_enabled=False,
        storage_state=known.storage_state(),
        viewport={"width": 1280, "height": 900},
    )
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{product.url}/{language}/connexion/start/{uuid4()}/")
    said = page.locator(".field", has=page.locator("[name=collaborator]")).locator(".help li")
    expect(said).to_have_text([re.compile(rf"{CLINIC}.*1\sG[oB]"), re.compile(rf"{HARBOUR}.*5\sM[oB]")])
    described = str(page.locator("[name=collaborator]").get_attribute("aria-describedby"))
    expect(page.locator(f"#{described}")).to_contain_text(HARBOUR)
    expect(limit_said(page)).to_contain_text(re.compile(rf"({CLINIC}.*1\sG)|({HARBOUR}.*5\sM)"))
    choose(page, HARBOUR)
    page.fill("[name=title]", "Bail")
    page.fill("[name=addresses]", "jean.dupont@courriel.example")
    page.set_input_files("[name=documents]", [a_file("grand.pdf", 6 * MIB)])
    with page.expect_navigation():
        page.locator("main form button.primary").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(limit_said(page)).to_contain_text(re.compile(rf"{HARBOUR}.*5\sM"))
    context.close()
