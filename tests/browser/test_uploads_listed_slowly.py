"""A folder that a slow disk still lists when its message is submitted: the message waits for what is in it (spec D2)."""

import pytest
from playwright.sync_api import expect

from tests.browser.composing import Composer, expect_posted, expect_state
from tests.browser.test_uploads import composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")
DROP = """() => {
  // A folder as a browser gives it, of a disk that answers when a test says so: `window.answers` has what it was asked.
  window.answers = [];
  const asked = (tell) => (found, failed) => window.answers.push((fault) => (fault ? failed(fault) : found(tell())));
  const file = (name) => ({ isFile: true, name, file: asked(() => new File([name], name)) });
  const folder = (name, batches) => ({ isFile: false, name, createReader() {
    const rest = [...batches, []];
    return { readEntries: asked(() => rest.shift()) };
  } });
  const entry = folder("dossier", [[file("un.txt"), file("deux.txt")], [folder("sous", [[file("trois.txt")]])]]);
  const event = new DragEvent("drop", { bubbles: true, cancelable: true });
  const items = [{ webkitGetAsEntry: () => entry }];
  Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], items, files: [] } });
  document.body.dispatchEvent(event);
}"""
NAMES = ["un.txt", "deux.txt", "trois.txt"]
POSTING = "Your message is posted as soon as its documents have arrived. Leave this page open."
SUBMIT_AGAIN = "Your message is not posted yet: submit again to post it without what was not added."


def drop_and_submit(composer: Composer) -> None:  # noqa: F811
    composer.page.get_by_label("Message", exact=True).fill("Voici.")
    composer.page.evaluate(DROP)
    composer.submit()
    expect(composer.page.get_by_role("alert").filter(has_text=POSTING)).to_be_visible()


def answer(composer: Composer, *, fault: bool = False) -> None:  # noqa: F811
    """The disk answers the oldest question of those that wait; it is awaited until there is one."""
    composer.page.wait_for_function("window.answers.length")
    composer.page.evaluate(
        "(fault) => window.answers.shift()(fault && new DOMException('', 'NotReadableError'))", fault
    )


def answer_the_rest(composer: Composer) -> None:  # noqa: F811
    composer.page.evaluate(
        "() => { const all = () => { window.answers.splice(0).forEach((one) => one()); setTimeout(all, 20); }; all(); }"
    )


def names_posted(composer: Composer) -> list[str]:  # noqa: F811
    expect_posted(composer)
    return composer.page.locator(".documents").last.locator(".name").all_inner_texts()


def test_the_message_waits_for_all_that_is_in_the_folder(composer: Composer) -> None:  # noqa: F811
    drop_and_submit(composer)
    answer(composer)
    composer.page.wait_for_timeout(300)
    assert composer.page.locator("document-upload").count() == 0
    expect(composer.page.locator(".chosen-sentence")).to_have_text(POSTING)
    answer_the_rest(composer)
    assert names_posted(composer) == NAMES


def test_what_is_chosen_meanwhile_arrives_and_the_message_waits_on(composer: Composer) -> None:  # noqa: F811
    drop_and_submit(composer)
    composer.choose({"name": "acte.pdf", "mimeType": "application/pdf", "buffer": b"abc"})
    expect_state(composer.row("acte"), "done")
    composer.page.wait_for_timeout(300)
    expect(composer.page.locator(".chosen-sentence")).to_have_text(POSTING)
    answer_the_rest(composer)
    assert names_posted(composer) == ["acte.pdf", *NAMES]


def test_what_cannot_be_listed_is_named_and_the_message_held(composer: Composer) -> None:  # noqa: F811
    drop_and_submit(composer)
    answer(composer)
    answer(composer, fault=True)
    answer_the_rest(composer)
    expect(composer.page.get_by_role("alert").filter(has_text=SUBMIT_AGAIN)).to_have_text(
        f"“dossier” was not added: it could not be read. {SUBMIT_AGAIN}"
    )
    for name in NAMES[:2]:
        expect_state(composer.row(name), "done")
    composer.submit()
    assert names_posted(composer) == NAMES[:2]


def test_a_disk_that_says_nothing_more_is_not_awaited_for_ever(composer: Composer) -> None:  # noqa: F811
    composer.page.clock.install()
    drop_and_submit(composer)
    for _minute in range(2):  # slow, and not silent
        composer.page.clock.fast_forward(50_000)
        answer(composer)
    composer.page.wait_for_timeout(100)
    expect(composer.page.locator(".chosen-sentence")).to_have_text(POSTING)
    composer.page.clock.fast_forward(61_000)  # of the third reading
    composer.page.wait_for_timeout(100)
    composer.page.clock.fast_forward(61_000)  # of the files that were listed
    alert = composer.page.get_by_role("alert").filter(has_text=SUBMIT_AGAIN)
    for name in ("un.txt", "deux.txt", "sous"):
        expect(alert).to_contain_text(f"“{name}” was not added: it could not be read.")
    expect(alert).to_contain_text("Nor was one more document.")  # what else the folder holds
    composer.submit()
    expect_posted(composer)


def test_who_leaves_while_a_folder_is_listed_is_asked(composer: Composer) -> None:  # noqa: F811
    composer.page.get_by_label("Message", exact=True).click()
    composer.page.evaluate(DROP)
    with composer.page.expect_event("dialog") as asked:
        composer.page.close(run_before_unload=True)
    asked.value.accept()
