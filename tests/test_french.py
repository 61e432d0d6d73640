"""The French and English that people read: how it is set, which words it uses, and whose words it leaves alone."""

import importlib.machinery
import importlib.util
import inspect
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings

from site_content.guides import en, fr
from site_content.guides.typography import french

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ("connexion_plugin/locale", "locale")
NBSP = "\u00a0"

# A word of another language or a calque, and what a Quebec writer says instead.
FORBIDDEN = {
    r"e-?mails?": "courriel",
    r"mails?": "courriel",
    r"mél": "courriel",
    r"adresses? (?:électroniques?|courriel)": "adresse de courriel",
    r"cliqu\w+ ici": "le nom de ce qui s’ouvre",
    r"logins?|se (?:dé)?connecter|connectez-vous|(?:dé)?connexion réussie": "ouvrir, fermer une session",
    r"s’identifier|identifiants?": "nom d’utilisateur",
    r"digita\w+": "numérique",
    r"veuillez": "l’impératif",
    r"s’il vous plaît": "l’impératif",
    r"second facteur|double authentification|2FA": "deuxième facteur",
    r"codes? de (?:secours|sauvegarde)": "code de récupération",
    r"app(?:s|lis?)?": "application",
    r"upload\w*|télécharger vers": "téléverser",
    r"sauvegarder": "enregistrer",
    r"supporter|adresser (?:un|le) problème": "un verbe français",
    r"en charge de|basé sur|définitivement pas": "sans calque",
    r"personnas?|persona’s": "persona",
    r"initiateurs?|propriétaires?": "titulaire",
    r"pièces? attachées?|fichiers? attachés?": "pièce jointe",
    r"check-?box|bouton radio": "case",
    r"notifications?": "avis",
    r"convi(?:er|e|é|ée|és|ées|ez)": "inviter",
    r"invalides?": "ce qui ne va pas",
    r"erreur fatale|échoué": "ce qui s’est passé",
}
FORBIDDEN_ENGLISH = {
    r"log[ -]?in|log[ -]?out|login": "sign in, sign out",
    r"username": "user name",
    r"email": "e-mail",
    r"organis\w+": "organization",
    r"cheque|color|center|behavior|honor": "Canadian spelling",
    r"enroll\b|enrollments?": "enrol, enrolment",
    r"two-factor|2FA": "second factor",
    r"backup codes?": "recovery code",
    r"click here": "the name of what opens",
    r"invalid|oops|sorry": "what is not right",
    r"sender’s conversation|initiator": "owner",
}
MARKS_WITHOUT_A_SPACE = re.compile(r"[ \u00a0\u202f][;?!]")
COLON = re.compile(r"(?<=[\w»)])(?<!https)(?<!http):(?!\w)|(?<=[\w»)])[ \u202f]:")
GUILLEMETS = re.compile(rf"«[^{NBSP}]|[^{NBSP}]»|[“”\"]")
APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
FIGURE = re.compile(r"\d (?:\d{3}|[KMG]o|h)\b")  # no line ends inside a number, nor before its unit
PERCENT = re.compile(r"\d[ \u202f]?%(?!\()")
HOUR = re.compile(r"\b\d{1,2}[:h]\d{2}\b(?!:)")
EXCLAIMS = re.compile(r"!|[\U0001F300-\U0001FAFF]")
DOTS = re.compile(r"\.\.\.")
MARKUP = re.compile(r"<[^>]*>")
PLACEHOLDER = re.compile(r"%%?\(?\w*\)?[sd]|\{\w*\}")


def catalogue(language: str) -> Iterator[tuple[str, str]]:
    """Each text of our catalogues with the msgid that leads to it."""
    for folder in CATALOGUES:
        for entry in polib.pofile(str(ROOT / folder / language / "LC_MESSAGES" / "django.po")):
            for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
                yield entry.msgid, text


