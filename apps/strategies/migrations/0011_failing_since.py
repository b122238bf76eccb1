from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("strategies", "0010_by_hand")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="failing_since",
            field=models.DateTimeField(
                help_text="When it was first seen that somebody cannot be decided, "
                "on the venue's clock.",
                null=True,
            ),
        ),
    ]
