"""A backtest that skips what means nothing comes to the same as one that visits every close."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.histories import WHIMSICAL, Whims, market
from trading.backtest import Market, Result, Settings, Sizing, backtest
from trading.backtest.skipping import Skipping
from trading.candles import Timeframe
from trading.gates.values import Limits
from trading.strategies import REGISTRY, Strategy

CASH = Decimal(50_000)


def run(
    markets: Sequence[Market], strategy: Strategy, parameters: object, sizing: Sizing = Sizing.RISK
) -> Result:
    limits = Limits(
        capital=CASH, risk_per_trade=Decimal("0.002"), leverage=Decimal(1), max_positions=2,
        max_daily_loss=Decimal("0.5"), warmup_candles=strategy.warmup(parameters),
    )  # fmt: skip
    fixed = Decimal("0.5") if sizing is Sizing.FIXED else None
    return backtest(
        Settings(strategy, parameters, CASH, "USD", limits, 3, None, sizing, fixed), markets
    )


def assert_same(skipped: Result, visited: Result) -> None:
    assert skipped.trades == visited.trades
    assert skipped.decisions == visited.decisions
    assert (skipped.cash, skipped.still_open) == (visited.cash, visited.still_open)
    assert np.array_equal(skipped.times, visited.times)
    assert np.array_equal(skipped.equity, visited.equity)


@given(
    seed=st.integers(0, 10_000),
    sizing=st.sampled_from(list(Sizing)),
    holes=st.booleans(),
    funded=st.booleans(),
)
@settings(max_examples=25)
def test_orders_of_every_kind(seed: int, sizing: Sizing, *, holes: bool, funded: bool) -> None:
    markets = [
        market(seed, 400, holes=holes, funded=funded),
        market(seed + 1, 400, symbol="ETH-USD", holes=True, looks=Timeframe.M5),
    ]
    skipped = run(markets, WHIMSICAL, Whims(seed), sizing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Skipping, "next_row", lambda self, _, row, __: row + 1)
        visited = run(markets, WHIMSICAL, Whims(seed), sizing)
    assert_same(skipped, visited)


def test_they_do_trade() -> None:
    result = run([market(1, 2_000)], WHIMSICAL, Whims(1))
    assert {"stop", "target", "trail", "signal"} <= {trip.exit_reason for trip in result.trades}
    assert len(result.trades) > 50


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_strategy_is_only_left_out_where_it_says_nothing(seed: int) -> None:
    crossing = REGISTRY["sma_crossover"]
    parameters = crossing.parse({"fast": 3, "slow": 8})
    markets = [market(seed, 500)]
    always = replace(crossing, may_speak=None)
    assert_same(run(markets, crossing, parameters), run(markets, always, parameters))
