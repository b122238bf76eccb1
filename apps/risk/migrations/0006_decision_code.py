from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("risk", "0005_account_risk")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("code", ""), _negated=True),
                fields=["user", "code", "-id"],
                name="decision_by_code",
            ),
        ),
    ]
