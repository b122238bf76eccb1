"""A backtest that skips what means nothing comes to the same as one that visits every close."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.examples import MONDAY
from tests.trading.histories import WHIMSICAL, Whims, market
from trading.backtest import Market, Result, Settings, Sizing, backtest
from trading.backtest.closes import Close
from trading.backtest.risk import AtClose, Telling
from trading.backtest.skipping import Skipping
from trading.candles import Timeframe
from trading.gates.bounds import NO_BOUNDS, Bounds, Source, bounds_of
from trading.gates.values import Limits
from trading.strategies import REGISTRY, Strategy

CASH = Decimal(50_000)
BOUNDS = bounds_of(
    Source.USER, most_share=Decimal("0.3"), exposure=Decimal("0.5"), drawdown=Decimal("0.006"),
    daily_loss=Decimal("0.004"), weekly_loss_halves=Decimal("0.002"), weekly_loss=Decimal("0.005"),
)  # fmt: skip
COUNTS = bounds_of(Source.USER, trades_a_day=5, consecutive_losses=3, daily_loss_money=150)
LATE = MONDAY - timedelta(hours=3)
# In one the day and the week end midway, in the other the day alone.
FIRSTS = (LATE, LATE + timedelta(days=1))


def run(
    markets: Sequence[Market],
    strategy: Strategy,
    parameters: object,
    sizing: Sizing = Sizing.RISK,
    bounds: Bounds = NO_BOUNDS,
) -> Result:
    limits = Limits(
        capital=CASH, risk_per_trade=Decimal("0.002"), leverage=Decimal(1), max_positions=2,
        max_daily_loss=Decimal("0.5"), warmup_candles=strategy.warmup(parameters), bounds=bounds,
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
    bounds=st.sampled_from([NO_BOUNDS, BOUNDS, COUNTS]),
    first=st.sampled_from(FIRSTS),
)
@settings(max_examples=25)
def test_orders_of_every_kind(
    seed: int, sizing: Sizing, *, holes: bool, funded: bool, bounds: Bounds, first: datetime
) -> None:
    markets = several(seed, first, holes=holes, funded=funded)
    skipped = run(markets, WHIMSICAL, Whims(seed), sizing, bounds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Skipping, "next_row", lambda self, _, row, __: row + 1)
        visited = run(markets, WHIMSICAL, Whims(seed), sizing, bounds)
    assert_same(skipped, visited)


def several(
    seed: int, first: datetime, *, holes: bool = False, funded: bool = False
) -> list[Market]:
    return [
        market(seed, 400, holes=holes, funded=funded, first=first),
        market(seed + 1, 400, symbol="ETH-USD", holes=True, looks=Timeframe.M5, first=first),
    ]


@given(seed=st.integers(0, 10_000), first=st.sampled_from(FIRSTS))
@settings(max_examples=8)
def test_what_the_gates_are_told_is_what_the_equity_was(seed: int, first: datetime) -> None:
    told: list[tuple[datetime, Any, Decimal]] = []

    def kept(self: Telling, close: Close) -> AtClose:
        found = at(self, close)
        of_today = (each.lost for each in self.account.results if each.day == close.now.date())
        told.append((close.now, found.room.account, sum(of_today, Decimal(0))))
        return found

    at = Telling.at
    bounds = bounds_of(Source.USER, most_share=Decimal("0.4"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Telling, "at", kept)
        result = run(several(seed, first), WHIMSICAL, Whims(seed), bounds=bounds)
    seen = np.concatenate([[float(CASH)], result.equity])  # from before the first close on

    def by(moment: datetime) -> float:
        return float(seen[np.searchsorted(result.times, moment.timestamp(), side="right")])

    assert told
    for now, facts, lost in told:
        midnight = datetime.combine(now.date(), time(), UTC)
        assert float(facts.equity) == pytest.approx(by(now), rel=1e-12)
        assert float(facts.start_of_day_equity) == pytest.approx(by(midnight), rel=1e-12)
        monday = midnight - timedelta(days=now.weekday())
        assert float(facts.start_of_week_equity) == pytest.approx(by(monday), rel=1e-12)
        # Of the moments that count: each midnight, and now.
        highest = max(float(CASH), by(midnight), by(now))
        assert float(facts.peak_equity) == pytest.approx(highest, rel=1e-12)
        ended = [
            trip
            for trip in result.trades
            if midnight <= trip.entry_time and trip.exit_time < now and trip.pnl < 0
        ]
        assert facts.lost_today == lost >= -sum((trip.pnl for trip in ended), Decimal(0))


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


def test_each_limit_speaks_somewhere() -> None:
    """Or the histories above would not try them."""
    said: set[str] = set()
    for seed, bounds in product(range(4), (BOUNDS, COUNTS)):
        markets = several(seed, FIRSTS[seed % 2])
        rows = run(markets, WHIMSICAL, Whims(seed, 0.3), bounds=bounds).decisions
        said |= {row.code for row in rows} | {row.sized_down_by for row in rows}
    assert {
        "SHARE:user", "EXPOSURE:user", "WEEKLY_LOSS:user", "DAILY_TRADES", "CONSECUTIVE_LOSSES",
        "DRAWDOWN_LIMIT", "ACCOUNT_DAILY_LOSS", "DAILY_LOSS_MONEY", "WEEKLY_LOSS",
    } <= said  # fmt: skip
