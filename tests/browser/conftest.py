"""A real Chromium before the product as `make run` starts it, on SQLite or on PostgreSQL (`DATABASE_URL`)."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from connexion_plugin.demo.story import EMMA, MARIE
from tests import template_database
from tests.browser.people import follow, sign_in_as
from tests.browser.running import PATIENCE_SECONDS, Running, running, with_database

Contexts = Callable[[str], BrowserContext]
TITLE = "Clés du 12, rue Saint-Jean"
TEXT = "Les clés sont chez le concierge."
# Debian's Chromium, without the windows that nobody sees: they cost a fifth of a test's time.
SHELL, WHOLE = "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"
CHROMIUM = os.environ.get("CHROMIUM", SHELL if os.path.exists(SHELL) else WHOLE)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def product(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, django_db_blocker: Any
) -> Iterator[Running]:
    """One a process of tests, each with a port and a database of its own: they do not meet."""
    folder = tmp_path_factory.mktemp("product")
    server = os.environ.get("DATABASE_URL", "")
    with django_db_blocker.unblock():
        template = template_database.template(Path(request.config.cache.mkdir("template-database")))
    if not server:
        shutil.copy(template, folder / "connexion.sqlite3")
        with running(folder) as product:
            yield product
        return
    import psycopg

    name = f"connexion_story_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[call-overload]
        try:
            with running(folder, with_database(server, name)) as product:
                yield product
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failure leaves a picture of every open page in the folder that SCREENSHOTS names."""
    report = yield
    folder, browser = os.environ.get("SCREENSHOTS"), getattr(item, "funcargs", {}).get("chromium")
    if folder and browser and report.failed:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(page for context in browser.contexts for page in context.pages):
            page.screenshot(path=f"{folder}/{item.name}-{number}.png", full_page=True)
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Patient: on two cores a page may wait for another test's. Nothing is measured by how long it takes."""
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context_of(product: Running, chromium: Browser) -> Iterator[Contexts]:
    """One profile a person, signed in once; nobody has a fresh one each time."""
    known: dict[str, BrowserContext] = {}

    def context(who: str) -> BrowserContext:
        if who and who in known:
            return known[who]
        made = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
        made.set_default_timeout(PATIENCE_SECONDS * 1000)
        if who:
            known[who] = made
            sign_in_as(who, made.new_page(), product)
        return made

    yield context
    for made in known.values():
        made.close()


@pytest.fixture(scope="session")
def rare(product: Running) -> None:
    """The demo's story goes on with what one seldom sees."""
    product.manage(
        "shell", "--verbosity", "0", "--command", "from tests.browser.rare_states import tell_all; tell_all()"
    )


@pytest.fixture
def letter(context_of: Contexts, product: Running) -> str:
    """A title that nobody else has: Marie writes to Emma in the collaborator's own form."""
    title = f"{TITLE} {uuid4().hex[:6]}"
    page = context_of(MARIE).new_page()
    page.goto(f"{product.url}/en/connexion/start/")
    page.fill("[name=title]", title)
    page.fill("[name=addresses]", EMMA)
    page.fill("[name=text]", TEXT)
    follow(page.locator("main form[method=post] button.primary"))
    expect(page.locator("h1")).to_have_text(title)
    page.close()
    return title
