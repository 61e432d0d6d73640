"""A person with a browser that knows no JavaScript: reads a page, fills its forms, follows its links."""

import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

from tests.browser.people import code_of_app
from tests.browser.running import PostOffice, code_in

PASSWORD = "un cheval, deux ponts et trois lanternes"
PATIENCE_SECONDS = 60


@dataclass
class Visitor:
    """One person: an address, a language, a session."""

    site: str
    post_office: PostOffice
    address: str
    language: str = "fr"
    session: requests.Session = field(default_factory=requests.Session)
    last_step: int = 0
    url: str = ""
    page: BeautifulSoup = field(default_factory=lambda: BeautifulSoup("", "html.parser"))

    def __post_init__(self) -> None:
        self.session.headers["Accept-Language"] = f"{self.language}-CA"

    # Reading

    def go(self, url: str) -> None:
        self._show(self.session.get(urljoin(self.site, url), timeout=30))

    def read(self) -> str:
        """The words of the page, with single spaces."""
        return " ".join(self.page.get_text(" ").split())

    def follow(self, part_of_address: str) -> None:
        """The first link whose address holds these words."""
        link = self.page.select_one(f'a[href*="{part_of_address}"]')
        assert link, f"no link to {part_of_address} on {self.url}: {self.read()[:2000]}"
        self.go(urljoin(self.url, str(link["href"])))

    def _show(self, answer: requests.Response) -> None:
        assert answer.status_code == 200, f"{answer.status_code} {answer.url}\n{answer.text[:2000]}"
        # Where an address may go on in the next line, it is one word all the same.
        self.url, self.page = answer.url, BeautifulSoup(answer.text.replace("<wbr>", ""), "html.parser")

    # Filling

    def submit(self, *, files: Any = None, **fields: str) -> None:
        """Fills the form that has these fields, and presses its first button."""
        wanted = [f'[name="{name}"]' for name in fields]
        found = [form for form in self.page.select("form") if all(form.select_one(name) for name in wanted)]
        assert found, f"no form with {list(fields)} on {self.url}: {self.read()[:2000]}"
        self.send(found[0], files=files, **fields)

    def send(self, form: Tag, *, files: Any = None, **fields: str) -> None:
        filled = {**values_of(form), **fields}
        action = urljoin(self.url, str(form.get("action") or ""))
        answer = self.session.post(
            action, data=filled, files=files, headers={"Referer": self.url}, timeout=60
        )
        self._show(answer)

    # What people do

    def sign_up(self) -> None:
        """From the page that one was led to, to where one was going."""
        if not self.page.select_one("[name=password1]"):
            self.follow("sign-up")
        self.submit(email=self.address, password1=PASSWORD)
        self.submit(code=self._confirmation_code())

    def sign_in(self) -> None:
        self.submit(login=self.address, password=PASSWORD)

    def set_up_app(self) -> None:
        key = self.page.select_one(".secret")
        assert key, self.read()[:2000]
        self.submit(code=code_of_app(key.get_text()))
        assert len(self.page.select(".recovery-codes li")) == 10
        link = self.page.select_one("main .actions a")
        assert link
        self.go(urljoin(self.url, str(link["href"])))

    def open_envelope(self) -> None:
        self.send(self.page.select("form.envelope")[-1])

    def _confirmation_code(self) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for mail in reversed(self.post_office.to(self.address)):
                if (code := _code_of(mail)) is not None:
                    return code
            time.sleep(0.1)
        raise AssertionError(f"no code came to {self.address}")


def values_of(form: Tag) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    values: dict[str, str] = {}
    for control in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(control["name"]), str(control.get("type", ""))
        if kind in {"file", "submit", "button"} or (
            kind in {"checkbox", "radio"} and not control.has_attr("checked")
        ):
            continue
        if control.name == "select":
            chosen = control.select_one("option[selected]") or control.select_one("option")
            values[name] = str(chosen.get("value", "")) if chosen else ""
        elif control.name == "textarea":
            values[name] = control.get_text().removeprefix("\n")
        else:
            values[name] = str(control.get("value", ""))
    return values


def _code_of(mail: EmailMessage) -> str | None:
    try:
        return code_in(mail)
    except AssertionError:
        return None
