"""Every page and state, in both languages, in light and dark, wide and at 320 px (which is 1280 px at 400 %)."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from connexion_plugin.demo.story import EMMA, JEAN, MARIE
from tests.browser.conftest import Contexts
from tests.browser.people import Visitor, follow
from tests.browser.running import Running, link_in
from tests.browser.screens import SCREENS, Screen

NARROW = 320
# The main controls: a finger needs 44 px; a link inside a sentence needs none (WCAG 2.5.8).
CONTROLS = (
    "header :is(a, button, summary), main :is(.button, .head-item, .tabs a, .filters a, .pages a, .withdraw a, a.document, .choice label, .guides h2 a, select, summary.top-item), "
    "main input:is([type=text], [type=email], [type=password], [type=search]), main .rows label"
)
MEASURE = """
(controls) => [...document.querySelectorAll(controls)]
  .filter((control) => control.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map((control) => [control, control.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 34))
  .map(([control, box]) => `${control.outerHTML.slice(0, 90)}: ${box.width} x ${box.height}`)
"""
# It would fetch the style sheets anew at each run, for a rule of its experiments; media, where there are any.
VIOLATIONS = """
async (rules) => {
  const preload = document.querySelector("audio, video") !== null;
  const only = rules ? { runOnly: rules } : {};
  const { violations } = await axe.run({ resultTypes: ["violations"], preload, ...only });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
"""
# All of axe's rules that look at colours; tests/test_contrast.py holds that a scheme changes nothing else.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
Opens = Callable[[str], Page]


@pytest.fixture
def page_of(context_of: Contexts) -> Iterator[Opens]:
    opened: list[tuple[str, Page]] = []

    def page(who: str) -> Page:
        opened.append((who, context_of(who).new_page()))
        return opened[-1][1]

    yield page
    for who, made in opened:
        made.close() if who else made.context.close()


def faults_of(page: Page) -> list[str]:
    """What the console says: a broken policy, a failed module, a warning. An answer's status is no fault."""
    found: list[str] = []

    def on_console(message: Any) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            found.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def violations_of(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds by these rules, or by all; half a megabyte of it goes to the page once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(VIOLATIONS, rules)
    return found


def hold_to_the_design(page: Page, language: str) -> None:
    page.wait_for_load_state()  # what a module adds is looked at too
    assert page.locator("html").get_attribute("lang") == f"{language}-CA"
    for size in ({"width": 1280, "height": 900}, {"width": NARROW, "height": 640}):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        assert violations_of(page) == [], size["width"]
        page.emulate_media(color_scheme="dark")
        assert violations_of(page, OF_COLOUR) == [], size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    assert page.evaluate(MEASURE, CONTROLS) == []


def hold_drawn_to_the_design(page: Page, product: Running, body: str, language: str) -> None:
    """A page that the product's own view drew elsewhere, shown in the product's place."""
    faults = faults_of(page)
    page.route("**/drawn/", lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=body))
    page.goto(f"{product.url}/{language}/connexion/drawn/")
    expect(page.locator("h1")).to_have_count(1)
    hold_to_the_design(page, language)
    assert faults == []


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_every_page_can_be_read_and_used_by_everybody(
    page_of: Opens, product: Running, screen: Screen, language: str
) -> None:
    page = page_of(screen.who)
    faults = faults_of(page)
    page.goto(product.url + screen.address(language))
    for step in screen.steps:
        step(page)
    try:
        hold_to_the_design(page, language)
    finally:
        for step in screen.after:
            step(page)
    assert faults == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_inbox_with_nothing_in_it_can_be_read_by_everybody(
    chromium: Browser, product: Running, language: str
) -> None:
    newcomer = Visitor(chromium, product, f"{uuid4().hex[:10]}@nouvelle-adresse.example", language)
    newcomer.go(newcomer.portal())
    newcomer.sign_up()
    expect(newcomer.page.locator(".empty")).to_be_visible()
    hold_to_the_design(newcomer.page, language)
    assert newcomer.faults == []
    newcomer.page.context.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_closed_conversation_and_a_withdrawn_message_can_be_read_by_everybody(
    page_of: Opens, product: Running, letter: str, language: str
) -> None:
    owner, reader = page_of(MARIE), page_of(EMMA)
    for page in (owner, reader):
        page.goto(f"{product.url}/{language}/connexion/")
        follow(page.locator(".rows .title-text > a", has_text=letter))
    window = reader.url.partition("#")[0]
    reader.locator(".envelope button").click()
    expect(reader.locator("[data-opened]")).to_be_visible()
    follow(owner.locator("p.withdraw a[href*=withdraw]"))
    follow(owner.locator("main form button.danger"))
    expect(owner.locator(".tombstone")).to_have_count(2)  # and who had opened it
    owner.goto(re.sub(r"\?.*", "close/", window))
    follow(owner.locator("main form button.primary"))
    reader.goto(window)
    expect(reader.locator(".tombstone")).to_have_count(1)
    expect(reader.locator(".window > .notice")).to_be_visible()
    for page in (reader, owner):
        page.goto(window)
        hold_to_the_design(page, language)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_link_meant_for_another_address_can_be_read_by_everybody(
    page_of: Opens, product: Running, letter: str, language: str
) -> None:
    """Jean follows the buttons of Emma's notices, until that of a conversation in which he takes no part."""
    page = page_of(JEAN)
    tried: set[str] = set()
    status, deadline = 0, time.monotonic() + 60
    while status != 404 and time.monotonic() < deadline:
        links = {link_in(mail) for mail in product.post_office.to(EMMA)} - tried
        for link in links:
            answer = page.goto(re.sub(r"/(fr|en)/", f"/{language}/", link, count=1))
            tried.add(link)
            status = answer.status if answer else 0
            if status == 404:
                break
        page.wait_for_timeout(200)
    expect(page.locator("main")).to_contain_text("@mail.example")
    hold_to_the_design(page, language)


ERRORS = """
import json
import re
import time
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import render
from django.test import RequestFactory
from django.utils import translation
from connexion_plugin.views import errors

settings.DEBUG = False
pages = {}
for language in ("fr", "en"):
    with translation.override(language):
        request = RequestFactory().get(f"/{language}/connexion/trouble/")
        request.user, request.session = AnonymousUser(), {}
        for name in ("bad_request", "permission_denied", "csrf_failure", "page_not_found", "server_error"):
            pages[f"{name}/{language}"] = getattr(errors, name)(request).content.decode()
        pages[f"too_many/{language}"] = render(request, "429.html").content.decode()
print(json.dumps(pages))
"""


@pytest.fixture(scope="session")
def error_pages(product: Running) -> dict[str, str]:
    """Development answers with pages of its own: these are the product's, drawn by its own views."""
    printed = product.manage("shell", "--verbosity", "0", "--command", ERRORS)
    pages: dict[str, str] = json.loads(printed.strip().splitlines()[-1])
    return pages


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "name", ["bad_request", "permission_denied", "csrf_failure", "page_not_found", "server_error", "too_many"]
)
def test_every_error_can_be_read_by_everybody(
    page_of: Opens, product: Running, error_pages: dict[str, str], name: str, language: str
) -> None:
    hold_drawn_to_the_design(page_of(""), product, error_pages[f"{name}/{language}"], language)
