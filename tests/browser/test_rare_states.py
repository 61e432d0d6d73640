"""What one seldom sees is as readable as all the rest: expired, deleted, handed over, held, withheld; and the
administrator's own pages in Wagtail's admin, as far as they are ours."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from connexion_plugin.demo.story import EMMA, JEAN, MARIE
from tests.browser import rare_states as told
from tests.browser.conftest import Contexts
from tests.browser.running import Running
from tests.browser.screens import Screen, click, conversation, fill, portal
from tests.browser.test_every_page import faults_of, hold_to_the_design

CLAIRE = "claire.gagnon@etude-tremblay-roy.example"


def compose(page: Page) -> None:
    page.goto(page.locator("[data-compose-link]").evaluate("link => link.href"))


def see_who_opened_it(page: Page) -> None:
    withdraw = page.locator("p.withdraw a[href*=withdraw]").first
    page.goto(withdraw.evaluate("link => link.href.replace('/withdraw/', '/openings/')"))


def find_the_pines(page: Page) -> None:
    """In the inbox of the other address."""
    page.fill("[name=search]", "pins")
    with page.expect_navigation():
        page.keyboard.press("Enter")


follow_row = click(f".rows .title-text > a:has-text('{told.TWO_SEATS}')")
MANY = ", ".join(f"voisine.{number}@vieux-port.example" for number in range(51))
SCREENS = [
    Screen("inbox", portal("?size=30"), MARIE),
    Screen("twelve-tabs", portal(), told.SOPHIE),
    Screen("expired", conversation(told.EXPIRED), JEAN),
    Screen("expired-compose", conversation(told.EXPIRED), JEAN, (compose,)),
    Screen("deleted", conversation(told.DELETED), JEAN),
    Screen("handed-over", conversation(told.HANDED_OVER), JEAN),
    Screen("held", conversation(told.HELD), JEAN),
    Screen("documents", conversation(told.SCANNED), JEAN),
    Screen("documents-of-mine", conversation(told.SCANNED), MARIE),
    Screen("more-time", conversation(told.EXPIRING), JEAN),
    Screen("more-time-of-mine", conversation(told.EXPIRING), MARIE),
    Screen("crowd", conversation(told.ANNOUNCEMENT, "readers/?q=proprietaire.1"), MARIE),
    Screen("announcement", conversation(told.ANNOUNCEMENT), JEAN),
    Screen(
        "announcement-proposed",
        portal("start/"),
        MARIE,
        (fill(title="Avis", addresses=MANY, text="Bonjour"), click("main form button.primary")),
    ),
    Screen("more-unopened-than-shown", conversation(told.WAITING), JEAN),
    Screen("nothing-since-the-invitation", conversation(told.TO_COME), EMMA),
    Screen("nothing-to-print", conversation(told.TO_COME, "print/"), EMMA),
    Screen("more-time-declined", conversation(told.DECLINED), JEAN),
    Screen("who-opened-it", conversation(told.EXPIRING), MARIE, (see_who_opened_it,)),
    Screen("bounced-and-to-be-moved", conversation(told.TROUBLED, "readers/"), MARIE),
    Screen("history-that-does-not-hold", conversation(told.TROUBLED, "activity/?verify=1"), MARIE),
    Screen("leave", conversation(told.TROUBLED, "leave/"), EMMA),
    Screen(
        "remove",
        conversation(told.TROUBLED, "readers/"),
        MARIE,
        (click(".readers .actions a[href*='/remove/']"),),
    ),
    Screen(
        "invitation-errors",
        conversation(told.TROUBLED, "readers/invite/"),
        MARIE,
        (fill(addresses="no address"), click("main form button.primary")),
    ),
    Screen("activity-print", conversation(told.EXPIRED, "activity/print/"), JEAN),
    Screen("frozen-with-a-draft", conversation(told.FROZEN), JEAN),
    Screen("frozen-draft", conversation(told.FROZEN), JEAN, (click(".draft-waits a"),)),
    Screen(
        "draft-to-discard",
        conversation(told.FROZEN),
        JEAN,
        (click(".draft-waits a"), click(".draft-discard")),
    ),
    Screen("no-such-draft", portal("drafts/00000000-0000-4000-8000-000000000000/delete/"), JEAN),
    Screen(
        "answers-from-another-address", portal("?search=pins"), JEAN, (follow_row, click(".draft-waits a"))
    ),
    Screen(
        "writes-from-one-of-two-addresses",
        portal("?search=pins"),
        JEAN,
        (click(".tabs li:nth-child(2) a"), find_the_pines, follow_row, compose),
    ),
]


@pytest.mark.usefixtures("rare")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_every_rare_state_can_be_read_and_used_by_everybody(
    context_of: Contexts, product: Running, screen: Screen, language: str
) -> None:
    page = context_of(screen.who).new_page()
    faults = faults_of(page)
    page.goto(product.url + screen.address(language))
    for step in screen.steps:
        step(page)
    expect(page.locator("h1")).to_have_count(1)
    hold_to_the_design(page, language)
    assert faults == []
    page.close()


@pytest.mark.spec("M1", "M6")
@pytest.mark.usefixtures("rare")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_our_pages_of_the_admin_can_be_read_by_everybody(
    context_of: Contexts, product: Running, language: str
) -> None:
    """In the language that the administrator has chosen in Wagtail's own account page."""
    command = f"from tests.browser.rare_states import administer_in; administer_in({language!r})"
    product.manage("shell", "--verbosity", "0", "--command", command)
    page = context_of(CLAIRE).new_page()
    snippets = f"{product.url}/admin/snippets/connexion_plugin"
    page.goto(f"{snippets}/collaborator/")
    marie = key_of(page, MARIE)
    page.goto(f"{snippets}/organization/")
    etude = key_of(page, told.ORGANIZATION)
    verbs = ("edit", "history", "holds", "hand-over", "deactivate", "delete")
    several = ("deactivate", "reactivate", "delete")
    addresses = [f"{snippets}/collaborator/", f"{snippets}/collaborator/add/", f"{snippets}/organization/"]
    addresses += [f"{snippets}/organization/{verb}/{etude}/" for verb in ("edit", "history")]
    addresses += [f"{snippets}/collaborator/{verb}/{marie}/" for verb in verbs]
    addresses += [
        f"{product.url}/admin/bulk/connexion_plugin/collaborator/{verb}/?id={marie}" for verb in several
    ]
    addresses += [f"{product.url}/admin/reports/administration/"]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for address in addresses:
            page.goto(address)  # anew in each scheme: Wagtail's buttons fade from one to the other
            assert page.locator("html").get_attribute("lang") == language
            found = Axe().run(page, context="main").response["violations"]
            assert [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]] == []
    page.close()


def key_of(page: Page, name: str) -> str:
    """Of the row that is named so."""
    edit = page.locator("a[href*='/edit/']", has_text=name).first.get_attribute("href") or ""
    return edit.rstrip("/").rpartition("/")[2]
