"""What an administrative act says in words, beside who and when (spec M6)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin import formats
from connexion_plugin.models import AdministrativeAct, Collaborator, Organization

Verb = AdministrativeAct.Verb


def words_of(act: AdministrativeAct) -> str:
    """One line; empty where the act says it all."""
    return WORDS.get(Verb(act.verb), numbers_of)(act)


def changes_in_words(model: type[Model], changes: Mapping[str, Any]) -> str:
    """Each policy with its old and new value."""
    return " · ".join(
        # Translators: a policy with its old and new value.
        _("%(policy)s: %(old)s → %(new)s") % {"policy": name_of(model, field), "old": old, "new": new}
        for field, (old, new) in changes.items()
    )


def name_of(model: type[Model], field: str) -> str:
    """The field's own, or the one it had, when a later version no longer has it."""
    names = {each.name: getattr(each, "verbose_name", each.name) for each in model._meta.get_fields()}
    return str(names.get(field, field))


def _policies(act: AdministrativeAct) -> str:
    return capfirst(changes_in_words(Organization, act.details.get("changes", {})))


def _fields(act: AdministrativeAct) -> str:
    return capfirst(", ".join(name_of(Collaborator, field) for field in act.details.get("changed", ())))


def _successor(act: AdministrativeAct) -> str:
    to = _("to %(address)s") % {"address": act.successor} if act.successor else ""
    return " · ".join(filter(None, [capfirst(to), numbers_of(act)]))


def numbers_of(act: AdministrativeAct) -> str:
    """The numbers among the details; what else is there is for the digest alone."""
    found = []
    for key, words in NUMBERS.items():
        count = act.details.get(key)
        if isinstance(count, int):
            found.append(words(count) % {"count": formats.number(count)})
    return " · ".join(found)


NUMBERS: dict[str, Callable[[int], str]] = {
    "conversations": lambda n: ngettext("%(count)s conversation", "%(count)s conversations", n),
    "participants": lambda n: ngettext("%(count)s participant", "%(count)s participants", n),
    "rows": lambda n: ngettext("%(count)s line", "%(count)s lines", n),
    "collaborators": lambda n: ngettext("%(count)s collaborator", "%(count)s collaborators", n),
}
WORDS: dict[AdministrativeAct.Verb, Callable[[AdministrativeAct], str]] = {
    Verb.POLICIES_SET: _policies,
    Verb.CHANGED: _fields,
    Verb.HANDED_OVER: _successor,
}
