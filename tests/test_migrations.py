"""The plugin's migrations run in any site (style.md, 14)."""

import ast
from pathlib import Path

import pytest
from django.core.management import call_command

FOLDER = Path(__file__).resolve().parent.parent / "connexion_plugin" / "migrations"


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command(
        "makemigrations", "connexion_plugin", "cms", "site_content", check=True, dry_run=True, verbosity=0
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("0*.py")), ids=lambda path: path.stem)
def test_a_migration_knows_nothing_of_the_site_around_it(path: Path) -> None:
    words = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}

    assert not {"cms", "site_content"} & words
    assert not [
        word for word in words if isinstance(word, str) and word.startswith(("cms.", "site_content."))
    ]
