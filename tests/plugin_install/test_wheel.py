"""The wheel ships the plugin whole, and nothing of the site around it."""

import zipfile
from pathlib import Path

import pytest

from tests.plugin_install.host_site import ROOT, build_wheel

pytestmark = pytest.mark.install


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    with zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("dist"))) as wheel:
        return wheel.namelist()


@pytest.mark.parametrize("folder", ["templates", "static"])
def test_every_file_of_a_folder_travels(folder: str, contents: list[str]) -> None:
    files = [path for path in (ROOT / "connexion_plugin" / folder).rglob("*") if path.is_file()]

    assert files
    assert {str(path.relative_to(ROOT)) for path in files} <= set(contents)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_catalogues_travel_compiled(language: str, contents: list[str]) -> None:
    assert f"connexion_plugin/locale/{language}/LC_MESSAGES/django.mo" in contents


def test_building_again_writes_no_catalogue_that_is_there(tmp_path: Path) -> None:
    """Processes that just start read them: tests, and a demo beside the build."""
    build_wheel(tmp_path)
    catalogues = list((ROOT / "connexion_plugin" / "locale").rglob("*.mo"))
    before = [path.stat().st_mtime_ns for path in catalogues]
    build_wheel(tmp_path)
    assert catalogues
    assert [path.stat().st_mtime_ns for path in catalogues] == before


def test_types_migrations_and_licence_travel(contents: list[str]) -> None:
    assert "connexion_plugin/py.typed" in contents
    assert "connexion_plugin/migrations/0001_initial.py" in contents
    assert any(name.endswith("licenses/LICENSE") for name in contents)


def test_the_site_and_the_tests_stay_at_home(contents: list[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in contents} == {
        "connexion_plugin",
        "wagtail_connexion",
    }
    assert not [name for name in contents if name.endswith((".pyc", ".sqlite3")) or "/tests/" in name]
    assert not [Path(name) for name in contents if "demo_keys" in name]
