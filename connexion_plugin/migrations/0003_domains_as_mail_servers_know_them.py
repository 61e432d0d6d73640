"""Addresses whose domain is not ASCII take the form in which they are compared from now on (`personas.normalise`)."""

import idna
from django.db import migrations

HOLD_ADDRESSES = (
    ("connexion_plugin", "Persona", "address"),
    ("connexion_plugin", "Collaborator", "address"),
    ("connexion_plugin", "Contact", "address"),
    ("account", "EmailAddress", "email"),
)


def normalise(apps, schema_editor):
    for app, name, field in HOLD_ADDRESSES:
        rows = apps.get_model(app, name)._base_manager
        for key, address in list(rows.values_list("pk", field)):
            local, _at, domain = address.rpartition("@")
            if domain.isascii():
                continue
            try:
                wanted = f"{local}@{idna.encode(domain, uts46=True).decode()}"
            except idna.IDNAError:
                continue
            # Where both forms stand already, the one that is compared stays.
            if not rows.filter(**{field: wanted}).exists():
                rows.filter(pk=key).update(**{field: wanted})


class Migration(migrations.Migration):
    dependencies = [
        ("connexion_plugin", "0002_a_persona_tells_its_holder"),
        ("account", "0001_initial"),
    ]

    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
