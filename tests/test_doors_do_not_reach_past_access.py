"""Doors get conversations, messages and documents from `access` and the verbs, never from the tables (access.md).

Reads the sources: a manager that refuses can still be walked round by its unscoped sister, by the base
manager, or by declaring the system's scope.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from connexion_plugin import models
from connexion_plugin.models.scope import GuardedManager, OrganizationScopedManager

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = ROOT / "connexion_plugin"
DOORS = (
    *("views", "wagtail_admin", "accounts", "blocks", "management", "middleware", "second_factor", "forms"),
    *("templatetags", "urls", "tasks.py", "wagtail_hooks.py", "context_processors.py", "help.py"),
)
# Asked at every request and answered in one statement: whether a code is demanded. Reads seats, never content.
MAY = {"second_factor/requirements.py"}
# Managers that see everything, however they are asked for.
PAST_THE_GUARD = {"unscoped", "_base_manager", "system_scope"}
# Models whose own manager answers for an administrator's organizations: their doors may use it.
GUARDED = {
    name
    for name in models.__all__
    if isinstance(getattr(getattr(models, name), "objects", None), GuardedManager)
}


def door_files() -> Iterator[Path]:
    for door in DOORS:
        path = PLUGIN / door
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if file.exists() and str(file.relative_to(PLUGIN)) not in MAY:
                yield file


def reaches(tree: ast.Module) -> Iterator[str]:
    """Each place of a door that reads past the guard, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in PAST_THE_GUARD and not _is_of_accounts(node):
            yield f"line {node.lineno}: .{node.attr}"
        if isinstance(node, ast.Name) and node.id in PAST_THE_GUARD:
            yield f"line {node.lineno}: {node.id}"
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"objects", "_default_manager"}
            and isinstance(node.value, ast.Name)
            and node.value.id in GUARDED
        ):
            yield f"line {node.lineno}: {node.value.id}.{node.attr}"


def _is_of_accounts(node: ast.Attribute) -> bool:
    """`get_user_model()._base_manager`: the host's accounts, which no guard of ours stands before."""
    called = node.value
    return (
        node.attr == "_base_manager"
        and isinstance(called, ast.Call)
        and isinstance(called.func, ast.Name)
        and called.func.id == "get_user_model"
        and not called.args
    )


@pytest.mark.parametrize("path", list(door_files()), ids=lambda path: str(path.relative_to(PLUGIN)))
def test_a_door_does_not_reach_past_access(path: Path) -> None:
    assert list(reaches(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "Message.objects.get(pk=1)",
        "Message.unscoped.all()",
        "message._meta.model._base_manager.all()",
        "get_user_model()._meta.model._base_manager.all()",
        "get_model()._base_manager.all()",
        "system_scope()",
    ],
)
def test_the_reader_of_sources_sees_what_it_looks_for(source: str) -> None:
    assert len(list(reaches(ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "name",
    ["Conversation", "Participation", "Message", "Attachment", "Activity", "Opening", "Mail", "Notice"],
)
def test_conversation_data_is_guarded(name: str) -> None:
    assert name in GUARDED


def test_what_belongs_to_an_organization_is_scoped() -> None:
    assert isinstance(models.Organization.objects, OrganizationScopedManager)
    assert isinstance(models.Collaborator.objects, OrganizationScopedManager)
