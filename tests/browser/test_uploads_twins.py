"""Documents that agree in name, size and date, as two of a folder may: none is dropped, none made of two (spec D2)."""

import hashlib
import os
import random
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.composing import MIB, Composer, expect_posted, expect_state
from tests.browser.test_uploads import composer, emma  # noqa: F401  the same Emma

pytestmark = pytest.mark.spec("D2")
DATE = 1_700_000_000
DROP = """(places) => {
  const entry = (place) => {
    const file = new File([place.includes("/a/") ? "un" : "UN"], "index.txt", { lastModified: 1700000000000 });
    return { isFile: true, fullPath: place, file: (found) => found(file) };
  };
  const event = new DragEvent("drop", { bubbles: true, cancelable: true });
  const items = places.map((place) => ({ webkitGetAsEntry: () => entry(place) }));
  Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], items, files: [] } });
  document.body.dispatchEvent(event);
}"""
# What the page would send next, and of which file.
HELD = """async () => {
  const digest = async (file) => {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  return Promise.all([...document.querySelectorAll("document-upload")].map((row) => digest(row.file)));
}"""


def folder_of(tmp_path: Path, one: bytes, other: bytes) -> Path:
    for name, content in (("a", one), ("b", other)):
        path = tmp_path / "dossier" / name / "index.txt"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        os.utime(path, (DATE, DATE))
    return tmp_path / "dossier"


def choose_folder(composer: Composer, folder: Path) -> None:  # noqa: F811
    with composer.page.expect_file_chooser() as choosing:
        composer.page.get_by_role("button", name="A whole folder…").click()
    choosing.value.set_files(folder)


def rows(composer: Composer) -> Locator:  # noqa: F811
    return composer.page.locator("document-upload")


def expect_all_arrived(composer: Composer, count: int) -> None:  # noqa: F811
    expect(rows(composer)).to_have_count(count)
    for number in range(count):
        expect_state(rows(composer).nth(number), "done")


def test_two_of_a_folder_that_agree_in_name_size_and_date_are_two(
    composer: Composer,  # noqa: F811
    tmp_path: Path,
) -> None:
    folder = folder_of(tmp_path, b"un", b"UN")
    choose_folder(composer, folder)
    expect_all_arrived(composer, 2)
    assert len(set(composer.page.evaluate(HELD))) == 2
    sentence = composer.page.locator(".chosen-sentence")
    expect(sentence).to_have_text("")
    choose_folder(composer, folder)
    expect(sentence).to_have_text("2 of these documents are in the list already: they were not added again.")
    composer.choose(folder / "a" / "index.txt")
    expect(sentence).to_have_text("“index.txt” is in the list already: it was not added again.")
    expect_all_arrived(composer, 2)
    composer.submit()
    expect_posted(composer)


def test_two_of_one_content_in_a_folder_are_two_still(composer: Composer, tmp_path: Path) -> None:  # noqa: F811
    choose_folder(composer, folder_of(tmp_path, b"un", b"un"))
    expect_all_arrived(composer, 2)


def test_two_that_are_dropped_are_told_apart_by_their_places(composer: Composer) -> None:  # noqa: F811
    places = ["/dossier/a/index.txt", "/dossier/b/index.txt", "/dossier/c/index.txt"]
    composer.page.evaluate(DROP, places)
    expect_all_arrived(composer, 3)
    composer.page.evaluate(DROP, places[:1])
    expect(composer.page.locator(".chosen-sentence")).to_contain_text("“index.txt” is in the list already")
    expect(rows(composer)).to_have_count(3)


@pytest.mark.parametrize("differ_at", [3 * MIB, None], ids=["in the middle", "all through"])
def test_twins_go_on_after_a_reload_each_with_its_own_bytes(
    composer: Composer,  # noqa: F811
    tmp_path: Path,
    differ_at: int | None,
) -> None:
    one = random.randbytes(6 * MIB)
    other = bytearray(one if differ_at else random.randbytes(6 * MIB))
    if differ_at:
        other[differ_at] ^= 1
    folder = folder_of(tmp_path, one, bytes(other))
    composer.at(2 * MIB)
    choose_folder(composer, folder)
    expect(rows(composer)).to_have_count(2)
    for number in range(2):
        expect(rows(composer).nth(number).locator(".figures")).to_contain_text("of 6")
    before = composer.page.evaluate(HELD)
    assert set(before) == {hashlib.sha256(bytes(each)).hexdigest() for each in (one, other)}
    composer.page.on("dialog", lambda dialog: dialog.accept())
    composer.page.reload()
    for number in range(2):
        expect_state(rows(composer).nth(number), "unfinished")
    composer.at(-1)
    choose_folder(composer, folder)
    expect_all_arrived(composer, 2)
    assert composer.page.evaluate(HELD) == before
    expect(composer.page.locator(".chosen-sentence")).to_have_text("")


def shown(composer: Composer) -> list[str]:  # noqa: F811
    return rows(composer).locator(".name").all_inner_texts()


def test_rows_of_one_name_show_as_much_of_their_places_as_it_takes(composer: Composer) -> None:  # noqa: F811
    """The drop calls each of them `index.txt`."""
    composer.page.evaluate(DROP, ["/dossier/index.txt"])
    expect_all_arrived(composer, 1)
    assert shown(composer) == ["index.txt"]
    composer.page.evaluate(DROP, ["/dossier/a/index.txt", "/dossier/a/b/index.txt", "/dossier/c/b/index.txt"])
    expect_all_arrived(composer, 4)
    names = ["dossier/index.txt", "a/index.txt", "a/b/index.txt", "c/b/index.txt"]
    assert shown(composer) == names

    def remove(name: str) -> Locator:
        return composer.page.get_by_role("button", name=f"Remove {name}", exact=True)

    for name in names:  # as a screen reader has it
        expect(remove(name)).to_have_count(1)
        label = f"{name}: how much has been sent"
        expect(composer.page.locator(f'progress[aria-label="{label}"]')).to_have_count(1)
    composer.page.reload()
    expect_all_arrived(composer, 4)
    assert shown(composer) == names
    remove("a/b/index.txt").click()
    expect(rows(composer)).to_have_count(3)
    assert shown(composer) == ["dossier/index.txt", "a/index.txt", "b/index.txt"]
    remove("dossier/index.txt").click()
    remove("b/index.txt").click()
    expect(rows(composer)).to_have_count(1)
    assert shown(composer) == ["index.txt"]
    expect(remove("index.txt")).to_have_count(1)


def test_where_no_folder_tells_two_apart_a_number_does_and_so_it_is_posted(
    composer: Composer,  # noqa: F811
    tmp_path: Path,
) -> None:
    for folder, content in (("un", b"1"), ("deux", b"22")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "prix $& $1.txt").write_bytes(content)
        composer.choose(tmp_path / folder / "prix $& $1.txt")
    expect_all_arrived(composer, 2)
    names = ["prix $& $1.txt", "prix $& $1 (2).txt"]
    assert shown(composer) == names
    composer.submit()
    expect_posted(composer)
    assert composer.page.locator(".documents .name").all_inner_texts() == names
