"""Documents on their way, as the person who sends them sees it (spec C8, D1, D2)."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from connexion_plugin.demo.story import EMMA
from tests.browser.composing import MIB, Composer, digest, expect_posted, expect_state, received
from tests.browser.conftest import Contexts
from tests.browser.people import sign_in_as
from tests.browser.running import PATIENCE_SECONDS, Running
from tests.browser.test_by_keyboard import is_ringed, tab_to

Files = Callable[..., Path]
pytestmark = pytest.mark.spec("D2")


@pytest.fixture
def a_file(tmp_path: Path) -> Files:
    """A file of that name and size, of bytes that nothing can guess."""

    def make(name: str, size: int = 12 * MIB) -> Path:
        path = tmp_path / name
        path.write_bytes(random.randbytes(size))
        return path

    return make


@pytest.fixture
def emma(product: Running, chromium: Browser) -> Iterator[BrowserContext]:
    """A profile of her own, so that what a test does to its session and its storage stays there."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-CA")
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = context.new_page()
    sign_in_as(EMMA, page, product)
    page.close()
    yield context
    context.close()


@pytest.fixture
def composer(emma: BrowserContext, product: Running, letter: str) -> Iterator[Composer]:
    made = Composer(emma, product, letter)
    yield made
    assert made.faults == []


@pytest.mark.spec("D1")
def test_three_documents_go_at_once_and_arrive_as_they_left(
    composer: Composer, a_file: Files, context_of: Contexts, product: Running, letter: str
) -> None:
    files = [
        a_file("devis été.pdf"),
        a_file("plan.dwg", 9 * MIB + 1),
        a_file("photo 1.jpg", 5 * MIB),
        a_file("vide.txt", 0),
    ]
    composer.at(6 * MIB)
    composer.choose(*files)
    for file in files[:3]:
        expect_state(composer.row(file.name), "sending")
    expect_state(composer.row("vide.txt"), "queued")
    figures = composer.row("devis").locator(".figures")
    expect(figures).to_have_text(
        re.compile(r"^[\d.]+.[KM]B of 12.MB, [\d.]+.[KM]B a second, about \d+ seconds? left$")
    )
    assert 0 < composer.row("devis").locator("progress").evaluate("bar => bar.position") < 1
    for file in files:
        expect_state(composer.row(file.name), "done")
    composer.submit()
    expect_posted(composer)
    assert received(context_of, product, letter) == {file.name: digest(file) for file in files}
    pieces = [int(one.headers.get("content-length", 0)) for one in composer.sent if one.method == "PATCH"]
    assert max(pieces, default=0) <= 8 * MIB


def test_a_request_brings_more_where_the_line_is_fast_and_less_where_it_is_slow(composer: Composer) -> None:
    next_after = """(ms) => {
        const upload = { options: {} };
        const row = { state: "sending", size: 1, meter: { show() {} } };
        const sender = { row, piece: performance.now() - ms };
        customElements.get("upload-sender").prototype.pieceArrived.call(sender, upload, 8 * 1024 ** 2, 0);
        return upload.options.chunkSize / 1024 ** 2;
    }"""
    assert [composer.page.evaluate(next_after, ms) for ms in (50, 1_000, 5_000)] == [32, 8, 4]


def test_a_document_pauses_goes_on_and_is_taken_back(
    composer: Composer, a_file: Files, context_of: Contexts, product: Running, letter: str
) -> None:
    kept, dropped = a_file("gardé.bin", 20 * MIB), a_file("retiré.bin")
    composer.at(4 * MIB)
    composer.choose(kept, dropped)
    expect(composer.row("gardé").locator(".figures")).to_contain_text("of 20")
    composer.does("gardé", "Pause")
    expect_state(composer.row("gardé"), "paused")
    expect(composer.row("gardé").get_by_role("button", name="Continue with gardé.bin")).to_be_focused()
    number = len(composer.offsets())
    composer.does("retiré", "Remove")
    expect(composer.row("retiré")).to_have_count(0)
    composer.page.wait_for_timeout(700)
    assert len(composer.offsets()) == number
    composer.does("gardé", "Continue")
    composer.at(-1)
    expect_state(composer.row("gardé"), "done")
    composer.submit()
    expect_posted(composer)
    assert received(context_of, product, letter) == {kept.name: digest(kept)}


