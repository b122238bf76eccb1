from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("risk", "0004_risk_limits")]

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
