"""docs/configure.md says what the sources do: each key with its default, each variable, each check, and no other."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from connexion_plugin.conf import ConnexionSettings, NotConfigured
from connexion_plugin.conf import settings as connexion_settings

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/configure.md").read_text(encoding="utf-8")
GIB, MIB = 1024**3, 1024**2

# Properties of conf.py whose key has another name.
OTHER_NAMES = {"key_store_folder": "KEY_STORE"}
# Keys whose default the page tells in words: what those words say of an empty CONNEXION.
IN_WORDS: dict[str, Callable[[Any], bool]] = {
    "none": lambda value: value is None,
    "none: documents are not scanned, and every page says so": lambda value: value is None,
    "empty": lambda value: value == "",
    "`Connexion <DEFAULT_FROM_EMAIL>`": lambda value: value == "Connexion <site@example.ca>",
}


def section(title: str) -> str:
    return PAGE.split(f"## {title}")[1].split("\n## ")[0]


def rows(title: str) -> dict[str, str]:
    """The second column of a table by each name of its first."""
    lines = re.findall(r"^\| (`.+?`) \| (.*?) \|", section(title), flags=re.M)
    return {name: default for names, default in lines for name in re.findall(r"`([^`]+)`", names)}


KEYS = rows("`CONNEXION`: the plugin's own dictionary")
PROPERTIES = {
    OTHER_NAMES.get(name, name.upper()): name
    for name, member in vars(ConnexionSettings).items()
    if isinstance(member, property)
}


def number(words: str) -> Any:
    """`50,000`, `1 GiB`, `(14, 3)`, `False` as Python has them."""
    if words.startswith("`"):
        return {"`()`": (), "`(14, 3)`": (14, 3), "`False`": False}[words]
    figure, _, unit = words.replace(",", "").partition(" ")
    return int(figure) * {"": 1, "MiB": MIB, "GiB": GIB}[unit]


def test_every_key_is_in_the_page_and_the_page_names_no_other() -> None:
    read = set(re.findall(r'_(?:get|demand)\("([A-Z_]+)"', (ROOT / "connexion_plugin/conf.py").read_text()))

    assert set(KEYS) == set(PROPERTIES) == read


@pytest.mark.parametrize("key", sorted(KEYS))
@override_settings(CONNEXION={}, DEFAULT_FROM_EMAIL="site@example.ca")
def test_a_key_that_is_not_set_is_worth_what_the_page_says(key: str) -> None:
    told = KEYS[key]
    if told == "none, demanded":
        with pytest.raises(NotConfigured):
            getattr(connexion_settings, PROPERTIES[key])
        return
    value = getattr(connexion_settings, PROPERTIES[key])

    assert IN_WORDS[told](value) if told in IN_WORDS else value == number(told)


def test_every_variable_of_the_site_is_in_the_page_and_the_page_names_no_other() -> None:
    sources = "".join(
        (ROOT / path).read_text()
        for path in ("cms/settings/base.py", "cms/settings/production.py", "manage.py", "cms/wsgi.py")
    )
    read = set(
        re.findall(
            r'(?:environ\.get\(|environ\[|setdefault\(|env_bool\(|demanded\(|config\()\s*"([A-Z_]+)"', sources
        )
    )

    assert set(rows("The ready site: environment variables")) == read | {"DATABASE_URL"}


def test_every_check_is_in_the_page_and_the_page_names_no_other() -> None:
    numbered = re.compile(r"\b([EWI]\d{3})\b")
    sources = "".join(path.read_text() for path in sorted((ROOT / "connexion_plugin").rglob("*.py")))
    given = set(re.findall(r'(?:"|connexion\.)([EWI]\d{3})\b', sources))
    told: set[str] = set()
    for first in re.findall(r"^\| (`connexion\..*?) \|", section("Checks"), flags=re.M):
        ids = numbered.findall(first)
        if " to " in first:
            ids = [f"{ids[0][0]}{each:03}" for each in range(int(ids[0][1:]), int(ids[1][1:]) + 1)]
        told.update(ids)

    assert told == given
