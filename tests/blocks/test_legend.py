import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from connexion_plugin.blocks import LegendBlock
from connexion_plugin.blocks.legend import ICONS, MANNERS

pytestmark = pytest.mark.spec("H1")


def entry(sign):
    return {
        "type": "item",
        "id": "0",
        "value": {"sign": sign, "name": "A name", "meaning": "<p>What it says</p>"},
    }


def test_every_icon_of_the_legend_is_one_of_the_products_own():
    sprite = Path(finders.find("connexion_plugin/icons/icons.svg")).read_text()
    assert set(ICONS) <= set(re.findall(r'id="icon-([a-z-]+)"', sprite))


@pytest.mark.parametrize("sign", ICONS)
def test_an_icon_is_drawn_from_the_sprite_and_named_in_words(show, sign):
    html = show(LegendBlock(), {"entries": [entry(sign)]})
    assert f"icons.svg#icon-{sign}" in html
    assert "A name" in html


@pytest.mark.parametrize("manner", MANNERS)
def test_a_manner_of_writing_is_shown_by_itself_and_hidden_from_screen_readers(show, manner):
    html = show(LegendBlock(), {"entries": [entry(manner)]})
    assert f'legend-sign-{manner}" aria-hidden="true"' in html


def test_the_figures_are_those_of_the_conversation_window(show):
    html = show(LegendBlock(), {"entries": [entry("theirs"), entry("mine")]})
    assert '<span class="figure theirs">' in html
    assert '<span class="figure mine">' in html
