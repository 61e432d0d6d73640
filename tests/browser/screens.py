"""Every page and state of the portal and the site, before the demo's own people: where it is and how one gets there."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

from playwright.sync_api import Page, expect

from connexion_plugin.demo.story import EMMA, JEAN, MARIE, PASSWORD

NOBODY, JEAN_SIGNED_IN, EMMA_SIGNED_IN, MARIE_SIGNED_IN = "", JEAN, EMMA, MARIE
Steps = Callable[[Page], None]


def conversation(title: str, rest: str = "") -> str:
    """The demo's conversations have ids made of their titles (demo/telling.py)."""
    key = uuid5(NAMESPACE_URL, f"connexion-demo:{title}")
    return f"/{{language}}/connexion/conversations/{key}/{rest}"


def portal(rest: str = "") -> str:
    return f"/{{language}}/connexion/{rest}"


@dataclass(frozen=True)
class Screen:
    """`paths` are by language, with `{language}` where it is written; `steps` lead on from there."""

    name: str
    path: str | dict[str, str]
    who: str = NOBODY
    steps: tuple[Steps, ...] = field(default_factory=tuple)
    after: tuple[Steps, ...] = field(default_factory=tuple)  # leaves the demo as it was

    def address(self, language: str) -> str:
        path = self.path if isinstance(self.path, str) else self.path[language]
        return path.format(language=language)


def click(selector: str, *, loads: bool = True) -> Steps:
    def step(page: Page) -> None:
        if loads:
            with page.expect_navigation():
                page.locator(selector).first.click()
        else:
            page.locator(selector).first.click()

    return step


def fill(**fields: str) -> Steps:
    """`{new}` becomes something that was never typed before."""

    def step(page: Page) -> None:
        for name, value in fields.items():
            page.fill(f"[name={name}]", value.replace("{new}", uuid4().hex[:10]))

    return step


def prove_password(page: Page) -> None:
    """What changes how one signs in asks for the password again, unless it was just given."""
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        click(SUBMIT)(page)


def tick(page: Page) -> None:
    page.locator("tbody [name=selection]").last.check()


def add_address(page: Page) -> None:
    page.locator("main [name=email]:visible").fill("no")
    click("form:has([name=action_add]) button")(page)


def open_dialog(page: Page) -> None:
    page.locator("[data-compose-link]").click()
    page.locator("dialog textarea").wait_for()


def unfold(page: Page) -> None:
    """The long message of the budget, which Emma has opened (C6)."""
    page.locator(".more summary").click()
    expect(page.locator(".more .opened")).to_be_visible()


def choose_documents(page: Page) -> None:
    page.set_input_files(
        "[name=documents]",
        [
            {"name": "Procès-verbal de l’assemblée – version révisée et signée par toutes les parties.pdf",
             "mimeType": "application/pdf", "buffer": b"x" * 2_402_113},
            {"name": "devis_2026.xlsx", "mimeType": "application/octet-stream", "buffer": b"x" * 17_818},
        ],
    )  # fmt: skip
    expect(page.locator("document-upload[state=done]")).to_have_count(2)


def send_documents(page: Page) -> None:
    """On the form's own page: one document that arrived, one paused, one whose line is cut, one refused."""
    page.goto(page.locator("[data-compose-link]").evaluate("link => link.href"))
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    speed = {"downloadThroughput": -1, "uploadThroughput": 4 * 1024**2}
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **speed})
    page.set_input_files("[name=documents]", large_documents())
    rows = page.locator("document-upload")
    expect(rows.nth(0)).to_have_attribute("state", "done")
    rows.nth(1).locator("[data-does=pause]").click()
    page.route("**/uploads/*/", lambda route: route.abort())
    expect(rows.nth(2)).to_have_attribute("state", "offline")
    page.locator("document-uploads").evaluate("uploads => uploads.setAttribute('limit', 1)")
    page.set_input_files("[name=documents]", [{"name": "film.mp4", "mimeType": "", "buffer": b"x"}])
    expect(page.locator(".chosen-sentence")).to_contain_text("film.mp4")


