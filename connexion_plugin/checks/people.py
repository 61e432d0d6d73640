"""Whom the one door would shut out."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from connexion_plugin import personas
from connexion_plugin.checks.findings import Apps, warning


@register(Tags.database)
def check_superusers(
    app_configs: Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Confirmation is mandatory: without a verified address a superuser is locked out (access.md)."""
    if "default" not in (databases or ()) or not _tables_exist():
        return []
    superusers = get_user_model()._default_manager.filter(is_superuser=True, is_active=True)
    return [
        warning(
            "W003",
            f"The superuser {user.get_username()} has no verified address, and cannot sign in.",
            f"python manage.py connexion_setup --superuser {user.get_username()} --address THEIR@ADDRESS",
        )
        for user in superusers
        if not personas.of(user)
    ]


def _tables_exist() -> bool:
    """`migrate` asks before it has created anything."""
    present = set(connections["default"].introspection.table_names())
    return {get_user_model()._meta.db_table, "connexion_plugin_persona"} <= present
