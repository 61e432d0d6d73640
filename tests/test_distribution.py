"""What shares a site runs in one process, and what uses no database runs once."""

import pytest

from tests.distribution import scope_of, use_of_database
from tests.plugin_install.test_installed_elsewhere import VERSIONS

ELSEWHERE = "tests/plugin_install/test_installed_elsewhere.py::test_every_door"


@pytest.mark.parametrize("version", VERSIONS)
def test_all_of_one_site_stay_together(version: str) -> None:
    assert scope_of(f"{ELSEWHERE}[{version}-/admin/]") == version
    assert scope_of(f"{ELSEWHERE.replace('door', 'other')}[{version}]") == version


def test_every_other_test_goes_where_there_is_room() -> None:
    for nodeid in ("tests/views/test_x.py::test_y[7.4]", "tests/test_x.py::test_y"):
        assert scope_of(nodeid) == nodeid


def test_what_is_left_out_of_the_second_run_uses_no_database(request: pytest.FixtureRequest) -> None:
    assert use_of_database(request.node) == 2


@pytest.mark.django_db
def test_a_mark_uses_it(request: pytest.FixtureRequest) -> None:
    assert use_of_database(request.node) == 0


def test_so_does_what_a_fixture_asks_for(request: pytest.FixtureRequest, alice: object) -> None:
    assert use_of_database(request.node) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_emptied_afterwards_comes_later(request: pytest.FixtureRequest) -> None:
    assert use_of_database(request.node) == 1
