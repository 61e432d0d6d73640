"""docs/spec.md claims nothing that no test holds, and no test names a line that does not exist."""

from tests.spec_table import naming_tests, table

# How many lines each part of the specification has.
PARTS = {"I": 7, "B": 8, "C": 13, "D": 6, "E": 4, "A": 3, "N": 4, "H": 4, "M": 6, "V": 3}


def test_the_table_has_every_line_once_and_in_order() -> None:
    assert [line.number for line in table()] == [
        f"{part}{number}" for part, count in PARTS.items() for number in range(1, count + 1)
    ]


def test_a_line_that_is_done_has_a_test_that_names_it() -> None:
    named = naming_tests()

    assert [line.number for line in table() if line.done and not named.get(line.number)] == []


def test_tests_name_only_lines_that_exist() -> None:
    unknown = set(naming_tests()) - {line.number for line in table()}

    assert not unknown
