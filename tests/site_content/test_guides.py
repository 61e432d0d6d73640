"""The guides as texts: whole in both languages, in our own words, set with care."""

import dataclasses
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext

from connexion_plugin.help import SCREENS
from site_content.guides import en, fr
from site_content.guides.typography import NO_BREAK, english, french
from site_content.guides.writing import finished

LANGUAGES = {"fr": fr, "en": en}
TYPOGRAPHY = {"fr": french, "en": english}
RUN = 6

FOREIGN_NAMES = [
    "postes canada",
    "canada post",
    "postel",
    "connexion postal",
    "innovactione",
    "solutions pour petites entreprises",
    "unetelle",
    "877-376-1212",
    "safari",
    "chrome",
    "firefox",
]

NOT_TEXT = {"type", "id", "key", "anchor", "screens", "sign", "tone", "shown", "slug"}


def texts(raw: Any) -> Iterator[str]:
    """Every string that a reader sees."""
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, dict):
        for name, value in raw.items():
            if name not in NOT_TEXT:
                yield from texts(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from texts(value)


def all_texts(language: str) -> list[str]:
    module: ModuleType = LANGUAGES[language]
    raw = [getattr(module, name) for name in dir(module) if name.startswith(("HOME_", "HELP_"))]
    raw += [dataclasses.asdict(guide) for guide in module.GUIDES.values()]
    return [TYPOGRAPHY[language](re.sub(r"<[^>]+>", " ", text)) for text in texts(raw)]


def sections(language: str) -> list[dict[str, Any]]:
    return [section for guide in LANGUAGES[language].GUIDES.values() for section in guide.sections]


def shape(raw: Any) -> Any:
    """The types of blocks and the number of their entries, without the words."""
    if isinstance(raw, dict) and "type" in raw:
        return raw["type"], shape(raw["value"])
    if isinstance(raw, dict):
        return {
            name: raw[name] if name in NOT_TEXT - {"anchor"} else shape(raw[name])
            for name in raw
            if name != "anchor"
        }
    if isinstance(raw, list | tuple):
        return [shape(value) for value in raw]
    return None


@pytest.mark.spec("H1", "H2")
def test_both_languages_have_the_same_guides_sections_and_screens():
    assert list(fr.GUIDES) == list(en.GUIDES)
    assert [(part["key"], shape(part)) for part in sections("fr")] == [
        (part["key"], shape(part)) for part in sections("en")
    ]


@pytest.mark.spec("H2")
def test_the_participants_guide_covers_what_the_product_promises():
    keys = {section["key"] for section in fr.PARTICIPANT.sections}
    assert {
        "service",
        "participant",
        "notice",
        "inbox",
        "conversation",
        "download",
        "post",
        "telephone",
    } <= keys


@pytest.mark.spec("H3")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_explained_by_exactly_one_section(language):
    explained = [screen for section in sections(language) for screen in section["value"]["screens"]]
    assert sorted(explained) == sorted(SCREENS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_anchors_are_plain_and_different(language):
    anchors = [section["value"]["anchor"] for section in sections(language)]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", anchor) for anchor in anchors)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_inside_a_guide_leads_to_one_of_its_sections(language):
    for guide in LANGUAGES[language].GUIDES.values():
        anchors = {section["value"]["anchor"] for section in guide.sections}
        links = re.findall(r'href="#([^"]+)"', "".join(texts(dataclasses.asdict(guide))))
        assert set(links) <= anchors


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_or_number_of_another_service_appears(language):
    everything = "\n".join(all_texts(language)).lower()
    assert [name for name in FOREIGN_NAMES if name in everything] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_six_words_in_a_row_come_from_the_first_guide(language):
    """The file holds fingerprints of every run of six words of the guide whose facts we took, and no word of it."""
    known = set(Path(__file__).with_name("first_guide_fingerprints.txt").read_text().split())
    for text in all_texts(language):
        words = re.findall(r"[^\W_]+", text.lower())
        for start in range(len(words) - RUN + 1):
            run = " ".join(words[start : start + RUN])
            assert sha256(run.encode()).hexdigest()[:12] not in known, run


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_stay_calm(language):
    """No exclamation, no ellipsis but that of a button, no chain of « veuillez » (design.md)."""
    for text in all_texts(language):
        assert "!" not in text
        assert "veuillez" not in text.lower()
        assert "please" not in text.lower()


def test_french_is_set_as_in_canada():
    for text in all_texts("fr"):
        assert not re.search(r"[ \u00a0][;?!]", text), text
        assert not re.search(r"(?<!\u00a0):(?!/)", text), text
        assert not re.search(r"«(?!\u00a0)|(?<!\u00a0)»", text), text
        assert "'" not in text
        assert "email" not in text.lower()


def test_english_is_canadian():
    everything = " ".join(all_texts("en"))
    assert "'" not in everything
    assert not re.search(
        r"\b(color|center|organisation|recognise|favor|behavior)\b", everything, re.IGNORECASE
    )


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Trois choses : lire", f"Trois choses{NO_BREAK}: lire"),
        ("« Aide »", f"«{NO_BREAK}Aide{NO_BREAK}»"),
        ("l'avis", "l’avis"),
    ],
)
def test_french_typography(typed, set_):
    assert french(typed) == set_


def test_blocks_have_the_same_ids_in_both_languages_and_no_two_alike():
    def ids(raw: Any) -> list[str]:
        if isinstance(raw, dict):
            own = [raw["id"]] if "id" in raw else []
            return own + [each for value in raw.values() for each in ids(value)]
        return [each for value in raw for each in ids(value)] if isinstance(raw, list) else []

    french_ids = ids(finished(list(fr.PARTICIPANT.sections), "participant", french))
    english_ids = ids(finished(list(en.PARTICIPANT.sections), "participant", english))
    assert french_ids == english_ids
    assert len(set(french_ids)) == len(french_ids)


@pytest.mark.spec("H2")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tabs_are_found_under_the_words_that_stand_above_them(language: str) -> None:
    with translation.override(language):
        heading = gettext("My inboxes")
    told = next(section for section in LANGUAGES[language].PARTICIPANT.sections if section["key"] == "inbox")
    assert f"<b>{heading}</b>" in " ".join(texts(told))
