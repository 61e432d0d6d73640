"""A click on a document's name, when the document does not come: one reads why (spec D3, I1)."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import MIB, Composer, before_documents, expect_posted, expect_state
from tests.browser.conftest import Contexts
from tests.browser.people import follow
from tests.browser.running import Running
from tests.browser.test_uploads import Files, a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D3")


@pytest.fixture
def reader(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
    context_of: Contexts,
    product: Running,
    letter: str,
) -> Iterator[Page]:
    """Marie, before a message of Emma's with a document."""
    composer.choose(a_file("devis.pdf", 1000))
    expect_state(composer.row("devis"), "done")
    composer.submit()
    expect_posted(composer)
    page = before_documents(context_of, product, letter)
    expect(page.locator("a.document")).to_be_visible()
    session = page.context.cookies()
    yield page
    page.context.add_cookies(session)  # type: ignore[arg-type]
    page.close()


def test_a_session_that_has_ended_shows_the_sign_in_page_and_saves_none(reader: Page) -> None:
    saved: list[str] = []
    reader.on("download", lambda download: saved.append(download.suggested_filename))
    window = urlsplit(reader.url)
    reader.context.clear_cookies()
    follow(reader.locator("a.document"))
    expect(reader.get_by_role("heading", name="Sign in")).to_be_visible()
    assert saved == []
    assert parse_qs(urlsplit(reader.url).query)["next"] == [f"{window.path}?{window.query}"]


def test_a_document_that_is_there_no_more_is_said_to_be_gone(reader: Page) -> None:
    reader.locator("a.document").evaluate(
        "link => link.href = link.href.replace(/[0-9a-f]{8}-/, '00000000-')"
    )
    follow(reader.locator("a.document"))
    assert "/documents/00000000-" in reader.url


def test_fetching_a_document_is_no_farewell_to_those_on_their_way(
    composer: Composer,  # noqa: F811
    a_file: Files,  # noqa: F811
) -> None:
    """The form was closed, and goes on: whoever fetches a document meanwhile is not asked whether to leave."""
    composer.choose(a_file("devis.pdf", 1000))
    expect_state(composer.row("devis"), "done")
    composer.submit()
    expect_posted(composer)
    page, asked = composer.page, list[str]()
    page.wait_for_load_state()  # before that the link leads to the composer's own page
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("a[data-compose-link]").first.click()
    expect(page.locator("dialog document-uploads")).to_be_visible()
    composer.at(2 * MIB)
    composer.choose(a_file("plan.dwg", 12 * MIB))
    expect_state(composer.row("plan"), "sending")
    page.locator("dialog button.close").click()
    with page.expect_download():
        page.locator("a.document").first.click()
    assert asked == []
    page.get_by_role("link", name="Download everything").focus()  # a click that is over excuses nothing
    page.wait_for_timeout(1100)
    page.reload()
    assert asked == ["beforeunload"]