def words_of(value: Any) -> Iterator[str]:
    """Every string inside blocks, lists, and the guides' own dataclasses."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from words_of(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from words_of(item)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from words_of(getattr(value, name))


def guides(module: Any) -> Iterator[tuple[str, str]]:
    for name, value in inspect.getmembers(module):
        if name.isupper():
            yield from ((name, text) for text in words_of(value) if " " in text)


FRENCH = [*catalogue("fr"), *((name, french(text)) for name, text in guides(fr))]
ENGLISH = [*catalogue("en"), *guides(en)]


def faults(texts: list[tuple[str, str]], pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {text!r}" for name, text in texts if pattern.search(PLACEHOLDER.sub("0", bare(text)))]


def bare(text: str) -> str:
    return MARKUP.sub("", text)


def words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@.])(?:{pattern})(?![\w@])", re.IGNORECASE)


@pytest.mark.parametrize(
    "rule",
    [MARKS_WITHOUT_A_SPACE, COLON, GUILLEMETS, APOSTROPHE, FIGURE, PERCENT, HOUR, EXCLAIMS, DOTS],
    ids=["; ? !", "colon", "guillemets", "apostrophe", "figure", "percent", "hour", "exclaims", "three dots"],
)
def test_french_is_set_as_quebec_sets_it(rule: re.Pattern[str]) -> None:
    assert faults(FRENCH, rule) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (MARKS_WITHOUT_A_SPACE, "Un oubli ?"),
        (COLON, "Référence:"),
        (COLON, "Référence :"),
        (GUILLEMETS, "« Aide »"),
        (GUILLEMETS, "“Aide”"),
        (APOSTROPHE, "l'avis"),
        (FIGURE, "5 000 contacts"),
        (FIGURE, "5 Mo"),
        (FIGURE, "12 h 30"),
        (PERCENT, "50 %"),
        (HOUR, "12:30"),
        (HOUR, "12h30"),
        (EXCLAIMS, "Bravo!"),
        (DOTS, "Plus..."),
    ],
)
def test_the_rules_find_what_they_look_for(rule: re.Pattern[str], text: str) -> None:
    assert faults([("", text)], rule)


@pytest.mark.parametrize("word", FORBIDDEN)
def test_french_says_it_with_the_word_that_was_chosen(word: str) -> None:
    assert faults(FRENCH, words(word)) == [], f"say: {FORBIDDEN[word]}"


@pytest.mark.parametrize("word", FORBIDDEN_ENGLISH)
def test_english_says_it_with_the_word_that_was_chosen(word: str) -> None:
    assert faults(ENGLISH, words(word)) == [], f"say: {FORBIDDEN_ENGLISH[word]}"


def test_readers_are_vous() -> None:
    assert faults(FRENCH, words(r"tu|toi|tes|clique")) == []


def test_english_exclaims_nothing_either() -> None:
    assert faults(ENGLISH, EXCLAIMS) == []


def test_the_guides_name_the_buttons_as_the_screens_do() -> None:
    """What stands in bold is a word of the interface, or a word that the guide explains right there."""
    explained = {
        "conversations",
        "collaborateur",
        "participants",
        "persona",
        "deuxième facteur",
        "empreinte SHA-256",
    }
    screen = {text for _, text in catalogue("fr")} | {text.rstrip("…") for _, text in catalogue("fr")}
    bold = {name for _, text in guides(fr) for name in re.findall(r"<b>(.*?)</b>", french(text))}

    assert bold - explained - screen == set()


def catalogues_of_others() -> Iterator[tuple[str, polib.POFile]]:
    """The French of Wagtail and of what it stands on: Django merges them all into one."""
    for app in settings.INSTALLED_APPS:
        if app.startswith(("wagtail", "django.contrib", "allauth", "taggit", "modelcluster")):
            spec = find_spec(app)
            for folder in (spec.submodule_search_locations or []) if spec else []:
                path = Path(folder) / "locale" / "fr" / "LC_MESSAGES" / "django.po"
                if path.exists():
                    yield app, polib.pofile(str(path))


def test_our_words_change_none_of_wagtails_own() -> None:
    """One msgid without a context is one translation for the whole site: ours would show in Wagtail's rooms."""
    ours = {
        entry.msgid: entry.msgstr
        for folder in CATALOGUES
        for entry in polib.pofile(str(ROOT / folder / "fr" / "LC_MESSAGES" / "django.po"))
        if not entry.msgctxt and not entry.msgid_plural
    }
    changed = [
        f"{app}: {entry.msgid!r} is {entry.msgstr!r}, ours {ours[entry.msgid]!r}: give ours a context"
        for app, others in catalogues_of_others()
        for entry in others.translated_entries()
        if not entry.msgctxt and entry.msgid in ours and entry.msgstr and entry.msgstr != ours[entry.msgid]
    ]
    assert changed == []


def test_the_catalogues_are_complete() -> None:
    loader = importlib.machinery.SourceFileLoader("bin_messages", str(ROOT / "bin" / "messages"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bin_messages", loader))  # type: ignore[arg-type]
    loader.exec_module(module)

    assert module.check() == 0
