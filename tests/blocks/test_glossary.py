import pytest

from connexion_plugin.blocks import GlossaryBlock

pytestmark = pytest.mark.spec("H1")


def test_each_word_stands_with_what_it_means(show):
    entry = {"term": "Persona", "meaning": "<p>An address of <b>yours</b>.</p>"}
    html = show(GlossaryBlock(), {"entries": [{"type": "item", "id": "0", "value": entry}]})
    assert html.index("<dt>Persona</dt>") < html.index("An address of <b>yours</b>.")
