from decimal import Decimal

from django.db import migrations

import apps.common.fields

# What the round trips that are open have brought and lost by now, as far as that was counted.
COUNT = """
UPDATE execution_position AS position
SET settled = CASE WHEN so_far.is_dust THEN so_far.won + so_far.funding ELSE 0 END,
    lost = CASE WHEN so_far.is_dust THEN 0 ELSE greatest(0, -so_far.won) END
FROM (
    SELECT held.id, held.funding,
        sign(held.quantity) * (held.exit_value - held.entry_value + abs(held.cost)) - held.fees
            AS won,
        abs(held.quantity) < rules.min_quantity OR abs(held.cost) < rules.min_notional AS is_dust
    FROM execution_position AS held JOIN market_instrument AS rules ON rules.id = held.instrument_id
    WHERE held.quantity <> 0 AND held.exit_quantity > 0
) AS so_far
WHERE position.id = so_far.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0012_approval_keeps_its_limits"),
        ("market", "0009_decided_through"),
    ]

    operations = [
        migrations.AddField(
            model_name="position",
            name="settled",
            field=apps.common.fields.MoneyField(
                db_default=Decimal(0),
                default=Decimal(0),
                help_text=(
                    "What the round trip that is open had brought when it last ended but for dust."
                ),
            ),
        ),
        migrations.AddField(
            model_name="position",
            name="lost",
            field=apps.common.fields.MoneyField(
                db_default=Decimal(0),
                default=Decimal(0),
                help_text="What it has lost since then, as far as limits on losses have counted it.",
            ),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
