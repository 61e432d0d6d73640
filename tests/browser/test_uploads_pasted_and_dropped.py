"""What is pasted or dropped is in the list, or one reads why it is not (spec D2)."""

import pytest
from playwright.sync_api import expect

from tests.browser.composing import Composer, expect_state
from tests.browser.test_uploads import composer, emma  # noqa: F401  the same Emma
from tests.browser.test_uploads_in_words import DROP

pytestmark = pytest.mark.spec("D2")
PASTE = """([names, text]) => {
  const pasted = new DataTransfer();
  for (const name of names) pasted.items.add(new File([name], name, { type: "image/png" }));
  if (text) pasted.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: pasted, bubbles: true, cancelable: true });
  return document.body.dispatchEvent(event);
}"""
REFUSED = """() => {
  // What a system lets one drop and not read: a file, and a folder after its first files.
  const no = (_found, failed) => setTimeout(() => failed(new DOMException("", "NotReadableError")));
  const file = (name) => ({ isFile: true, name, file: (found) => found(new File(["a"], name)) });
  const closed = { isFile: false, name: "fermé", createReader() {
    const rest = [[file("dedans.txt")]];
    return { readEntries: (found, failed) => (rest.length ? found(rest.pop()) : no(found, failed)) };
  } };
  const entries = [file("lisible.txt"), { isFile: true, name: "illisible.pdf", file: no }, closed];
  const event = new DragEvent("drop", { bubbles: true, cancelable: true });
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], items, files: [] } });
  document.body.dispatchEvent(event);
}"""


@pytest.mark.parametrize("between", ["\n", "\r"])
def test_files_that_the_finder_copied_with_their_names_as_text_are_taken(
    composer: Composer,  # noqa: F811
    between: str,
) -> None:
    is_text = composer.page.evaluate(
        PASTE, [["été.pdf", "plan.dwg"], between.join(["e\u0301te\u0301.pdf", "plan.dwg"])]
    )
    assert not is_text
    for name in ("été.pdf", "plan.dwg"):
        expect_state(composer.row(name), "done")


def test_text_with_a_picture_of_itself_is_text(composer: Composer) -> None:  # noqa: F811
    assert composer.page.evaluate(PASTE, [["image.png"], "image.png\n17,4"])
    expect(composer.page.locator("document-upload")).to_have_count(0)


def test_a_picture_without_a_name_gets_one(composer: Composer) -> None:  # noqa: F811
    composer.page.evaluate(PASTE, [[""], ""])
    expect_state(composer.row("image.png"), "done")
    expect(composer.page.get_by_role("button", name="Remove image.png")).to_be_visible()


def test_what_cannot_be_read_is_named(composer: Composer) -> None:  # noqa: F811
    composer.page.evaluate(REFUSED)
    for name in ("lisible.txt", "dedans.txt"):
        expect_state(composer.row(name), "done")
    expect(composer.page.locator(".chosen-sentence")).to_have_text(
        "“illisible.pdf” was not added: it could not be read. “fermé” was not added: it could not be read."
    )
    expect(composer.page.locator("document-upload")).to_have_count(2)


def test_an_empty_folder_is_said_to_be_one(composer: Composer) -> None:  # noqa: F811
    composer.page.evaluate(DROP, [["vide", [["plus vide", []]]]])
    expect(composer.page.locator(".chosen-sentence")).to_have_text("There is no document in what was chosen.")
