from typing import Any

from django.db import migrations

from apps.subscriptions.catalogue import CATALOGUE


def add_plans(apps: Any, schema_editor: Any) -> None:
    plan = apps.get_model("subscriptions", "Plan")
    plan.objects.bulk_create(plan(**listing.columns) for listing in CATALOGUE)


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial")]
    operations = [migrations.RunPython(add_plans, migrations.RunPython.noop)]
