"""What is said of documents on their way, when there are many, and when somebody else refuses them (spec D2)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.composing import Composer, expect_state
from tests.browser.test_uploads import a_file, composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")
DROP = """(entries) => {
  // Entries as a browser gives them for what is dropped: folders, of which each reading brings a few.
  const entry = ([name, content]) => typeof content === "string"
    ? { isFile: true, file: (found) => found(new File([content], name)) }
    : { isFile: false, createReader() {
        const rest = content.map(entry);
        return { readEntries: (found) => setTimeout(() => found(rest.splice(0, 2))) };
      } };
  const event = new DragEvent("drop", { bubbles: true, cancelable: true });
  const items = entries.map((one) => ({ webkitGetAsEntry: () => entry(one) }));
  Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], items, files: [] } });
  document.body.dispatchEvent(event);
}"""
CHOOSE = """(count) => {
  const chosen = new DataTransfer();
  for (let n = 0; n < count; n += 1) chosen.items.add(new File([String(n)], `facture ${n}.txt`));
  document.querySelector("document-drop")
    .dispatchEvent(new CustomEvent("documents-chosen", { bubbles: true, detail: [...chosen.files] }));
}"""
WATCH = """() => {
  // Where the button stands once a row is there, and each time that it moves after that.
  const button = document.querySelector(".actions .primary");
  window.places = [];
  const look = () => {
    const place = Math.round(button.offsetTop);
    const count = document.querySelectorAll("document-upload").length;
    if (count !== window.places.at(-1)?.[0] || place !== window.places.at(-1)?.[1]) window.places.push([count, place]);
    requestAnimationFrame(look);
  };
  look();
}"""
LISTEN = """() => { window.heard = []; const voice = document.querySelector("uploads-voice");
  new MutationObserver(() => window.heard.push(voice.textContent)).observe(voice, { childList: true }); }"""


def test_a_folder_that_is_dropped_brings_what_is_in_it_however_deep(composer: Composer) -> None:  # noqa: F811
    inner = ["sous", [["deux.txt", "2"], ["trois.txt", "3"], ["quatre.txt", "4"], [".DS_Store", "x"]]]
    composer.page.evaluate(DROP, [["dossier", [["un.txt", "1"], inner, ["vide", []]]], ["seul.txt", "5"]])
    for name in ("un.txt", "deux.txt", "trois.txt", "quatre.txt", "seul.txt"):
        expect_state(composer.row(name), "done")
    expect(composer.page.locator("document-upload")).to_have_count(5)


def test_many_small_documents_arrive_in_few_words(composer: Composer) -> None:  # noqa: F811
    composer.page.evaluate(LISTEN)
    composer.page.evaluate(CHOOSE, 12)
    for number in (0, 11):
        expect_state(composer.row(f"facture {number}.txt"), "done")
    composer.page.wait_for_function("window.heard.at(-1)?.includes('12 of 12')")
    heard = composer.page.evaluate("window.heard")
    assert len(heard) <= 4
    assert heard[-1] == "12 of 12 documents have arrived"


def test_thousands_that_are_too_many_are_refused_in_a_few_words(composer: Composer) -> None:  # noqa: F811
    composer.page.evaluate("document.querySelector('document-uploads').setAttribute('files', '0')")
    composer.page.evaluate(CHOOSE, 3000)
    alert = composer.page.locator(".chosen-sentence")
    expect(alert).to_contain_text("“facture 2.txt” was not added")
    expect(alert).to_contain_text("Nor were 2,997 more documents.")
    assert len(str(alert.text_content())) < 500


@pytest.mark.parametrize("status", [403, 413])
def test_a_proxy_that_refuses_a_piece_is_called_one(composer: Composer, status: int) -> None:  # noqa: F811
    def refuse(route: Any) -> None:
        if route.request.method == "PATCH":
            route.fulfill(status=status, content_type="text/html", body="<h1>Refused by the proxy</h1>")
        else:
            route.continue_()

    composer.page.evaluate(LISTEN)
    composer.page.route("**/uploads/**", refuse)
    composer.choose({"name": "acte.pdf", "mimeType": "application/pdf", "buffer": b"abc"})
    row = composer.row("acte")
    expect_state(row, "failed")
    expect(row).to_contain_text(re.compile(rf"by a proxy or a firewall.*answer {status}"))
    assert composer.page.evaluate("window.heard")[-1] == f"“acte.pdf”: {row.locator('.state').text_content()}"
    composer.page.unroute("**/uploads/**")
    composer.does("acte", "Try acte.pdf again")
    expect_state(row, "done")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_full_disk_is_waited_out(composer: Composer, method: str) -> None:  # noqa: F811
    """Whether it says so of a beginning or of a piece: nothing is begun twice, and nothing is given up."""
    words = "No room is left on the disk, says the service."
    refusal = {"content_type": "text/plain", "headers": {"Tus-Resumable": "1.0.0"}, "body": words}
    full: list[str] = []

    def refuse(route: Any) -> None:
        if route.request.method == method and not full:
            full.append(route.request.url)
            route.fulfill(status=507, **refusal)
        else:
            route.continue_()

    composer.page.evaluate(LISTEN)
    for addresses in (composer.creations(), "**/uploads/**"):
        composer.page.route(addresses, refuse)
    composer.choose({"name": "acte.pdf", "mimeType": "application/pdf", "buffer": b"abc"})
    row = composer.row("acte")
    expect_state(row, "full")
    expect(row).to_contain_text(words)
    expect(row.get_by_role("button", name="Pause acte.pdf")).to_be_visible()
    expect_state(row, "done")
    assert len(full) == 1
    assert composer.page.evaluate("window.heard[0]") == f"“acte.pdf”: {words}"
    composer.page.reload()
    expect(composer.page.locator("document-upload")).to_have_count(1)
    expect_state(row, "done")


@pytest.mark.parametrize("width", [1280, 360])
def test_no_word_that_comes_moves_the_button_that_one_presses(composer: Composer, width: int) -> None:  # noqa: F811
    """A press that ends beside its button is none: the form stays, and says nothing."""
    page = composer.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(WATCH)
    composer.choose({"name": "bail.pdf", "mimeType": "application/pdf", "buffer": b"abc"})
    page.get_by_label("Message", exact=True).fill("Voici.")
    expect_state(composer.row("bail"), "done")
    expect(page.locator(".draft-state")).to_contain_text("Draft saved at")
    page.wait_for_timeout(100)
    places = [place for count, place in page.evaluate("window.places") if count]
    assert len(places) == 1, places
