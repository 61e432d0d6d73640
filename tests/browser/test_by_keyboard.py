"""The inbox and the window by keyboard alone, and what is read out after each act (goals of design.md, WCAG 2.1.1, 2.4.3, 4.1.3)."""

import re

import pytest
from playwright.sync_api import Page, expect

from connexion_plugin.demo.story import EMMA
from tests.browser.conftest import TEXT, Contexts
from tests.browser.people import follow
from tests.browser.running import Running

STEPS = 60  # presses of Tab after which a thing cannot be reached


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is on such an element."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
    raise AssertionError(f"{selector} was not reached")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement?.outerHTML.slice(0, 200) ?? ''"))


def is_ringed(page: Page) -> bool:
    """Whether one sees where the focus is: on the element, or on the row that it stands for."""
    return bool(
        page.evaluate(
            """() => { const ringed = (e) => e && getComputedStyle(e).outlineStyle !== 'none'
                 && parseFloat(getComputedStyle(e).outlineWidth) >= 3;
               return ringed(document.activeElement) || ringed(document.activeElement?.closest('tr')); }"""
        )
    )


@pytest.fixture
def page(context_of: Contexts) -> Page:
    return context_of(EMMA).new_page()


def test_a_letter_is_found_opened_answered_and_left_by_keyboard_alone(
    page: Page, product: Running, letter: str
) -> None:
    page.goto(f"{product.url}/en/connexion/?order=newest")
    tab_to(page, ".rows .title-text > a")
    assert is_ringed(page)
    expect(page.locator(".rows .title-text > a:focus")).to_contain_text(letter)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/conversations/.*#unread$"))
    # One came for the envelope: it is the next stop.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.envelope button')"), focused(page)
    assert is_ringed(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-opened]:focus")).to_contain_text(TEXT)
    tab_to(page, "[data-compose-link]")
    page.keyboard.press("Enter")
    expect(page.locator("dialog textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()
    expect(page.locator("[data-compose-link]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("By keyboard alone.")
    tab_to(page, "dialog .actions button.primary")
    page.keyboard.press("Enter")
    expect(page.locator("article.mine")).to_contain_text("By keyboard alone.")
    expect(page.locator(".announcements")).to_contain_text("Your message is posted.")
    # The address leads to the message: what happened is said without the focus.
    expect(page.locator("[data-announcer]")).to_have_text("Your message is posted.")
    tab_to(page, ".window-head a.head-item:first-child")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/inbox/"))
    page.close()


def test_a_selection_is_deleted_and_brought_back_by_keyboard_alone(
    page: Page, product: Running, letter: str
) -> None:
    page.goto(f"{product.url}/en/connexion/")
    expect(page.locator(".delete")).to_be_disabled()
    tab_to(page, "tbody [name=selection]")
    page.keyboard.press("Space")
    expect(page.locator(".delete")).to_be_enabled()
    page.keyboard.press("Shift+Tab")  # all of the page
    for _ in range(STEPS):
        if page.evaluate("document.activeElement.matches('.inbox-bar .delete')"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    # What happened takes the focus, so that it is read out, and its undo is the next stop.
    expect(page.locator("form.undo")).to_be_focused()
    expect(page.locator("form.undo")).to_contain_text("1 conversation left your inbox.")
    expect(page.locator("tbody")).not_to_contain_text(letter)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".announcements .notice:not([hidden])")).to_contain_text("is back")
    expect(page.locator("tbody")).to_contain_text(letter)
    page.close()


def test_all_of_a_page_is_chosen_and_let_go_with_one_box(page: Page, product: Running, letter: str) -> None:
    page.goto(f"{product.url}/en/connexion/")
    boxes = page.locator("tbody [name=selection]")
    column = page.locator("th.tick")
    expect(column.get_by_label("Select all")).to_be_visible()
    expect(column).to_have_accessible_name("Selection")  # what is heard before each row's box
    page.locator("[data-select-all]").check()
    expect(page.locator("tbody [name=selection]:checked")).to_have_count(boxes.count())
    boxes.first.uncheck()
    assert page.locator("[data-select-all]").evaluate("box => box.indeterminate")
    page.locator("[data-select-all]").check()
    page.locator("[data-select-all]").uncheck()
    expect(page.locator(".delete")).to_be_disabled()
    page.close()


def test_a_count_that_changed_is_said_in_a_live_region(page: Page, product: Running, letter: str) -> None:
    """The clock is the browser's: half a minute passes at once."""
    page.clock.install()
    page.goto(f"{product.url}/en/connexion/")
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if "/unread/" in answer.url else None)
    with page.expect_response("**/unread/"):
        page.clock.run_for(30_500)
    expect(page.locator("[data-news]")).to_be_hidden()
    with page.expect_response("**/unread/"):
        page.clock.run_for(30_000)
    assert asked == [200, 304]
    page.route(
        "**/unread/",
        lambda route: route.fulfill(
            json={"counts": {page.locator("[data-persona]").get_attribute("data-persona"): 77}}
        ),
    )
    page.clock.run_for(30_000)
    expect(page.locator("[role=status] [data-news]")).to_be_visible()
    expect(page.locator("[data-persona] .count")).to_contain_text("77 unread conversations")
    follow(page.locator("[data-news] a"))
    expect(page.locator("[data-news]")).to_be_hidden()
    page.close()


def test_an_envelope_is_opened_once_in_two_tabs(context_of: Contexts, product: Running, letter: str) -> None:
    first, second = context_of(EMMA).new_page(), context_of(EMMA).new_page()
    for page in (first, second):
        page.goto(f"{product.url}/en/connexion/")
        follow(page.locator(".rows .title-text > a", has_text=letter))
    for page in (first, second):
        page.locator(".envelope button").click()
        expect(page.locator("[data-opened]")).to_contain_text(TEXT)
        page.close()


def test_after_a_lost_session_the_envelope_leads_to_signing_in_and_back(
    context_of: Contexts, product: Running, letter: str
) -> None:
    page = context_of(EMMA).new_page()
    page.goto(f"{product.url}/en/connexion/")
    follow(page.locator(".rows .title-text > a", has_text=letter))
    window = page.url.partition("#")[0]
    kept = context_of(EMMA).cookies()
    context_of(EMMA).clear_cookies(name="sessionid")
    try:
        page.locator(".envelope button").click()
        page.wait_for_url(re.compile(r"/sign-in/\?next="))
        page.fill("[name=login]", EMMA)
        page.fill("[name=password]", "connexion-demo-2026")
        follow(page.locator("main form button.primary").first)
        page.wait_for_url(lambda url: url.partition("#")[0] == window)
        expect(page.locator(".envelope")).to_be_visible()
    finally:
        if not any(cookie["name"] == "sessionid" for cookie in context_of(EMMA).cookies()):
            context_of(EMMA).add_cookies(kept)
        page.close()


def test_without_modules_everything_works_all_the_same(
    context_of: Contexts, product: Running, letter: str
) -> None:
    state = context_of(EMMA).storage_state()
    context = context_of(EMMA).browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{product.url}/en/connexion/")
    follow(page.locator(".rows .title-text > a", has_text=letter))
    follow(page.locator(".envelope button"))
    expect(page.locator("article")).to_contain_text(TEXT)
    assert "#message-1" in page.url
    follow(page.locator(".window-head a[href*='/print/']"))
    expect(page.locator(".printed article")).to_contain_text(TEXT)
    page.goto(f"{product.url}/en/connexion/")
    page.locator("tr", has_text=letter).locator("[name=selection]").check()
    follow(page.locator(".delete"))
    expect(page.locator("form.undo")).to_be_visible()
    follow(page.locator("form.undo button"))
    expect(page.locator("tbody")).to_contain_text(letter)
    context.close()


@pytest.mark.parametrize("media", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}], ids=str)
def test_forced_colours_and_reduced_motion_leave_nothing_out(
    page: Page, product: Running, letter: str, media: dict[str, str]
) -> None:
    page.emulate_media(**media)  # type: ignore[arg-type]
    page.goto(f"{product.url}/en/connexion/")
    follow(page.locator(".rows .title-text > a", has_text=letter))
    expect(page.locator(".envelope .seal")).to_be_visible()
    moves = page.evaluate(
        """() => [...document.querySelectorAll('.envelope, .envelope *')].some((e) => {
             const s = getComputedStyle(e);
             return (s.transitionDuration !== '0s' || s.animationName !== 'none'); })"""
    )
    assert moves is ("forced_colors" in media)
    page.locator(".envelope button").click()
    expect(page.locator("[data-opened]")).to_contain_text(TEXT)
    page.close()
