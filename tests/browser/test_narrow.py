"""On a telephone, and magnified four times (1280 px at 400 % are 320): what is long goes on where a reader expects it."""

import pytest
from playwright.sync_api import Page

from connexion_plugin.demo.story import JEAN, JEAN_AT_WORK, MARIE
from tests.browser.conftest import Contexts
from tests.browser.rare_states import TWO_SEATS
from tests.browser.running import Running
from tests.browser.screens import BUDGET, DEED, click, conversation, open_dialog, portal

# The letters after which an address goes on in another line: where two neighbours stand at different heights.
ENDS_OF_LINES = """
(selector) => [...document.querySelectorAll(selector)].flatMap((place) => {
  const letters = [];
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    for (let at = 0; at < walker.currentNode.length; at++) {
      const range = new Range();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      letters.push([walker.currentNode.data[at], range.getBoundingClientRect().top]);
    }
  return letters.filter(([, top], at) => letters[at + 1] && letters[at + 1][1] > top + 8).map(([letter]) => letter);
})
"""

# Where the letters of the first place and of all others begin, and where they end.
EDGES_OF_WORDS = """
(selector) => [...document.querySelectorAll(selector)].map((place) => {
  const range = new Range();
  range.selectNodeContents(place);
  const box = range.getBoundingClientRect();
  return [box.left, box.right];
})
"""


@pytest.fixture
def narrow(context_of: Contexts) -> Page:
    page = context_of(MARIE).new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    return page


@pytest.mark.parametrize(
    ("path", "selector"),
    [
        (conversation(DEED, "delete/"), ".readers .who strong"),
        (conversation(DEED), ".window-head p"),
        (conversation(BUDGET), ".message .from > span"),
        (conversation(BUDGET, "activity/"), ".lines td.name"),
        (portal(), ".inbox-head > p"),
    ],
)
def test_an_address_is_not_cut_inside_a_word(
    narrow: Page, product: Running, path: str, selector: str
) -> None:
    narrow.goto(product.url + path.format(language="fr"))
    narrow.evaluate("document.fonts.ready")
    ends = narrow.evaluate(ENDS_OF_LINES, selector)
    assert ends, "no address needed a second line"
    assert set(ends) <= set("@.- ")
    narrow.close()


def test_a_tab_stays_in_one_line(context_of: Contexts, product: Running) -> None:
    page = context_of(JEAN).new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(product.url + portal().format(language="fr"))
    heights = [box["height"] for tab in page.locator(".tabs a").all() if (box := tab.bounding_box())]
    assert heights
    assert max(heights) < 2 * 27  # the lines' height
    page.close()


@pytest.mark.spec("I2")
def test_a_tab_begins_with_what_an_address_is_known_by(context_of: Contexts, product: Running) -> None:
    page = context_of(JEAN).new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(product.url + portal().format(language="fr"))
    assert page.locator(".tabs .address > [aria-hidden]").all_inner_texts() == [JEAN_AT_WORK, JEAN]
    second = page.locator(".tabs a").nth(1).bounding_box()
    assert second
    assert second["x"] < 390 - 100, "the next tab can be read, not only seen"
    page.close()


def test_short_words_stand_as_far_apart_as_long_ones(context_of: Contexts, product: Running) -> None:
    page = context_of(JEAN).new_page()
    page.goto(product.url + portal().format(language="en"))
    edges = page.evaluate(EDGES_OF_WORDS, ".filters a")
    gaps = {round(edges[at + 1][0] - edges[at][1]) for at in range(len(edges) - 1)}
    assert len(gaps) == 1, gaps
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_what_has_no_edge_begins_where_the_text_does(
    context_of: Contexts, product: Running, width: int
) -> None:
    page = context_of(JEAN).new_page()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(product.url + conversation(BUDGET, "readers/").format(language="fr"))
    left = page.evaluate(EDGES_OF_WORDS, ".body > h2")[0][0]
    quiet = page.evaluate(EDGES_OF_WORDS, ".actions > .quiet:first-child")
    assert len(quiet) == 2
    assert all(abs(begins - left) < 1 for begins, _ in quiet), (left, quiet)
    page.close()


@pytest.mark.spec("A1")
def test_a_line_of_the_history_is_one_line(context_of: Contexts, product: Running) -> None:
    page = context_of(JEAN).new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(product.url + conversation(BUDGET, "activity/").format(language="fr"))
    page.evaluate("document.fonts.ready")
    assert page.evaluate(ENDS_OF_LINES, ".lines td") == []
    page.close()


@pytest.mark.usefixtures("rare")
def test_a_button_that_says_an_address_has_the_width_that_it_needs(
    context_of: Contexts, product: Running
) -> None:
    page = context_of(JEAN).new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(product.url + portal("?search=pins").format(language="fr"))
    for link in (f".rows .title-text > a:has-text('{TWO_SEATS}')", ".draft-waits a"):
        click(link)(page)
    button = page.locator("button[formaction]").bounding_box()
    assert button
    assert button["height"] < 3 * 27  # two lines
    page.close()


def test_magnified_nothing_lies_over_the_form(context_of: Contexts, product: Running) -> None:
    page = context_of(JEAN).new_page()
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(product.url + conversation(BUDGET).format(language="en"))
    open_dialog(page)
    box = page.locator("dialog textarea").bounding_box()
    buttons = page.locator("dialog .actions").bounding_box()
    assert box
    assert buttons
    assert buttons["y"] >= box["y"] + box["height"]
    page.close()
