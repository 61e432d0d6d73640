from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def with_the_last_message(apps, schema_editor):
    """What a legal hold names, active or lifted, has none: the worker gives it one when it is let go."""
    messages = apps.get_model('connexion_plugin', 'Message').objects.filter(conversation=OuterRef('pk'))
    latest = messages.order_by('-expires_at').values('expires_at')[:1]
    conversations = apps.get_model('connexion_plugin', 'Conversation').objects
    conversations.filter(hold=None).update(title_expires_at=Subquery(latest))


class Migration(migrations.Migration):

    dependencies = [
        ('connexion_plugin', '0004_the_next_holder_of_a_seat_opens_anew'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='conversation',
            name='conversation_title_not_emptied',
        ),
        migrations.AddField(
            model_name='conversation',
            name='title_expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(with_the_last_message, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(condition=models.Q(('title_emptied_at', None)), fields=['title_expires_at'], name='conversation_title_not_emptied'),
        ),
        migrations.AddConstraint(
            model_name='conversation',
            constraint=models.CheckConstraint(condition=models.Q(('title_expires_at__isnull', False), ('title_emptied_at__isnull', False), ('hold__isnull', False), _connector='OR'), name='conversation_title_expires_unless_held', violation_error_message='A title without an expiry is under a legal hold.'),
        ),
    ]
