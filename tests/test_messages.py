"""`bin/messages`: catalogues without gettext's own tools."""

import importlib.machinery
import importlib.util
from pathlib import Path
from typing import Any

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
NBSP = "\u00a0"


@pytest.fixture(scope="module")
def messages() -> Any:
    loader = importlib.machinery.SourceFileLoader("bin_messages", str(ROOT / "bin" / "messages"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bin_messages", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def sources(messages: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one template and one module, with a catalogue of its own."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "page.html").write_text(
        "{% load i18n %}\n  {% translate 'Open' context 'envelope' %}\n    <p>it's</p>\n"
        "{% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}\n"
    )
    (tmp_path / "app" / "words.py").write_text('def _(text): return text\n\nHELLO = _("Hello, %(name)s")\n')
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "CATALOGUES", (messages.Catalogue("locale", ("app",)),))
    return tmp_path


def french(folder: Path) -> polib.POFile:
    return polib.pofile(str(folder / "locale" / "fr" / "LC_MESSAGES" / "django.po"))


def test_templates_and_modules_are_read(messages: Any, sources: Path) -> None:
    messages.extract([])

    assert {(e.msgctxt, e.msgid, e.msgid_plural) for e in french(sources)} == {
        ("envelope", "Open", ""),
        (None, "%(n)s row", "%(n)s rows"),
        (None, "Hello, %(name)s", ""),
    }


def test_a_translation_is_taken_over_and_then_kept(messages: Any, sources: Path) -> None:
    other = sources / "other.po"
    other.write_text('msgid "Hello, %(name)s"\nmsgstr "Bonjour, %(name)s"\n')

    messages.extract([other])
    messages.extract([])

    assert french(sources).find("Hello, %(name)s").msgstr == "Bonjour, %(name)s"


def test_what_is_missing_fails_the_check(messages: Any, sources: Path) -> None:
    messages.extract([])

    assert messages.check() == 3


def test_a_catalogue_behind_its_sources_fails_the_check(messages: Any, sources: Path) -> None:
    messages.extract([])
    before = messages.check()
    (sources / "app" / "words.py").write_text('def _(text): return text\n\nNEW = _("New")\n')

    assert messages.check() > before


@pytest.mark.parametrize(
    ("source", "translation", "is_fine"),
    [
        ("Wait: now", f"Attendez{NBSP}: maintenant", True),
        ("Wait: now", "Attendez : maintenant", False),
        ("Really?", "Vraiment?", True),
        ("Really?", f"Vraiment{NBSP}?", False),
        ("“Open”", f"«{NBSP}Ouvrir{NBSP}»", True),
        ("“Open”", "« Ouvrir »", False),
        ("Hello, %(name)s", "Bonjour", False),
        ("Hello, %(name)s", "Bonjour, %(nom)s", False),
        ("At 50%", "À 50 %", True),
    ],
)
def test_french_is_set_as_people_here_set_it(
    messages: Any, source: str, translation: str, is_fine: bool
) -> None:
    entry = polib.POEntry(msgid=source, msgstr=translation)

    assert (list(messages.faults_of(entry, "fr")) == []) is is_fine


def test_what_is_fuzzy_is_not_translated(messages: Any) -> None:
    entry = polib.POEntry(msgid="Open", msgstr="Ouvrir", flags=["fuzzy"])

    assert list(messages.faults_of(entry, "fr")) == ["fuzzy"]
