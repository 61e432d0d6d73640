"""What one types and chooses outlives the page: reloads, lost sessions, cut wires (spec C8, D2)."""

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from connexion_plugin.demo.story import PASSWORD
from tests.browser.people import follow
from tests.browser.running import PATIENCE_SECONDS, Running
from tests.browser.test_every_page import violations_of

pytestmark = pytest.mark.spec("C8", "D2")
TYPED = "Je reviens à ce message plus tard."
MIB = 1024**2


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield made
    made.close()


def sign_in(page: Page, product: Running) -> None:
    page.goto(f"{product.url}/en/connexion/")
    page.fill("[name=login]", "emma.clarke@mail.example")
    page.fill("[name=password]", PASSWORD)
    follow(page.locator("main form button.primary"))
    expect(page.locator("h1")).to_have_text("Conversations")


@pytest.fixture
def form(context: BrowserContext, product: Running, letter: str) -> Page:
    """Emma's *Add a message*, in the conversation that nobody else has."""
    page = context.new_page()
    sign_in(page, product)
    follow(page.get_by_role("link", name=letter).first)
    page.goto(product.url + str(page.locator("a[data-compose-link]").get_attribute("href")))
    expect(page.locator("textarea[name=text]")).to_be_visible()
    return page


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def is_further(route: Route) -> bool:
    """A piece of a document after its first."""
    return route.request.method == "PATCH" and route.request.headers.get("upload-offset") != "0"


def test_what_is_typed_is_kept_and_comes_back(form: Page) -> None:
    form.fill("textarea[name=text]", TYPED)
    expect(form.locator(".draft-state")).to_contain_text("Draft saved at")
    expect(form.locator(".draft-discard")).to_be_visible()
    picture(form, "draft-saved")
    form.reload()
    expect(form.locator("textarea[name=text]")).to_have_value(TYPED)
    assert violations_of(form) == []
    follow(form.get_by_role("link", name="Delete the draft"))
    assert violations_of(form) == []
    picture(form, "draft-discard")
    follow(form.get_by_role("button", name="Delete the draft"))
    expect(form.locator("[role=status]").first).to_contain_text("The draft is deleted.")


def test_a_long_text_is_kept_when_one_turns_to_another_tab(form: Page) -> None:
    """What may outlive a page is 64 KiB in every browser; a text in French is longer once it is written as a form."""
    form.clock.install()
    form.clock.pause_at(datetime.now() + timedelta(minutes=1))  # nothing is kept by and by
    long = "Réponse à l’été. " * 2_500
    with form.expect_response(
        lambda answer: answer.request.method == "POST" and answer.status == 200
    ) as kept:
        form.fill("textarea[name=text]", long)
        form.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
    assert len(kept.value.request.post_data or "") > 64 * 1024
    expect(form.locator(".draft-state")).to_contain_text("Draft saved at")
    expect(form.locator(".draft-trouble")).to_be_empty()


def test_what_was_typed_since_a_save_is_not_sent_into_a_session_that_ended(
    form: Page, context: BrowserContext
) -> None:
    form.fill("textarea[name=text]", TYPED)
    expect(form.locator(".draft-state")).to_contain_text("Draft saved at")
    context.clear_cookies()
    form.fill("textarea[name=text]", f"{TYPED} Encore un mot.")
    form.get_by_role("button", name="Submit").click()
    expect(form.locator(".draft-trouble")).to_contain_text("You are no longer signed in")
    expect(form.locator("textarea[name=text]")).to_have_value(f"{TYPED} Encore un mot.")


def test_a_lost_session_loses_nothing_that_is_typed(
    form: Page, context: BrowserContext, product: Running
) -> None:
    cookies = context.cookies()
    context.clear_cookies()
    form.fill("textarea[name=text]", TYPED)
    expect(form.locator(".draft-trouble")).to_contain_text("You are no longer signed in")
    assert violations_of(form) == []
    picture(form, "draft-signed-out")
    form.get_by_role("button", name="Submit").click()
    expect(form.locator("textarea[name=text]")).to_have_value(TYPED)
    assert cookies
    elsewhere = context.new_page()
    sign_in(elsewhere, product)
    elsewhere.close()
    form.bring_to_front()
    form.evaluate("window.dispatchEvent(new Event('online'))")
    expect(form.locator(".draft-state")).to_contain_text("Draft saved at")
    expect(form.locator(".draft-trouble")).to_be_empty()
    form.get_by_role("button", name="Submit").click()
    expect(form.locator("[role=status]").first).to_contain_text("Your message is posted.")


