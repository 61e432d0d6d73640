"""Every address of the admin that the URL patterns know, filled with ids of everybody's and with guesses."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize

PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Address:
    """One named view and a path that leads to it."""

    name: str
    path: str


def addresses(guesses: dict[str, list[Any]], *, within: str = "admin/") -> list[Address]:
    """All paths below `within`: one for each combination of the guesses that fits the pattern's parameters."""
    found = []
    for name, pattern in _patterns(get_resolver().url_patterns, prefix="", namespaces=()):
        if not pattern.startswith(within):
            continue
        names = PARAMETER.findall(pattern)
        for values in itertools.product(*(_candidates(parameter, guesses) for parameter in names)):
            path = "/" + (pattern % dict(zip(names, values, strict=True))).replace("^", "")
            if _leads_to(path, name):
                found.append(Address(name, path))
    return found


def _candidates(parameter: str, guesses: dict[str, list[Any]]) -> list[Any]:
    for ending, values in guesses.items():
        if parameter.endswith(ending):
            return values
    return guesses["pk"]


def _leads_to(path: str, name: str) -> bool:
    try:
        match = get_resolver().resolve(path)
    except Exception:  # a UUID where a number is asked for
        return False
    return match.view_name == name or not name


def _patterns(
    patterns: Iterable[URLPattern | URLResolver], *, prefix: str, namespaces: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for text, _ in normalize(pattern.pattern.regex.pattern):
            here = prefix + text
            if isinstance(pattern, URLResolver):
                inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
                yield from _patterns(pattern.url_patterns, prefix=here, namespaces=inner)
            else:
                yield ":".join([*namespaces, pattern.name or ""]), here
