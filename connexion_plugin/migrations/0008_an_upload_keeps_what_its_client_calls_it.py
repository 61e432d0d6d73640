from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connexion_plugin', '0007_fewer_indexes_for_a_post'),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='metadata_sealed',
            field=models.BinaryField(default=bytes),
        ),
    ]
