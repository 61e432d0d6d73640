from django.db import migrations, models
from django.db.models import F


def since_they_joined(apps, schema_editor):
    """As far as it is known: who was admitted again reads what they did since."""
    seats = apps.get_model('connexion_plugin', 'Participation').objects
    seats.filter(tenure__gt=0, holder__isnull=False).update(held_since=F('joined_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('connexion_plugin', '0005_a_title_expires_at_its_hour'),
    ]

    operations = [
        migrations.AddField(
            model_name='participation',
            name='held_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(since_they_joined, migrations.RunPython.noop),
    ]
