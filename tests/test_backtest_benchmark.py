"""That engines are compared rightly, and that our RICH is one strategy, however it is looked at."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtests import rich
from benchmarks.backtests.comparing import agreement
from benchmarks.backtests.history import columns
from benchmarks.peers import rules
from benchmarks.peers.ours_runner import market_of
from benchmarks.peers.running import Candles, Fill, Trade, trades_of
from trading.backtest.closes import window
from trading.candles import CandleSeries
from trading.signals import Action

CANDLES = 3_000


@cache
def series() -> CandleSeries:
    return market_of(Candles(**columns(CANDLES))).series


@cache
def said() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where RICH enters long and short when it is asked at every close."""
    long, short = np.zeros(CANDLES, bool), np.zeros(CANDLES, bool)
    for index in range(rules.SETTLED - 1, CANDLES):
        seen = window(series(), index + 1, rules.SETTLED)
        for signal in rich.decide(seen, rich.Parameters()):
            (long if signal.action is Action.ENTER_LONG else short)[index] = True
    return long, short


def test_rich_speaks_only_where_it_says_that_it_may() -> None:
    long, short = said()
    may = rich.may_speak(series(), rich.Parameters())

    assert long.sum() > 10
    assert short.sum() > 10
    assert not ((long | short) & ~may).any()
    assert may.sum() == (long | short).sum()


def test_rich_says_what_its_rule_over_a_whole_history_says() -> None:
    import talib  # noqa: PLC0415 - slow to import

    found = rules.rich(talib, series().high, series().low, series().close)

    assert np.array_equal(found.long, said()[0])
    assert np.array_equal(found.short, said()[1])


def test_fills_are_told_as_positions_from_flat_to_flat() -> None:
    fills = [
        Fill(3, 4, 10.0), Fill(5, -2, 12.0), Fill(6, -2, 11.0, "stop"),
        Fill(7, -1, 20.0), Fill(9, 2, 18.0, "turned"), Fill(12, -3, 19.0, "turned"),
    ]  # fmt: skip

    assert trades_of(fills) == [
        Trade(3, 6, 1, 10.0, 11.5, "stop"),
        Trade(7, 9, -1, 20.0, 18.0, "turned"),
        Trade(9, 12, 1, 18.0, 19.0, "turned"),
    ]


def test_an_agreement_counts_each_thing_that_two_engines_may_do_differently() -> None:
    ours = [Trade(entered, entered + 2, 1, 10.0, 11.0) for entered in (1, 5, 9, 13)]
    same, dearer, later, elsewhere = ours
    theirs = [
        same, dearer._replace(entry_price=10.01), later._replace(left=12),
        elsewhere._replace(entered=14),
    ]  # fmt: skip

    found = agreement(ours, theirs)

    assert found[:-1] == (4, 4, 3, 2, 2, 2)
    assert found.examples == [(later, theirs[2])]
    assert not found.is_whole
    assert agreement(ours, list(ours)).is_whole