@pytest.mark.spec("C8")
def test_a_document_goes_on_after_a_reload_from_where_it_was(
    composer: Composer, a_file: Files, context_of: Contexts, product: Running, letter: str
) -> None:
    file = a_file("rapport annuel.pdf", 20 * MIB)
    composer.at(4 * MIB)
    composer.choose(file)
    figures = composer.row("rapport").locator(".figures")
    expect(figures).to_have_text(re.compile(r"^([5-9]|1\d)[\d.]*.MB of"))
    stored = composer.page.evaluate("JSON.stringify(localStorage)")
    assert "rapport" not in stored
    assert str(20 * MIB) not in stored
    composer.page.on("dialog", lambda dialog: dialog.accept())
    composer.page.reload()
    row = composer.row("rapport annuel.pdf")
    expect_state(row, "unfinished")
    expect(row).to_contain_text(re.compile(r"(4|8|12|16).MB of 20.MB"))
    expect(row).to_contain_text("Choose this file again to continue.")
    composer.submit()
    expect(composer.page.get_by_role("alert").filter(has_text="has not arrived")).to_be_visible()
    composer.sent.clear()
    composer.at(-1)
    composer.choose(file)
    expect_state(row, "done")
    assert min(composer.offsets()) >= 4 * MIB
    assert composer.page.evaluate("localStorage.length") == 0
    composer.submit()
    expect_posted(composer)
    assert received(context_of, product, letter) == {file.name: digest(file)}


def test_another_file_of_the_same_name_and_size_is_not_mixed_into_the_first(
    composer: Composer, a_file: Files
) -> None:
    file = a_file("contrat.pdf", 10 * MIB)
    composer.at(4 * MIB)
    composer.choose(file)
    expect(composer.row("contrat").locator(".figures")).to_contain_text("of 10")
    composer.page.on("dialog", lambda dialog: dialog.accept())
    composer.page.reload()
    expect_state(composer.row("contrat"), "unfinished")
    composer.at(-1)
    composer.choose(a_file("contrat.pdf", 10 * MIB))
    expect(composer.row("contrat")).to_have_count(2)
    expect_state(composer.row("contrat").last, "done")
    expect(
        composer.page.get_by_role("alert").filter(has_text="is not the file that was begun")
    ).to_be_visible()
    composer.row("contrat").first.get_by_role("button", name="Remove").click()
    expect(composer.row("contrat")).to_have_count(1)


def test_a_browser_that_forgot_the_file_mixes_nothing_into_it(composer: Composer, a_file: Files) -> None:
    """Or another browser: a name and a size are often those of a corrected copy, too."""
    file = a_file("contrat.pdf", 10 * MIB)
    composer.at(4 * MIB)
    composer.choose(file)
    expect(composer.row("contrat").locator(".figures")).to_contain_text("of 10")
    composer.page.on("dialog", lambda dialog: dialog.accept())
    composer.page.evaluate("localStorage.clear()")
    composer.page.reload()
    expect_state(composer.row("contrat"), "unfinished")
    composer.at(-1)
    composer.choose(file)
    expect_state(composer.row("contrat").last, "done")
    expect(composer.page.get_by_role("alert").filter(has_text="This browser does not know")).to_be_visible()
    expect_state(composer.row("contrat").first, "unfinished")


def test_a_cut_line_is_waited_for(
    composer: Composer, a_file: Files, context_of: Contexts, product: Running, letter: str
) -> None:
    file = a_file("relevé.zip", 20 * MIB)
    composer.at(4 * MIB)
    composer.choose(file)
    row = composer.row("relevé")
    expect(row.locator(".figures")).to_contain_text("of 20")
    composer.at(-1, cut=True)
    expect_state(row, "offline")
    expect(row).to_contain_text("This goes on by itself as soon as it can be.")
    composer.at(-1)
    # The server may wait for the rest of what was cut, until its lease ends.
    expect_state(row, "done")
    composer.submit()
    expect_posted(composer)
    assert received(context_of, product, letter) == {file.name: digest(file)}


@pytest.mark.spec("C8")
def test_a_session_that_ends_in_the_middle_loses_nothing(
    composer: Composer, a_file: Files, context_of: Contexts, product: Running, letter: str
) -> None:
    file = a_file("dossier.tar", 24 * MIB)
    composer.at(4 * MIB)
    composer.page.fill("[name=text]", "Voici le dossier, en trois volumes.")
    composer.choose(file)
    row = composer.row("dossier")
    expect(row.locator(".figures")).to_contain_text("of 24")
    composer.page.context.clear_cookies()
    expect_state(row, "signedOut")
    expect(row).to_contain_text("as soon as you are signed in again in another window")
    expect(composer.page.get_by_role("alert").filter(has_text="You are no longer signed in")).to_be_visible()
    other = composer.page.context.new_page()
    sign_in_as(EMMA, other, product)
    other.close()
    composer.page.bring_to_front()
    composer.at(-1)
    expect_state(row, "done")
    composer.submit()
    expect_posted(composer)
    expect(composer.page.locator("article.mine").last).to_contain_text("en trois volumes")
    assert received(context_of, product, letter) == {file.name: digest(file)}


def test_what_is_too_large_is_refused_before_anything_is_sent(composer: Composer, tmp_path: Path) -> None:
    expect(composer.page.locator(".field .help", has_text="up to 1 GB together")).to_be_visible()
    large = tmp_path / "archives.iso"
    with large.open("wb") as file:
        file.truncate(1024**3 + 1)
    composer.sent.clear()
    composer.choose(large)
    expect(composer.page.get_by_role("alert").filter(has_text="“archives.iso” was not added")).to_be_visible()
    expect(composer.page.locator("document-upload")).to_have_count(0)
    assert [one.url for one in composer.sent if one.method in {"POST", "PATCH"}] == []


