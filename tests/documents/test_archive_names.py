"""Names in one folder, told apart where a reader's computer would take them for one (spec D6)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connexion_plugin.documents.archive import UniqueNames
from connexion_plugin.documents.names import NAME_BYTES, safe_name

pytestmark = pytest.mark.spec("D6")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["devis.pdf", "plan.pdf"], ["devis.pdf", "plan.pdf"]),
        (["devis.pdf"] * 3, ["devis.pdf", "devis (2).pdf", "devis (3).pdf"]),
        (["devis.pdf", "DEVIS.PDF"], ["devis.pdf", "DEVIS (2).PDF"]),
        (["devis (2).pdf", "devis.pdf", "devis.pdf"], ["devis (2).pdf", "devis.pdf", "devis (3).pdf"]),
        (["été.pdf", unicodedata.normalize("NFD", "été.pdf")], ["été.pdf", "e\u0301te\u0301 (2).pdf"]),
        (["lisez", "lisez"], ["lisez", "lisez (2)"]),
        (["é" * 125 + ".pdf"] * 2, ["é" * 125 + ".pdf", "é" * 123 + " (2).pdf"]),
    ],
)
def test_twins_are_numbered(given, kept):
    names = UniqueNames()
    assert [names.of(name) for name in given] == kept


@given(st.lists(st.sampled_from("aAé.").map(lambda letter: letter * 3) | st.text(max_size=300), max_size=30))
def test_whatever_the_names_no_two_are_one_and_all_can_be_saved(names):
    unique = UniqueNames()
    found = [unique.of(safe_name(name)) for name in names]
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in found}) == len(names)
    assert all(0 < len(name.encode()) <= NAME_BYTES for name in found)
