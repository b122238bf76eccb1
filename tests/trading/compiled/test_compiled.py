"""The compiled path says what the event path says: every trade, decision and amount, exactly."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from backtesting.test import EURUSD, GOOG
from hypothesis import HealthCheck, event, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.trading.compiled.histories import (
    RULES,
    market_of,
    markets,
    series_of,
    settings,
    settings_of,
    told,
)
from trading.backtest import Market, Result, Settings, Sizing, backtest
from trading.backtest.closes import window
from trading.candles import Candle, Timeframe
from trading.compiled import Engine, backtest_fastest, can_express, whole
from trading.compiled.book import MOST
from trading.compiled.machine import compiled
from trading.compiled.running import pass_over
from trading.compiled.telling import result_of
from trading.compiled.tracks import track_of
from trading.compiled.units import NotExpressible
from trading.compiled.units import share as share_of
from trading.gates.bounds import Source, bounds_of
from trading.money import ONE, part_down, part_up, quotient_down
from trading.signals import Direction, Signal
from trading.strategies import REGISTRY
from trading.strategies.columns import DOUBTFUL

PATIENT = examples(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_same(chosen: Settings, market: Market) -> Result:
    track = track_of(market)
    compiled, expected = result_of(track, pass_over(track, chosen)), backtest(chosen, [market])
    assert told(compiled) == told(expected)
    np.testing.assert_array_equal(compiled.equity, expected.equity)
    return expected


@PATIENT
@given(chosen=settings(), market=markets())
def test_both_paths_say_the_same(chosen: Settings, market: Market) -> None:
    try:
        both = assert_same(chosen, market)
    except NotExpressible as why:
        event(f"not expressible: {why}")
        return
    for seen in {trip.exit_reason for trip in both.trades} | {
        row.code or row.sized_down_by or row.outcome for row in both.decisions
    }:
        event(seen)


def test_they_say_the_same_of_what_was_lost_since_midnight() -> None:
    """Bought on the first day at 111, worth 130 at its end: it turns at 121."""
    closes = [*[100] * 4, *range(110, 130), 130, *[121] * 3]
    rows = [(each,) * 4 for each in map(Decimal, closes)]
    chosen = settings_of(
        sizing=Sizing.FIXED, quantity=Decimal(500), limits={"max_daily_loss": Decimal("0.02")},
        fast=2, slow=3, stop_loss=0, take_profit=0,
    )  # fmt: skip

    found = assert_same(chosen, market_of(rows))

    assert found.decisions[-1].action == "enter_short"
    assert found.decisions[-1].code == "DAILY_LOSS_LIMIT"


@pytest.mark.parametrize("name", ["GOOG", "EURUSD"])
@pytest.mark.parametrize("sizing", Sizing)
@pytest.mark.parametrize(("stop", "target"), [(0, 0), (0.01, 0.015)])
def test_they_say_the_same_of_real_prices(
    name: str, sizing: Sizing, stop: float, target: float
) -> None:
    chosen = settings_of(
        sizing=sizing, quantity=Decimal(10) if sizing is Sizing.FIXED else None, slippage_bps=3,
        fast=10, slow=20, stop_loss=stop, take_profit=target,
    )  # fmt: skip
    market = real(name)

    assert can_express(chosen, [market]) is None
    assert_same(chosen, market)
    assert len(backtest_fastest(chosen, [market], engine=Engine.COMPILED).result.trades) > 40


@examples(max_examples=60, deadline=None)
@given(fast=st.integers(2, 30), more=st.integers(1, 60), market=markets())
def test_the_columns_are_what_is_decided_at_each_row(fast: int, more: int, market: Market) -> None:
    strategy, series = REGISTRY["sma_crossover"], market.series
    parameters = strategy.parse({"fast": fast, "slow": fast + more})
    assert strategy.columns is not None

    said = strategy.columns(series, parameters, track_of(market))

    warmup = strategy.warmup(parameters)
    for row in range(warmup - 1, len(series)):
        signals = strategy.decide(window(series, row + 1, warmup), parameters)
        assert said.enters[row] in (DOUBTFUL, _sign(signals, is_entry=True))
        assert said.leaves[row] in (-DOUBTFUL, _sign(signals, is_entry=False))
    assert not said.enters[: warmup - 1].any()
    assert not (said.enters == DOUBTFUL).any()  # of short decimals nothing is


def test_a_signal_that_rounding_could_decide_is_not_guessed() -> None:
    """Averages that differ by what counts as equal, within the rounding of floats."""
    level, more = 10**12, [0, 0, 0, 0, 0, 4, 0, 0]
    flat = [Decimal(level + each) for each in more]
    market = market_of([(each, each, each, each) for each in flat])

    why = can_express(settings_of(fast=2, slow=4), [market])
    assert why == "rounding could decide the signal at candle 5"


def test_what_it_cannot_express_it_names() -> None:
    market, plain = market_of([(ONE, ONE, ONE, ONE)] * 9), settings_of(fast=2, slow=3)
    funded = replace(market, funding=[(market.candles[0].close_time, ONE)])
    closed = replace(market, is_open=lambda _: False)

    assert can_express(plain, [market]) is None
    assert can_express(plain, [market, market]) == "several instruments share one capital"
    assert can_express(plain, [funded]) == "funding is due"
    assert can_express(plain, [closed]) == "the exchange closes"
    thin = replace(plain, participation=ONE / 10)
    assert can_express(thin, [market]) == "a candle gives only a part of its volume"
    other = replace(plain, strategy=REGISTRY["apex_v72"])
    assert can_express(other, [market]) == "the strategy has no columns"
    bounded = replace(plain.limits, bounds=bounds_of(Source.USER, trades_a_day=3))
    why = "the account has limits, about which only the event path asks"
    assert can_express(replace(plain, limits=bounded), [market]) == why
    narrow = replace(plain, symbols=frozenset({"ETH-USD"}))
    assert can_express(narrow, [market]) == "the limits leave the instrument out"
    rich = replace(plain, cash=Decimal(10) ** 15)
    assert "too large" in str(can_express(rich, [market]))


def test_limits_are_never_left_out_by_the_faster_path() -> None:
    market, chosen = market_of([(ONE, ONE, ONE, ONE)] * 9), settings_of(fast=2, slow=3)
    bounds = bounds_of(Source.USER, trades_a_day=3)
    chosen = replace(chosen, limits=replace(chosen.limits, bounds=bounds))

    assert backtest_fastest(chosen, [market]).engine is Engine.EVENT
    with pytest.raises(NotExpressible, match="the account has limits"):
        backtest_fastest(chosen, [market], engine=Engine.COMPILED)


def test_what_it_cannot_express_the_event_path_runs() -> None:
    market, chosen = market_of([(ONE, ONE, ONE, ONE)] * 9), settings_of(fast=2, slow=3)

    ran = backtest_fastest(replace(chosen, participation=ONE), [market])

    assert ran.engine is Engine.EVENT
    assert ran.why
    with pytest.raises(NotExpressible):
        backtest_fastest(replace(chosen, participation=ONE), [market], engine=Engine.COMPILED)


@examples(max_examples=300, deadline=None)
@given(
    value=st.integers(-(10**17), 10**17),
    share=st.decimals("0.0001", 3, places=4),
    step=st.integers(1, 1_000),
    divisor=st.integers(1, 10**9),
)
def test_whole_numbers_are_rounded_as_decimals_are(
    value: int, share: Decimal, step: int, divisor: int
) -> None:
    pair, exact = share_of(share, step), (Decimal(value), share, Decimal(step))
    quotient = quotient_down(Decimal(value), Decimal(divisor), share, Decimal(step))

    assert whole.whole_part_up(value, pair, step) == part_up(*exact)
    assert whole.whole_part_down(value, pair, step) == part_down(*exact)
    if abs(value) / share < MOST:  # what is larger counts as the most
        assert whole.whole_quotient_down(value, divisor, pair, step) == quotient


@examples(max_examples=300, deadline=None)
@given(
    value=st.integers(-(1 << 62), 1 << 62) | st.integers(1 << 53, 1 << 55),
    places=st.integers(8, 18),
)
def test_the_nearest_float_is_that_of_the_exact_quotient(value: int, places: int) -> None:
    assert compiled(whole.nearest_float)(value, 10**places) == value / 10**places


@examples(max_examples=40, deadline=None)
@given(market=markets(), cash=st.decimals(10**5, 2 * 10**8, places=8))
def test_both_equities_are_the_nearest_floats_of_any_amount(market: Market, cash: Decimal) -> None:
    """Of amounts, too, that have more than the 53 bits of a float."""
    chosen = settings_of(cash=cash, sizing=Sizing.ALL_IN, fast=2, slow=3)
    with suppress(NotExpressible):
        assert_same(chosen, market)


def _sign(signals: Sequence[Signal], *, is_entry: bool) -> int:
    found = [each.action for each in signals if each.action.is_entry is is_entry]
    return sum(1 if action.direction is Direction.LONG else -1 for action in found)


def real(name: str) -> Market:
    frame, length = {"GOOG": (GOOG, Timeframe.D1), "EURUSD": (EURUSD, Timeframe.H1)}[name]
    places = {"GOOG": Decimal("0.01"), "EURUSD": Decimal("0.00001")}[name]
    opens = [time.to_pydatetime() for time in frame.index.tz_localize("UTC")]
    columns = [frame[column].to_numpy(dtype=np.float64) for column in frame.columns]
    candles = [
        Candle(opened, opened + length.duration, *(Decimal(repr(float(value))) for value in row))
        for opened, *row in zip(opens, *columns, strict=True)
    ]
    rules = replace(RULES, price_increment=places, quantity_increment=Decimal("0.001"))
    return Market(rules, candles, series_of(candles, name, length))


@pytest.mark.parametrize(("opened", "reason"), [(120, "target"), (80, "stop"), (101, "target")])
def test_they_say_the_same_of_an_entry_that_opens_beyond_its_exit(opened: int, reason: str) -> None:
    """What is met at the very open of the entry was not there before: it takes."""
    flat = [(Decimal(100),) * 4] * 6
    crossing, entry = (Decimal(101),) * 4, (Decimal(opened), Decimal(130), Decimal(80), Decimal(99))
    market = market_of([*flat, crossing, entry, *flat], replace(RULES, maker_fee=Decimal(0)))
    stop = 0.02 if reason == "stop" else 0

    both = assert_same(settings_of(fast=2, slow=3, stop_loss=stop, take_profit=0.05), market)

    assert both.trades[0].exit_reason == reason


def test_they_say_the_same_where_stop_and_target_are_one_level_that_the_entry_opens_at() -> None:
    """Both are rounded towards the entry, of coarse prices to the same. The stop comes first."""
    rules = replace(RULES, price_increment=Decimal("0.05"), maker_fee=Decimal(0))
    flat = [(Decimal("2.00"),) * 4] * 6
    crossing, entry = (Decimal("2.03"),) * 4, (Decimal("2.05"),) * 4
    market = market_of([*flat, crossing, entry, *flat], rules)

    both = assert_same(settings_of(fast=2, slow=3, stop_loss=0.002, take_profit=0.003), market)

    assert both.trades[0].exit_reason == "stop"
