from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def since_it_was_set(apps, schema_editor):
    holds = apps.get_model('connexion_plugin', 'LegalHold').objects.filter(pk=OuterRef('hold'))
    conversations = apps.get_model('connexion_plugin', 'Conversation').objects
    conversations.exclude(hold=None).update(kept_since=Subquery(holds.values('set_at')))


class Migration(migrations.Migration):

    dependencies = [
        ('connexion_plugin', '0013_a_form_s_key_finds_what_it_posted'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='kept_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(since_it_was_set, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='conversation',
            constraint=models.CheckConstraint(condition=models.Q(('hold', None), ('kept_since__isnull', False), _connector='OR'), name='conversation_held_since_a_moment', violation_error_message='A legal hold keeps a conversation from some moment on.'),
        ),
    ]
