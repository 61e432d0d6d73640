"""Names in one folder, told apart where a reader's computer would take them for one (spec D6)."""

import io
import unicodedata
import zipfile

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from connexion_plugin.documents import unique_names
from connexion_plugin.documents.archive import Text, respond_with_archive
from connexion_plugin.documents.names import NAME_BYTES, safe_name
from connexion_plugin.documents.unique_names import UniqueNames

pytestmark = pytest.mark.spec("D6")
# Of 255 bytes, with its one dot near the beginning: what follows it is no extension.
MINUTES = safe_name("M. " + "Tremblay et Mme Gagnon, compte rendu de la rencontre du 12 novembre 2026 " * 4)
LETTERS = st.sampled_from("aAé.").map(lambda letter: letter * 3) | st.text(max_size=300)
# A dot anywhere in a name as long as can be.
LONG = st.builds(
    lambda before, letter: f"{letter * before}.{letter * 300}", st.integers(0, 260), st.sampled_from("aé ")
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["devis.pdf", "plan.pdf"], ["devis.pdf", "plan.pdf"]),
        (["devis.pdf"] * 3, ["devis.pdf", "devis (2).pdf", "devis (3).pdf"]),
        (["devis.pdf", "DEVIS.PDF"], ["devis.pdf", "DEVIS (2).PDF"]),
        (
            ["devis.pdf", "devis.pdf", "devis (2).pdf", "devis.pdf", "devis (4).pdf", "devis.pdf"],
            [
                "devis.pdf",
                "devis (2).pdf",
                "devis (2) (2).pdf",
                "devis (3).pdf",
                "devis (4).pdf",
                "devis (5).pdf",
            ],
        ),
        (["devis (2).pdf", "devis.pdf", "devis.pdf"], ["devis (2).pdf", "devis.pdf", "devis (3).pdf"]),
        (["été.pdf", unicodedata.normalize("NFD", "été.pdf")], ["été.pdf", "e\u0301te\u0301 (2).pdf"]),
        (["lisez", "lisez"], ["lisez", "lisez (2)"]),
        (["é" * 125 + ".pdf"] * 2, ["é" * 125 + ".pdf", "é" * 123 + " (2).pdf"]),
        ([MINUTES] * 2, [MINUTES, MINUTES[:-4] + " (2)"]),
    ],
)
def test_twins_are_numbered(given, kept):
    names = UniqueNames()
    assert [names.of(name) for name in given] == kept


def _twice(names):
    return names + names


@given(st.lists(LETTERS | LONG, max_size=15).map(_twice))
def test_whatever_the_names_no_two_are_one_and_all_can_be_saved(names):
    unique = UniqueNames()
    found = [unique.of(safe_name(name)) for name in names]
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in found}) == len(names)
    assert all(0 < len(name.encode()) <= NAME_BYTES for name in found)
    assert all(
        safe_name(name) == name for name in found
    )  # as it was kept, so it is numbered: nothing is lost in front


@pytest.mark.parametrize(
    "given",
    [
        ["image.png"] * 500,
        ["image.png", "IMAGE.png"] * 250,
        [f"{'a' * 247}{number:03}.png" for number in range(250)] * 2,  # alike once they are cut for a number
    ],
)
def test_a_name_that_returns_goes_on_from_its_last_number(given, monkeypatch):
    tried = []
    numbered = unique_names.numbered
    monkeypatch.setattr(unique_names, "numbered", lambda *what: tried.append(what) or numbered(*what))
    names = UniqueNames()
    assert len({names.of(name).casefold() for name in given}) == 500
    assert len(tried) <= 2 * 500


def test_more_entries_than_a_plain_archive_can_count_are_all_there():
    """Beyond 65,535 the count stands in a record of ZIP64."""
    texts = [Text.of(f"{number}.txt", b"%d" % number) for number in range(65_540)]
    answer = respond_with_archive(request=RequestFactory().get("/"), documents=[], texts=texts, name="a.zip")
    sent = b"".join(answer.streaming_content)
    assert len(sent) == int(answer["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(sent)) as packed:
        assert len(packed.infolist()) == 65_540
        assert packed.read("65539.txt") == b"65539"
