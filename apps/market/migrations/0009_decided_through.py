from django.db import migrations, models

CURSORS = "market_candlecursor"


class Migration(migrations.Migration):
    """Up to now a candle was only passed when everything about it was decided."""

    dependencies = [("market", "0008_late_candles_met")]

    operations = [
        migrations.AddField("candlecursor", "decided_through", models.DateTimeField(null=True)),
        migrations.RunSQL(
            f"UPDATE {CURSORS} SET decided_through = closed_through",  # noqa: S608 - our own table
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            "candlecursor",
            "decided_through",
            models.DateTimeField(help_text="What follows of them is decided up to here."),
        ),
        migrations.AlterField(
            "candlecursor",
            "closed_through",
            models.DateTimeField(help_text="Orders have met its candles up to here."),
        ),
    ]
