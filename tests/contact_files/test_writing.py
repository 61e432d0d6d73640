"""What leaves the address book computes nothing, and comes back the same (spec B6)."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connexion_plugin.contact_files import as_csv, as_vcards, read

HEADS = ["Nom", "Courriel", "Langue", "Note"]
shown = st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=20)


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'="])
def test_no_cell_begins_a_formula(begins):
    written = as_csv([(f"{begins}HYPERLINK(1)", "a@b.ca", "fr", f"{begins}1")], heads=HEADS, delimiter=";")
    cells = list(csv.reader(written.decode("utf-8-sig").splitlines(), delimiter=";"))[1:]
    assert all(cell[0] == "'" for cell in (cells[0][0], cells[0][3]))


@pytest.mark.parametrize("name", ["=1+1", "'=1+1", "''-", "'Aimé", "＝1"])
def test_the_apostrophe_of_the_guard_is_told_from_ones_own(name):
    (line,) = read(as_csv([(name, "a@b.ca", "en", name)], heads=HEADS, delimiter=";"))
    assert (line.name, line.note) == (name, name)


@given(name=shown, note=shown, delimiter=st.sampled_from(";,"))
def test_a_spreadsheet_comes_back_the_same(name, note, delimiter):
    (line,) = read(as_csv([(name, "a@b.ca", "en", note)], heads=HEADS, delimiter=delimiter))
    assert (line.name, line.address, line.language, line.note) == (name.strip(), "a@b.ca", "en", note.strip())


@given(name=shown, note=shown)
def test_a_card_comes_back_the_same(name, note):
    (line,) = read(as_vcards([(name, "a@b.ca", "en", note)]))
    assert line.is_readable
    assert (line.name, line.address, line.language) == (name.strip(), "a@b.ca", "en")
    assert line.note == note.strip()