def test_what_the_service_cannot_keep_is_said_with_a_reference_and_can_be_submitted(form: Page) -> None:
    """A key of the service is missing: the draft's own, and not the message's."""
    said = {"sentence": "This cannot be sealed at this moment. Tell us this reference: 4F2A11B0."}

    def refuse(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        return route.fulfill(status=503, json=said)

    form.route(re.compile(r"/draft/"), refuse)
    form.fill("textarea[name=text]", TYPED)
    expect(form.locator(".draft-trouble")).to_have_text(said["sentence"])
    said["sentence"] = "Another reference, a minute later."
    with form.expect_response(lambda answer: answer.status == 503):
        form.evaluate("window.dispatchEvent(new Event('online'))")
    expect(form.locator(".draft-trouble")).to_contain_text("4F2A11B0")
    assert violations_of(form) == []
    form.get_by_role("button", name="Submit").click()
    expect(form.locator("[role=status]").first).to_contain_text("Your message is posted.")


def test_documents_go_up_at_once_and_outlive_a_reload(form: Page, tmp_path: Path) -> None:
    plan, note = tmp_path / "Plan cadastral.pdf", tmp_path / "note.txt"
    plan.write_bytes(os.urandom(20 * MIB))
    note.write_bytes(b"une note")
    held: list[Route] = []

    def hold_the_second(route: Route) -> None:
        if is_further(route):
            held.append(route)
        else:
            route.continue_()

    form.route("**/uploads/**", hold_the_second)
    form.locator("input[type=file]").set_input_files([plan, note])
    rows = form.locator("document-upload")
    expect(rows.nth(1)).to_have_attribute("state", "done")
    expect(rows.first.locator("progress")).to_be_visible()
    expect(rows.first.locator("progress")).to_have_js_property("value", 4 * MIB)
    assert violations_of(form) == []
    picture(form, "uploads-sending")
    form.set_viewport_size({"width": 320, "height": 700})
    assert form.evaluate("document.documentElement.scrollWidth") <= 320
    picture(form, "uploads-sending-320")
    # The figures and the name have the row's width, and not what two buttons leave of it.
    meter = rows.first.locator("upload-meter")
    assert meter.evaluate("meter => meter.clientWidth / meter.closest('document-upload').clientWidth") > 0.9
    form.set_viewport_size({"width": 1280, "height": 900})
    # The page goes while a request is under way, as when a lid is closed.
    form.on("dialog", lambda dialog: dialog.accept())  # it asks whether one means to
    form.reload()
    assert held
    form.unroute("**/uploads/**")
    expect(rows.first).to_have_attribute("state", "unfinished")
    expect(rows.first).to_contain_text("Choose this file again to continue")
    picture(form, "uploads-interrupted")
    form.get_by_role("button", name="Submit").click()
    expect(form.locator(".chosen-sentence")).to_contain_text("has not arrived")
    form.locator("input[type=file]").set_input_files(plan)
    expect(rows.first).to_have_attribute("state", "done")
    expect(rows).to_have_count(2)
    form.get_by_role("button", name="Submit").click()
    expect(form.locator(".message.mine").last).to_contain_text("Plan cadastral.pdf (20 MB)")
    expect(form.locator(".message.mine").last).to_contain_text("note.txt")


def test_a_document_can_be_paused_gone_on_with_and_removed(form: Page, tmp_path: Path) -> None:
    plan = tmp_path / "plan.pdf"
    plan.write_bytes(os.urandom(30 * MIB))
    row = form.locator("document-upload")
    form.route("**/uploads/**", lambda route: None if is_further(route) else route.continue_())
    form.locator("input[type=file]").set_input_files(plan)
    expect(row.locator("progress")).to_have_js_property("value", 4 * MIB)
    row.get_by_role("button", name="Pause").click()
    expect(row).to_have_attribute("state", "paused")
    form.unroute("**/uploads/**")
    row.get_by_role("button", name="Continue with plan.pdf").click()
    expect(row).to_have_attribute("state", "done")
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    form.reload()
    expect(row).to_have_count(0)


def test_what_is_too_large_is_refused_before_a_byte_is_sent(form: Page) -> None:
    expect(form.locator(".help").filter(has_text="up to 1 GB")).to_be_visible()
    sent: list[str] = []
    form.on("request", lambda request: sent.append(request.url) if "/uploads/" in request.url else None)
    form.evaluate(
        """() => {
            const file = new File(["x"], "film.mov");
            Object.defineProperty(file, "size", { value: 2 * 1024 ** 3 });
            const files = [file];
            document.querySelector("document-uploads").dispatchEvent(new CustomEvent("documents-chosen", { detail: files }));
        }"""
    )
    expect(form.locator(".chosen-sentence")).to_contain_text("film.mov")
    picture(form, "uploads-too-large")
    assert sent == []


def test_documents_are_dropped_and_pasted(form: Page) -> None:
    form.evaluate(
        """() => {
            for (const [kind, name] of [["drop", "a.txt"], ["paste", "b.txt"]]) {
                const carried = new DataTransfer();
                carried.items.add(new File(["bonjour"], name));
                const event = kind === "drop" ? new DragEvent("drop", { bubbles: true, dataTransfer: carried })
                    : new ClipboardEvent("paste", { bubbles: true, clipboardData: carried });
                document.querySelector("textarea[name=text]").dispatchEvent(event);
            }
        }"""
    )
    expect(form.locator("document-upload[state=done]")).to_have_count(2)
