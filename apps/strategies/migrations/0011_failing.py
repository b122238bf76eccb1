from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("strategies", "0010_by_hand")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="failing",
            field=models.JSONField(
                db_default={},
                default=dict,
                help_text="By subscription: since when nobody can decide it, on the venue's clock.",
            ),
        ),
    ]
