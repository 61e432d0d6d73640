"""The pages' files: nothing inline, nothing from elsewhere, every name answered, small modules (design.md, style.md)."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

import connexion_plugin

PLUGIN = Path(connexion_plugin.__file__).parent
STATIC = PLUGIN / "static/connexion_plugin"
PAGES = sorted(path for path in (PLUGIN / "templates").rglob("*.html") if "mail" not in path.parts)
STYLES = sorted((STATIC / "css").glob("*.css"))
MODULES = sorted((STATIC / "js").glob("*.js"))
SYMBOLS = set(re.findall(r'<symbol id="icon-([\w-]+)"', (STATIC / "icons/icons.svg").read_text()))


def name(path: Path) -> str:
    return str(path.relative_to(PLUGIN))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_has_no_inline_style_or_script(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style\b|\son\w+\s*=|javascript:|\sdata:", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_icon_of_a_page_is_in_the_sprite(path: Path) -> None:
    assert set(re.findall(r'{% icon "([\w-]+)"', path.read_text())) <= SYMBOLS


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_file_that_a_page_names_exists(path: Path) -> None:
    for file in re.findall(r'{% static ["\']([^"\']+)["\']', path.read_text()):
        assert finders.find(file), file


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_a_stylesheet_takes_nothing_from_elsewhere_and_stays_in_the_layer(path: Path) -> None:
    source = path.read_text()
    for url in re.findall(r'url\("?([^")]+)"?\)', source):
        assert (path.parent / url).is_file(), url
    assert (
        "!important" not in source.replace("[hidden] { display: none !important; }", "")
        or path.name == "print.css"
    )
    outside = re.sub(r"/\*.*?\*/|@font-face \{.*?\n\}|@import [^;]+;", "", source, flags=re.DOTALL).strip()
    assert not outside or outside.startswith("@layer connexion {")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_short_and_stands_alone(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) < 150
    assert not re.search(r"^\s*import\b|\beval\(|innerHTML|https?://", source, flags=re.MULTILINE)


def test_what_comes_from_others_says_its_version_and_licence() -> None:
    assert "ISC" in (STATIC / "icons/LICENSE-lucide.txt").read_text()
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts/LICENSE-source-sans-3.txt").read_text().upper()
    assert "Zero-Clause BSD" in (STATIC / "vendor/LICENSE-htmx.txt").read_text()
    assert "MIT License" in (STATIC / "vendor/LICENSE-tus-js-client.txt").read_text()
    versions = (STATIC / "vendor/VERSION.txt").read_text()
    assert re.findall(r"^(\S+) \d+\.\d+\.\d+, ", versions, re.MULTILINE) == ["htmx.org", "tus-js-client"]
    assert re.search(r"\d+\.\d+\.\d+", (STATIC / "fonts/VERSION.txt").read_text())


def test_fonts_weigh_little() -> None:
    assert sum(font.stat().st_size for font in (STATIC / "fonts").glob("*.woff2")) < 100_000


def test_what_comes_from_others_runs_under_the_strict_policy() -> None:
    for path in (STATIC / "vendor").glob("*.js"):
        used = re.findall(r"(?<![\w.])eval\(|new Function\(", path.read_text())
        # htmx has some for what this site does not use (`hx-on`, `hx-vals`): they are refused, not run.
        assert path.name == "htmx.min.js" or not used, path.name


def test_the_upload_client_comes_only_when_a_document_is_chosen() -> None:
    # 60 kB that most pages never need; and a module by address, so that hashed names hold.
    assert not [path for path in PAGES if re.search(r"<script[^>]+tus-js-client", path.read_text())]
    assert (
        "tus-js-client"
        in (PLUGIN / "templates/connexion_plugin/conversation/documents_field.html").read_text()
    )
