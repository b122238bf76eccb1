"""What was kept of a backtest gives its report again."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from apps.research.services.retelling import curve_told, report_told, trips_of
from apps.research.services.telling import as_json, report_of
from tests.fakes import MONDAY
from tests.trading.examples import BTC
from trading.backtest import Market, Settings, Sizing, backtest
from trading.candles import Candle, CandleSeries, Timeframe
from trading.compiled import backtest_fastest
from trading.gates.values import Limits
from trading.performance.sheet import sections
from trading.performance.telling import as_dict
from trading.regime.instrument import warmup
from trading.strategies import REGISTRY

HOURS = 24 * 12
CROSSOVER = REGISTRY["sma_crossover"]
PARAMETERS = CROSSOVER.parse({"fast": 2, "slow": 5, "stop_loss": 0.02, "take_profit": 0.05})
SETTINGS = Settings(
    strategy=CROSSOVER,
    parameters=PARAMETERS,
    cash=Decimal(10_000),
    currency="USD",
    limits=Limits(
        capital=Decimal(10_000), risk_per_trade=Decimal(1), leverage=Decimal(1), max_positions=1,
        max_daily_loss=Decimal(1_000_000), warmup_candles=CROSSOVER.warmup(PARAMETERS),
    ),
    sizing=Sizing.ALL_IN,
    participation=None,
)  # fmt: skip


def market(seed: int = 4) -> Market:
    """Twelve days of hours that wander."""
    closes = np.round(100 + np.cumsum(np.random.default_rng(seed).normal(0, 1, HOURS)), 2)
    candles = []
    for hour, close in enumerate(closes.tolist()):
        opened = MONDAY + timedelta(hours=hour)
        price = Decimal(str(close))
        high, low = price + Decimal("0.5"), price - Decimal("0.5")
        candles.append(
            Candle(opened, opened + timedelta(hours=1), price, high, low, price, Decimal(1000))
        )
    times = np.array([int(each.close_time.timestamp()) for each in candles], np.int64)
    volume = np.full(HOURS, 1000.0)
    series = CandleSeries(
        "BTC-USD", Timeframe.H1, times, closes, closes + 0.5, closes - 0.5, closes, volume
    )
    return Market(BTC, candles, series)


def kept(settings: Settings, markets: list[Market]) -> Any:
    told = as_json(
        settings, markets, backtest_fastest(settings, markets), seconds=1, with_equity=True
    )
    return json.loads(json.dumps(told, allow_nan=False))


def test_the_report_comes_back_from_what_was_kept() -> None:
    markets = [market()]
    result = backtest(SETTINGS, markets)
    told = kept(SETTINGS, markets)
    again, first = report_told(told, curve_told(told)), report_of(SETTINGS, markets, result)

    assert len(result.trades) > 10
    assert [trip.pnl for trip in trips_of(told["trades"])] == pytest.approx(
        [trade.pnl for trade in result.trades]
    )
    assert sections(again) == sections(first)
    assert len(sections(first)) == 4
    assert [day["date"] for day in as_dict(again)["daily"]] == [
        day["date"] for day in as_dict(first)["daily"]
    ]
    assert again.held.tolist() == pytest.approx(first.held.tolist())
    assert again.drawdowns.tolist() == pytest.approx(first.drawdowns.tolist())
    labels = [group.label for group in again.breakdowns.regime]
    assert labels == [group.label for group in first.breakdowns.regime]


def test_one_instrument_is_compared_with_holding_it_from_the_first_open() -> None:
    one = market()
    told = kept(SETTINGS, [one])
    first, last = one.candles[0].open, one.candles[-1].close
    assert told["metrics"]["benchmark_return"] == pytest.approx(float(last / first) - 1)
    assert told["benchmark"][-1]["equity"] == pytest.approx(10_000 * float(last / first))


def test_what_came_before_it_may_trade_is_no_part_of_its_figures() -> None:
    one, since = market(), MONDAY + timedelta(days=3)
    told = kept(replace(SETTINGS, begins_at=since), [one])
    assert told["began_at"] == "2026-06-04T00:00:00Z"
    assert told["equity"][0]["time"] == int(since.timestamp()) + 3600
    before = next(each for each in one.candles if each.close_time == since)
    assert told["metrics"]["benchmark_return"] == pytest.approx(
        float(one.candles[-1].close / before.close) - 1
    )
    assert report_told(told, curve_told(told)).period.days == 9


def test_a_trade_has_the_class_that_its_instrument_had_by_then() -> None:
    told = kept(SETTINGS, [market()])
    known = MONDAY + timedelta(hours=warmup())
    regimes = {trade["entry_time"]: trade["regime"] for trade in told["trades"]}
    early = {name for at, name in regimes.items() if at < known.isoformat()}
    late = {name for at, name in regimes.items() if at >= known.isoformat()}
    assert early == {"unknown"}
    assert "unknown" not in late
    assert len(late) > 1
    groups = {group["label"]: group["trades"] for group in told["breakdowns"]["regime"]}
    assert sum(groups.values()) == len(told["trades"])
    assert set(groups) == early | late


def test_a_backtest_without_a_trade_comes_back_too() -> None:
    quiet = market()
    told = kept(replace(SETTINGS, begins_at=quiet.candles[-2].close_time), [quiet])
    assert told["trades"] == []
    found = report_told(told, curve_told(told))
    assert found.trades.trades == 0
    assert found.breakdowns.regime == ()
