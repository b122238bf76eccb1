from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("market", "0007_allocation_snapshots"),
    ]

    operations = [
        migrations.AddField(
            model_name="latecandle",
            name="met_at",
            field=models.DateTimeField(null=True),
        ),
    ]
