"""What a person does in a browser: only what is on the screen, in their language."""

import base64
import hmac
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from connexion_plugin.demo import story
from tests.browser.running import PATIENCE_SECONDS, Running, code_in

PASSWORD = "un cheval, deux ponts et trois lanternes"

WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "sign in": "Ouvrir une session",
        "open account": "Ouvrir un compte",
        "continue": "Continuer",
        "start": "Lancer une conversation",
        "submit": "Soumettre",
        "open": "Ouvrir",
        "post": "Afficher un message",
        "help": "Aide",
        "view": "vue",
        "posted": "Votre message est affiché.",
        "unread": "Message non ouvert",
        "read only": "Lecture seule",
        "access": "Accéder au message",
    },
    "en": {
        "sign in": "Sign in",
        "open account": "Open an account",
        "continue": "Continue",
        "start": "Start a conversation",
        "submit": "Submit",
        "open": "Open",
        "post": "Post a message",
        "help": "Help",
        "view": "view",
        "posted": "Your message is posted.",
        "unread": "Unopened message",
        "read only": "Read only",
        "access": "Go to the message",
    },
}


def code_of_app(key: str, at: float | None = None) -> str:
    """What an authenticator app shows for this key (RFC 6238: SHA-1, 30 s, 6 digits)."""
    seed = base64.b32decode(re.sub(r"\s", "", key).upper())
    counter = int((time.time() if at is None else at) // 30)
    digest = hmac.digest(seed, counter.to_bytes(8), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def follow(target: Locator) -> None:
    """Clicks what leads to another page, and waits until that one is whole with its modules: whatever the page before
    shows too tells nothing of it."""
    with target.page.expect_navigation():
        target.click()


@dataclass(eq=False)
class Visitor:
    """One person with one browser profile."""

    browser: Browser
    product: Running
    address: str
    language: str = "fr"
    key: str = ""
    faults: list[str] = field(default_factory=list)
    last_step: int = 0
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            locale=f"{self.language}-CA", viewport={"width": 1280, "height": 900}, accept_downloads=True
        )
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _on_console(self, message: Any) -> None:
        # A policy that was broken, a module that failed; a 404 or 409 that a test provokes is no fault.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def word(self, name: str) -> str:
        return WORDS[self.language][name]

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.product.url + path)

    def portal(self, path: str = "") -> str:
        return f"/{self.language}/connexion/{path}"

    def click(self, name: str, *, role: Any = "button") -> None:
        self.named(name, role=role).click()

    def follow(self, name: str, *, role: Any = "button") -> None:
        follow(self.named(name, role=role))

    def named(self, name: str, *, role: Any = "button") -> Locator:
        return self.page.locator("main").get_by_role(role, name=self.word(name), exact=True).first

    def sign_up(self) -> None:
        """From the sign-in page that one was led to, to where one was going."""
        if self.page.locator("[name=password1]").count() == 0:
            self.follow("open account", role="link")
        self.page.fill("[name=email]", self.address)
        self.page.fill("[name=username]", self.address.partition("@")[0])
        self.page.fill("[name=password1]", PASSWORD)
        follow(self.page.locator("main form:has([name=email]) button.primary"))
        number = len(self.product.post_office.to(self.address))
        self.page.fill("[name=code]", code_in(self._code_mail(number)))
        follow(self.page.locator("main form:has([name=code]) button").first)

    def _code_mail(self, known: int) -> Any:
        """The newest mail with a code in it; it may still be on its way."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for mail in reversed(self.product.post_office.to(self.address)):
                try:
                    code_in(mail)
                except AssertionError:
                    continue
                return mail
            time.sleep(0.1)
        raise AssertionError(f"no code came to {self.address}")

    def sign_in(self, password: str = PASSWORD, login: str = "") -> None:
        self.page.fill("[name=login]", login or self.address)
        self.page.fill("[name=password]", password)
        self.follow("sign in")

    def set_up_app(self) -> None:
        """Reads the key from the page as somebody without a camera would, and types the app's code."""
        self.page.wait_for_selector(".secret")
        self.key = self.page.locator(".secret").inner_text()
        self.enter_code()
        # The recovery codes, shown once; then on to where one was going.
        expect(self.page.locator(".recovery-codes li")).to_have_count(10)
        follow(self.page.locator("main .actions a.primary"))

    def enter_code(self) -> None:
        """A code is good once: two in one half minute have to wait for the next."""
        step = int(time.time() // 30)
        while step <= self.last_step:
            time.sleep(0.5)
            step = int(time.time() // 30)
        self.last_step = step
        self.page.fill("[name=code]", code_of_app(self.key))
        follow(self.page.locator("main form:has([name=code]) button").first)

    def start_conversation(
        self, *, title: str, to: list[str], text: str, language: str, document: Path
    ) -> None:
        self.go(self.portal())
        self.follow("start", role="link")
        self.page.fill("[name=title]", title)
        self.page.fill("[name=addresses]", "\n".join(to))
        self.page.select_option("select[name=language]", language)
        self.page.fill("[name=text]", text)
        self.page.set_input_files("[name=documents]", document)
        self.follow("submit")
        expect(self.page.locator("h1")).to_have_text(title)

    def open_envelope(self) -> None:
        self.click("open")
        expect(self.page.locator("[data-opened]").last).to_be_visible()

    def answer(self, text: str, document: Path | None = None) -> None:
        self.click("post", role="link")
        self.page.fill("[name=text]", text)
        if document is not None:
            self.page.set_input_files("[name=documents]", document)
        follow(self.page.get_by_role("button", name=self.word("submit"), exact=True))
        expect(self.page.locator(".announcements", has_text=self.word("posted"))).to_be_visible()

    def row(self, title: str) -> Any:
        self.go(self.portal())
        return self.page.locator("tr", has_text=title)


def sign_in_as(address: str, page: Page, product: Running) -> None:
    """One of the demo's people; who has an app reads its code on the demo's mailbox page, as a newcomer would."""
    page.goto(f"{product.url}/fr/connexion/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", story.PASSWORD)
    follow(page.locator("main form button.primary"))
    if page.locator("[name=code]").count():
        user_name = next(person.user_name for person in story.PEOPLE if address in person.addresses)
        mailbox = page.context.new_page()
        mailbox.goto(f"{product.url}/fr/connexion/mailbox/")
        code = mailbox.locator(".codes div", has_text=user_name).locator("code").inner_text()
        mailbox.close()
        page.fill("[name=code]", code)
        follow(page.locator("main form:has([name=code]) button").first)
    expect(page.locator("h1")).to_have_text("Conversations")
