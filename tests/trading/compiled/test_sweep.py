"""A sweep says of each parameter set what a report says of its backtest."""

from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.compiled.histories import BEGINS, RULES, STRATEGY, series_of, settings_of
from trading import synthetic
from trading.backtest import Market, Sizing, backtest
from trading.candles import Timeframe
from trading.compiled.sweep import sweep
from trading.performance.curve import Curve
from trading.performance.measuring import report

SETS = [(3, 9), (5, 20), (10, 15), (60, 400)]  # the last never speaks


@pytest.fixture(scope="module")
def market() -> Market:
    length = Timeframe.H1
    walk = synthetic.Market(3, "BTC-USD", Decimal("0.01"))
    made = list(synthetic.candles(walk, length, BEGINS, BEGINS + 380 * length.duration))
    return Market(RULES, made, series_of(made, "BTC-USD", length))


@pytest.mark.parametrize("sizing", [Sizing.RISK, Sizing.ALL_IN])
def test_each_set_has_the_figures_of_its_report(market: Market, sizing: Sizing) -> None:
    sets = [STRATEGY.parse({"fast": fast, "slow": slow}) for fast, slow in SETS]

    swept = sweep(settings_of(sizing=sizing), market, sets)

    assert [each.parameters for each in swept] == sets
    for found, (fast, slow) in zip(swept, SETS, strict=True):
        result = backtest(settings_of(sizing=sizing, fast=fast, slow=slow), [market])
        curve = Curve.beginning_with(
            100_000.0, at=int(BEGINS.timestamp()), times=result.times, equity=result.equity
        )
        open_since = [row.time for row in result.decisions if row.outcome == "ordered"][-1:]
        told = report(
            result.trades, curve, open_since=open_since if result.still_open else (),
        )  # fmt: skip
        assert _close(found.equity) == _close(told.equity)
        assert found.trades.trades == len(result.trades)
        assert _close(found.trades) == _told(told.trades)
    assert swept[0].trades.trades > 20
    assert swept[-1].trades.trades == 0


def _close(figures: Any) -> dict[str, Any]:
    return {item.name: _near(getattr(figures, item.name)) for item in fields(figures)}


def _told(figures: Any) -> dict[str, Any]:
    told = {item.name: _near(getattr(figures, item.name)) for item in fields(figures)}
    told["avg_holding_seconds"] = told.pop("avg_holding_time")
    for name in ("average_mae", "average_mfe", "funding"):
        del told[name]
    return told


def _near(value: Any) -> Any:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    return value if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-9)