@cache
def large_documents() -> list[Path]:
    """Files with nothing in them: what is not on a disk travels to the browser in words."""
    folder = Path(tempfile.mkdtemp(prefix="connexion-documents-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    names = ["reçu.pdf", "Plans de l’agrandissement – deuxième étage et comble.dwg", "photos.zip"]
    for name, size in zip(names, [40_000, 16 * 1024**2, 16 * 1024**2], strict=True):
        with (folder / name).open("wb") as file:
            file.truncate(size)
    return [folder / name for name in names]


def discard_draft(page: Page) -> None:
    page.unroute_all()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.locator(".draft-discard").evaluate("link => link.href"))
    click("main form button.danger")(page)


def choose_contacts(page: Page) -> None:
    """Windows' characters and semicolons, as French Excel writes; a bad line, a new one, one that is there."""
    rows = "Nom;Courriel;Langue;Notes\r\nÉloïse;pas une adresse;;\r\nMarc;marc@exemple.ca;Anglais;\r\n"
    rows += "Jean Untel;jean.untel@exemple.ca;Français;Préfère qu’on l’appelle le matin\r\n"
    page.set_input_files(
        "[name=file]", [{"name": "contacts.csv", "mimeType": "text/csv", "buffer": rows.encode("cp1252")}]
    )


def open_menu(page: Page) -> None:
    page.locator("header details[data-menu] summary").click()


SUBMIT = "main form[method=post] button.primary"
BUDGET = "Demandes budgétaires"
DEED = "Acte de vente, 44 rue des Érables"
FILE = "Dossier 4411"
SIGN_UP = (
    fill(email="{new}@nouvelle-adresse.example", username="nouvelle-{new}", password1=PASSWORD),
    click(SUBMIT),
)

SIGNED_OUT = [
    Screen("home", "/{language}/"),
    Screen("help", {"fr": "/fr/aide/", "en": "/en/help/"}),
    Screen("guide", {"fr": "/fr/aide/guide-du-participant/", "en": "/en/help/participants-guide/"}),
    Screen("sign-in", portal("account/sign-in/")),
    Screen(
        "sign-in-error",
        portal("account/sign-in/"),
        steps=(fill(login="{new}@example.org", password="not the one"), click(SUBMIT)),
    ),
    Screen("sign-up", portal("account/sign-up/")),
    Screen(
        "sign-up-errors",
        portal("account/sign-up/"),
        steps=(fill(email="no address", username="a b", password1="1234"), click(SUBMIT)),
    ),
    Screen("confirm", portal("account/sign-up/"), steps=SIGN_UP),
    Screen(
        "confirm-error",
        portal("account/sign-up/"),
        steps=(*SIGN_UP, fill(code="ZZZZZZ"), click("main form:has([name=code]) button")),
    ),
    Screen("forgotten-user-name", portal("forgotten-user-name/")),
    Screen(
        "forgotten-user-name-sent",
        portal("forgotten-user-name/"),
        steps=(fill(email="{new}@example.org"), click(SUBMIT)),
    ),
    Screen("reset", portal("account/password/reset/")),
    Screen("reset-error", portal("account/password/reset/"), steps=(fill(email="no"), click(SUBMIT))),
    Screen(
        "reset-sent",
        portal("account/password/reset/"),
        steps=(fill(email="{new}@example.org"), click(SUBMIT)),
    ),
    Screen("reset-bad-link", portal("account/password/reset/key/1-abc/")),
    Screen("reset-done", portal("account/password/reset/done/")),
    Screen("inactive", portal("account/inactive/")),
    Screen("second-factor-code", portal(), steps=(fill(login="claire", password=PASSWORD), click(SUBMIT))),
    Screen(
        "second-factor-code-error",
        portal(),
        steps=(fill(login="louis", password=PASSWORD), click(SUBMIT), fill(code="12"), click(SUBMIT)),
    ),
    Screen("mailbox", portal("mailbox/")),
]
PARTICIPANT = [
    Screen("inbox", portal(), JEAN_SIGNED_IN),
    Screen("inbox-menu", portal(), JEAN_SIGNED_IN, (open_menu,)),
    Screen("inbox-selected", portal(), JEAN_SIGNED_IN, (tick,)),
    Screen("inbox-oldest", portal("?order=oldest&size=20"), JEAN_SIGNED_IN),
    Screen("inbox-searched", portal("?search=roy"), JEAN_SIGNED_IN),
    Screen("inbox-searched-empty", portal("?search=nothing+of+the+kind"), JEAN_SIGNED_IN),
    Screen("inbox-filtered-empty", portal("?show=expiring"), JEAN_SIGNED_IN),
    Screen(
        "inbox-undo",
        portal(),
        JEAN_SIGNED_IN,
        (tick, click(".inbox-bar .delete")),
        after=(click("form.undo button"),),
    ),
    Screen(
        "inbox-undo-earlier",
        portal(),
        JEAN_SIGNED_IN,
        (*(tick, click(".inbox-bar .delete")) * 2, click(".announcements summary", loads=False)),
        after=(click("form.undo button"), click("form.undo button")),
    ),
    Screen("inbox-of-one-persona", portal(), EMMA_SIGNED_IN),
    Screen("sealed", conversation(DEED), JEAN_SIGNED_IN),
    Screen("frozen", conversation(FILE), JEAN_SIGNED_IN),
    Screen("window", conversation(BUDGET), JEAN_SIGNED_IN),
    Screen("window-all", conversation(BUDGET, "?show=7"), EMMA_SIGNED_IN),
    Screen("window-unfolded", conversation(BUDGET), EMMA_SIGNED_IN, (unfold,)),
    Screen("print", conversation(BUDGET, "print/"), JEAN_SIGNED_IN),
    Screen("readers", conversation(BUDGET, "readers/"), JEAN_SIGNED_IN),
    Screen("activity", conversation(BUDGET, "activity/"), JEAN_SIGNED_IN),
    Screen("activity-filtered", conversation(BUDGET, "activity/?show=messages&q=emma"), JEAN_SIGNED_IN),
    Screen("activity-empty", conversation(BUDGET, "activity/?show=documents&q=nobody"), JEAN_SIGNED_IN),
    Screen("activity-sorted", conversation(BUDGET, "activity/?sort=name"), JEAN_SIGNED_IN),
    Screen(
        "compose-dialog",
        conversation(BUDGET),
        JEAN_SIGNED_IN,
        (open_dialog, choose_documents),
        after=(discard_draft,),
    ),
    Screen(
        "compose-uploads", conversation(BUDGET), JEAN_SIGNED_IN, (send_documents,), after=(discard_draft,)
    ),
    Screen(
        "compose-errors", conversation(BUDGET), JEAN_SIGNED_IN, (open_dialog, click("dialog button.primary"))
    ),
    Screen("addresses", portal("account/addresses/"), JEAN_SIGNED_IN),
    Screen("addresses-error", portal("account/addresses/"), JEAN_SIGNED_IN, (add_address,)),
    Screen("password", portal("account/password/"), JEAN_SIGNED_IN),
    Screen("password-errors", portal("account/password/"), JEAN_SIGNED_IN, (click(SUBMIT),)),
    Screen("second-factor-offered", portal("second-factor/"), JEAN_SIGNED_IN),
    Screen("second-factor-set-up", portal("second-factor/set-up/"), JEAN_SIGNED_IN, (prove_password,)),
    Screen("password-again", portal("account/reauthenticate/"), JEAN_SIGNED_IN),
]
PARTICIPANT += [
    Screen("invitations", portal("invitations/"), JEAN_SIGNED_IN),
    Screen(
        "move-seat",
        conversation(BUDGET, "readers/"),
        JEAN_SIGNED_IN,
        (click(".readers .actions a"),),
    ),
]
COLLABORATOR = [
    Screen("collaborator-inbox", portal(), MARIE_SIGNED_IN),
    Screen("owner-readers", conversation(DEED, "readers/"), MARIE_SIGNED_IN),
    Screen("invite", conversation(DEED, "readers/invite/"), MARIE_SIGNED_IN),
    Screen(
        "correct-address",
        conversation(DEED, "readers/invite/"),
        MARIE_SIGNED_IN,
        (
            fill(addresses="{new}@exemple.ca"),
            click(SUBMIT),
            click(".readers a[href*='/address/']"),
        ),
    ),
    Screen("close", conversation(DEED, "close/"), MARIE_SIGNED_IN),
    Screen("delete", conversation(DEED, "delete/"), MARIE_SIGNED_IN),
    Screen(
        "delete-error",
        conversation(DEED, "delete/"),
        MARIE_SIGNED_IN,
        (fill(word="no"), click("main button.danger")),
    ),
    Screen("withdraw", conversation(DEED), MARIE_SIGNED_IN, (click("p.withdraw a[href*=withdraw]"),)),
    Screen("change-expiry", conversation(DEED), MARIE_SIGNED_IN, (click("p.withdraw a[href*=expiry]"),)),
    Screen(
        "change-expiry-error",
        conversation(DEED),
        MARIE_SIGNED_IN,
        (click("p.withdraw a[href*=expiry]"), fill(day="2031-01-01"), click(SUBMIT)),
    ),
    Screen("owner-activity", conversation(DEED, "activity/"), MARIE_SIGNED_IN),
    Screen("activity-verified", conversation(DEED, "activity/?verify=1"), MARIE_SIGNED_IN),
    Screen("owner-window", conversation(DEED), MARIE_SIGNED_IN),
    Screen("start", portal("start/"), MARIE_SIGNED_IN),
    Screen(
        "start-errors",
        portal("start/"),
        MARIE_SIGNED_IN,
        (fill(addresses="no address", text="Bonjour"), click(SUBMIT)),
    ),
    Screen("address-book", portal("address-book/"), MARIE_SIGNED_IN),
    Screen(
        "address-book-undo-earlier",
        portal("address-book/"),
        MARIE_SIGNED_IN,
        (*(tick, click(".inbox-bar .delete")) * 2, click(".announcements summary", loads=False)),
        after=(click("form.undo button"), click("form.undo button")),
    ),
    Screen("contact", portal("address-book/"), MARIE_SIGNED_IN, (click(".contacts .title-text a"),)),
    Screen(
        "contact-error",
        portal("address-book/"),
        MARIE_SIGNED_IN,
        (click(".inbox-bar a.button"), fill(address="no", name="Jean"), click(SUBMIT)),
    ),
    Screen("import-contacts", portal("address-book/"), MARIE_SIGNED_IN, (click(".book-files a"),)),
    Screen(
        "import-contacts-dry-run",
        portal("address-book/"),
        MARIE_SIGNED_IN,
        (click(".book-files a"), choose_contacts, click(SUBMIT)),
    ),
    Screen("second-factor", portal("second-factor/"), MARIE_SIGNED_IN),
    Screen("recovery-codes", portal("second-factor/recovery-codes/"), MARIE_SIGNED_IN, (prove_password,)),
    Screen(
        "recovery-codes-made",
        portal("second-factor/recovery-codes/"),
        MARIE_SIGNED_IN,
        (prove_password, click(SUBMIT)),
    ),
    Screen("change-app", portal("second-factor/set-up/"), MARIE_SIGNED_IN, (prove_password,)),
]
SCREENS = [*SIGNED_OUT, *PARTICIPANT, *COLLABORATOR]
