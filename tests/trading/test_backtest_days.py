"""What a subscription has lost today, in a backtest: since 00:00 UTC, whatever it lost before."""

from decimal import Decimal

import pytest

from tests.trading.examples import MONDAY
from tests.trading.test_backtest_limits import (
    CASH,
    IN,
    ORDERED,
    OUT,
    SCRIPTED,
    Script,
    entries,
    market,
)
from trading.backtest import Settings, Sizing, backtest
from trading.gates.values import Limits

DENIED = ("denied", "DAILY_LOSS_LIMIT")
# Bought on Monday at 01:00 at 100, sold on Tuesday at 01:00, and wanted again at 03:00.
SAID = {1: IN, 25: OUT, 27: IN}


def decided(prices: list[int]) -> list[tuple[str, str]]:
    """With 10 of it and 100 to lose in a day."""
    limits = Limits(
        capital=CASH, risk_per_trade=Decimal(1), leverage=Decimal(1), max_positions=2,
        max_daily_loss=Decimal("0.01"), warmup_candles=1,
    )  # fmt: skip
    settings = Settings(
        SCRIPTED, Script(MONDAY, SAID), CASH, "USD", limits, sizing=Sizing.FIXED,
        fixed_quantity=Decimal(10),
    )  # fmt: skip
    return entries(backtest(settings, [market(prices)]))


@pytest.mark.parametrize(
    ("monday", "tuesday", "expected"),
    [
        (85, 85, ORDERED),
        (85, 76, ORDERED),
        (85, 75, DENIED),
        (110, 100, DENIED),
        (110, 101, ORDERED),
    ],
)
def test_what_was_lost_before_midnight_is_not_lost_today(
    monday: int, tuesday: int, expected: tuple[str, str]
) -> None:
    assert decided([100, 100, *[monday] * 22, *[tuesday] * 6]) == [ORDERED, expected]
