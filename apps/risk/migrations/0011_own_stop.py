"""A person's stop of their own trading stands beside that of staff; those that stand already are
told by who has tripped them."""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def own(apps: Any, _: Any) -> None:
    switches = apps.get_model("risk", "KillSwitch").objects
    theirs = switches.filter(scope="user", cause="", expires_at=None, tripped_by=F("user__email"))
    theirs.update(is_own=True)


class Migration(migrations.Migration):
    dependencies = [
        ("brokers", "0003_account_verification"),
        ("market", "0007_allocation_snapshots"),
        ("risk", "0010_days"),
        ("strategies", "0010_by_hand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="killswitch",
            name="one_tripped_switch_per_scope",
        ),
        migrations.AddField(
            model_name="killswitch",
            name="is_own",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="A person's stop of their own trading, which no act of staff replaces.",
                verbose_name="own",
            ),
        ),
        migrations.AddConstraint(
            model_name="killswitch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reset_at", None)),
                fields=(
                    "scope",
                    "venue",
                    "instrument",
                    "strategy",
                    "user",
                    "account",
                    "subscription",
                    "cause",
                    "is_own",
                ),
                name="one_tripped_switch_per_scope",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="killswitch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_own", False),
                    models.Q(("cause", ""), ("expires_at", None), ("scope", "user")),
                    _connector="OR",
                ),
                name="own_switch_is_a_persons_and_lasts",
            ),
        ),
        migrations.RunPython(own, migrations.RunPython.noop),
    ]
