"""The form of an answer, with documents on their way, and what arrives of them at the other end."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from connexion_plugin.demo.story import MARIE
from tests.browser.conftest import Contexts
from tests.browser.people import follow
from tests.browser.running import PATIENCE_SECONDS, Running

MIB = 1024**2


class Composer:
    """Emma's form for answering a letter of Marie's, and what goes over its line."""

    def __init__(self, context: BrowserContext, product: Running, letter: str) -> None:
        self.page = context.new_page()
        self.faults: list[str] = []
        self.sent: list[Request] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console", lambda line: self.faults.append(line.text) if "Content Security" in line.text else None
        )
        self.page.on("request", lambda request: self.sent.append(request))
        # Somebody listens from the start: the browser is told so without waiting, and must know before the key.
        self.page.on("filechooser", lambda chooser: None)
        self.page.goto(f"{product.url}/en/connexion/")
        follow(self.page.get_by_role("link", name=letter).first)
        self.page.goto(product.url + str(self.page.locator("[data-compose-link]").get_attribute("href")))
        self.line = context.new_cdp_session(self.page)

    def at(self, bytes_a_second: int, *, cut: bool = False) -> None:
        """How fast the line takes what is sent, -1 as fast as it goes; or that there is none."""
        speeds = {"downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        self.line.send("Network.enable")
        self.line.send("Network.emulateNetworkConditions", {"offline": cut, "latency": 0, **speeds})

    def choose(self, *files: Path | dict[str, Any]) -> None:
        self.page.set_input_files("[name=documents]", list(files))  # type: ignore[arg-type]

    def row(self, name: str) -> Locator:
        return self.page.locator("document-upload", has_text=name)

    def does(self, name: str, what: str) -> None:
        self.row(name).get_by_role("button", name=what).click()

    def offsets(self) -> list[int]:
        return [int(one.headers["upload-offset"]) for one in self.sent if one.method == "PATCH"]

    def creations(self) -> str:
        """Where its documents begin, as a pattern of addresses."""
        return f"**{self.page.locator('document-uploads').get_attribute('create')}"

    def loses_the_first_answer(self) -> list[int]:
        """The line is cut after the server began an upload, and before it could say where; gives what it answered."""
        lost: list[int] = []

        def lose(route: Any) -> None:
            if route.request.method == "POST" and not lost:
                lost.append(route.fetch().status)
                route.abort()
            else:
                route.continue_()

        self.page.route(self.creations(), lose)
        return lost

    def holds_the_first_answer(self, *files: Path) -> Callable[[], None]:
        """Chooses these: the server has begun one, and its answer is still on its way; gives what lets it arrive."""
        held: list[Any] = []

        def hold(route: Any) -> None:
            if route.request.method == "POST" and not held:
                held.append((route, route.fetch()))
            else:
                route.continue_()

        self.page.route(self.creations(), hold)
        self.choose(*files)
        while not held:
            self.page.wait_for_timeout(20)
        ((route, answer),) = held
        return lambda: route.fulfill(response=answer)

    def submit(self) -> None:
        self.page.get_by_role("button", name="Submit").click()


def expect_state(row: Locator, state: str) -> None:
    # More than the lease of an upload whose line was cut.
    expect(row).to_have_attribute("state", state, timeout=2 * PATIENCE_SECONDS * 1000)


def expect_posted(composer: Composer) -> None:
    expect(composer.page.locator("[role=status]").first).to_contain_text("Your message is posted.")


def before_documents(context_of: Contexts, product: Running, letter: str) -> Page:
    """Marie's page, once she has opened what came with documents."""
    page = context_of(MARIE).new_page()
    page.goto(f"{product.url}/en/connexion/")
    follow(page.get_by_role("link", name=letter).first)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator("a.document").first).to_be_visible()
    return page


def received(context_of: Contexts, product: Running, letter: str) -> dict[str, str]:
    """What Marie finds under the message: SHA-256 by name, of the bytes that she downloads."""
    page = before_documents(context_of, product, letter)
    found = {}
    for link in page.locator("a.document").all():
        with page.expect_download() as download:
            link.click()
        found[download.value.suggested_filename] = digest(Path(download.value.path()))
    page.close()
    return found


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