def test_a_message_submitted_early_is_posted_when_its_documents_have_arrived(
    composer: Composer, a_file: Files, context_of: Contexts, product: Running, letter: str
) -> None:
    file = a_file("annexe.pdf", 10 * MIB)
    composer.at(5 * MIB)
    composer.choose(file)
    expect_state(composer.row("annexe"), "sending")
    composer.submit()
    expect(
        composer.page.get_by_role("alert").filter(has_text="as soon as its documents have arrived")
    ).to_be_visible()
    expect_posted(composer)
    assert received(context_of, product, letter) == {file.name: digest(file)}


def test_leaving_while_a_document_is_on_its_way_warns(composer: Composer, a_file: Files) -> None:
    composer.at(2 * MIB)
    composer.choose(a_file("long.bin"))
    expect_state(composer.row("long"), "sending")
    composer.does("long", "Pause")
    with composer.page.expect_event("dialog") as asked:
        composer.page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.accept()


def test_a_document_is_sent_paused_and_taken_back_by_keyboard_alone(
    composer: Composer, a_file: Files
) -> None:
    page = composer.page
    composer.at(2 * MIB)
    tab_to(page, "input[type=file]")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(a_file("clavier.bin", 20 * MIB))
    expect_state(composer.row("clavier"), "sending")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Pause clavier.bin")).to_be_focused()
    assert is_ringed(page)
    page.keyboard.press("Enter")
    expect_state(composer.row("clavier"), "paused")
    expect(page.get_by_role("button", name="Continue with clavier.bin")).to_be_focused()
    page.keyboard.press("Enter")
    expect_state(composer.row("clavier"), "sending")
    expect(page.get_by_role("button", name="Pause clavier.bin")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Remove clavier.bin")).to_be_focused()
    page.keyboard.press("Enter")
    expect(composer.row("clavier")).to_have_count(0)
    expect(page.locator("input[type=file]")).to_be_focused()


def test_documents_are_dropped_and_pasted(composer: Composer) -> None:
    composer.page.evaluate(
        """() => {
          const carry = (...files) => files.reduce((all, file) => (all.items.add(file), all), new DataTransfer());
          const happens = { bubbles: true, cancelable: true };
          const dropped = carry(new File(["a"], "déposé.txt"), new File(["b"], "aussi.txt"));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, ...happens }));
          const pasted = carry(new File(["c"], "image.png"));
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted, ...happens }));
          const cells = carry(new File(["d"], "cellules.png"));
          cells.setData("text/plain", "1\\t2");
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: cells, ...happens }));
        }"""
    )
    for name in ("déposé.txt", "aussi.txt", "image.png"):
        expect_state(composer.row(name), "done")
    # Cells of a spreadsheet come with a picture of themselves: the text is what was meant.
    expect(composer.row("cellules.png")).to_have_count(0)


def test_a_folder_brings_what_is_in_it(composer: Composer, tmp_path: Path) -> None:
    (tmp_path / "dossier" / "sous").mkdir(parents=True)
    (tmp_path / "dossier" / "un.txt").write_text("un")
    (tmp_path / "dossier" / "sous" / "deux.txt").write_text("deux")
    (tmp_path / "dossier" / ".DS_Store").write_text("of the system")
    with composer.page.expect_file_chooser() as choosing:
        composer.page.get_by_role("button", name="A whole folder…").click()
    choosing.value.set_files(tmp_path / "dossier")
    for name in ("un.txt", "deux.txt"):
        expect_state(composer.row(name), "done")
    expect(composer.page.locator("document-upload")).to_have_count(2)


def test_screen_readers_hear_of_progress_now_and_then(composer: Composer, a_file: Files) -> None:
    composer.page.evaluate(
        """() => { window.heard = []; const voice = document.querySelector("uploads-voice");
          new MutationObserver(() => window.heard.push(voice.textContent)).observe(voice, { childList: true }); }"""
    )
    composer.at(6 * MIB)
    composer.choose(a_file("un.bin"), a_file("deux.bin"))
    for name in ("un.bin", "deux.bin"):
        expect_state(composer.row(name), "done")
    heard = composer.page.evaluate("window.heard")
    # One after the other, or both together where they arrive so.
    alone = {"“un.bin” has arrived; 2 of 2", "“deux.bin” has arrived; 2 of 2"}
    assert heard[-1] in {*alone, "2 of 2 documents have arrived"}
    assert (2 if heard[-1] in alone else 1) <= len(heard) <= 4
    # The figures that move are in no live region.
    assert (
        composer.page.locator("[aria-live] .figures, [role=status] .figures, [role=alert] .figures").count()
        == 0
    )
