"""The plugin's migrations run in any site (style.md, 14)."""

import ast
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

FOLDER = Path(__file__).resolve().parent.parent / "connexion_plugin" / "migrations"
# What every Django site has; the user model comes as `swappable_dependency`, or a host's own would be missed.
EVERYWHERE = {"auth", "contenttypes", "connexion_plugin", "__setting__"}


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("0*.py")), ids=lambda path: path.stem)
def test_a_migration_knows_nothing_of_the_site_around_it(path: Path) -> None:
    words = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}

    assert not {"cms", "site_content"} & words
    assert not [
        word for word in words if isinstance(word, str) and word.startswith(("cms.", "site_content."))
    ]


def test_migrations_depend_on_what_every_site_has() -> None:
    loader = MigrationLoader(None, ignore_no_initial=True)
    needed = {
        app
        for (label, _), migration in loader.disk_migrations.items()
        if label == "connexion_plugin"
        for app, _ in migration.dependencies
    }

    assert needed <= EVERYWHERE | {"cms"}  # `cms` is what the swappable setting names here
