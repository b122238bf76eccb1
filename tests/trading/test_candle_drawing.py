"""Where the candles of a chart and the trades on it lie."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.trading.test_report import HOUR, MONDAY, trip
from trading.candles import CandleSeries, Timeframe
from trading.performance.candle_drawing import HEIGHT, MARK, RIGHT, WIDTH, CandleDrawing, draw
from trading.performance.trips import Trip

CLOSES = [100.0, 110.0, 105.0, 120.0]


def hours(closes: list[float]) -> CandleSeries:
    close = np.array(closes)
    times = np.array(
        [int((MONDAY + (row + 1) * HOUR).timestamp()) for row in range(len(closes))], np.int64
    )
    opened = np.concatenate([close[:1], close[:-1]])
    high, low = np.maximum(opened, close) + 2, np.minimum(opened, close) - 2
    return CandleSeries("BTC-USD", Timeframe.H1, times, opened, high, low, close, close)


def drawn(*trips: Trip, closes: list[float] = CLOSES) -> CandleDrawing:
    found = draw(hours(closes), enumerate(trips), 2)
    assert found is not None
    return found


def held(first: float, last: float, pnl: str = "5", **columns: Any) -> Trip:
    """By the hours of the window."""
    prices = {"entry_price": Decimal(105), "exit_price": Decimal(112)} | columns
    return trip(pnl, opened=first, lasted=last - first, **prices)


def test_each_candle_has_a_wick_and_one_body_of_its_kind() -> None:
    found = drawn()
    assert found.wicks.count("M") == 4
    assert (found.rising.count("M"), found.falling.count("M")) == (3, 1)
    assert (found.first_open, found.last_close, found.seconds) == (
        int(MONDAY.timestamp()), int((MONDAY + 4 * HOUR).timestamp()), 3600,
    )  # fmt: skip
    assert [tick.label for tick in found.times] == [
        "29 Jun 00:00", "29 Jun 01:00", "29 Jun 02:00", "29 Jun 03:00",
    ]  # fmt: skip
    heights = [tick.at for tick in found.prices]
    assert heights == sorted(heights, reverse=True)  # the first is the lowest price
    assert float(found.prices[0].label) < float(found.prices[-1].label)


def test_everything_lies_within_the_drawing() -> None:
    found = drawn(held(0, 3), held(1, 2, pnl="-1", direction="short"))
    moves = re.findall(r"M(-?[\d.]+) (-?[\d.]+)", found.rising + found.falling + found.wicks)
    moves += re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", "".join(mark.line for mark in found.marks))
    assert all(0 <= float(x) <= WIDTH - RIGHT and 0 <= float(y) <= HEIGHT for x, y in moves)


def test_a_trade_goes_from_the_candle_that_opened_it_to_the_one_that_closed_it() -> None:
    (mark,) = drawn(held(1, 3.5)).marks
    step = (WIDTH - RIGHT) / 4
    assert mark.line.startswith(f"M{1.5 * step:.1f} ")
    assert f"L{3.5 * step:.1f} " in mark.line


def test_won_and_lost_differ_in_shape() -> None:
    won, lost, even = drawn(held(0, 1), held(1, 2, pnl="-5"), held(2, 3, pnl="0")).marks
    assert (won.has_won, lost.has_won, even.has_won) == (True, False, False)
    assert won.exit.endswith("z")
    assert "z" not in lost.exit
    assert lost.exit.count("M") == even.exit.count("M") == 2


def test_long_points_up_from_its_price_and_short_down() -> None:
    long, short = drawn(held(1, 2), held(1, 2, direction="short")).marks
    tip = float(long.entry.split()[1].split("L")[0])
    assert f" {tip + 2 * MARK:.1f}H" in long.entry
    assert f" {tip - 2 * MARK:.1f}H" in short.entry


@pytest.mark.parametrize(
    ("first", "last", "parts"),
    [(-5, 2, (False, True)), (2, 9, (True, False)), (-5, 9, (False, False))],
)
def test_a_part_outside_the_window_is_not_drawn(
    first: float, last: float, parts: tuple[bool, bool]
) -> None:
    (mark,) = drawn(held(first, last)).marks
    assert (bool(mark.entry), bool(mark.exit)) == parts
    assert mark.line


def test_trades_before_and_after_the_window_are_left_out_and_numbers_stay() -> None:
    found = drawn(held(-9, -8), held(1, 2), held(4, 5))
    assert [mark.number for mark in found.marks] == [1]


def test_a_market_that_stands_still_is_drawn() -> None:
    series = hours([50.0] * 3)
    flat = draw(
        CandleSeries("X", Timeframe.H1, series.close_times, *(np.full(3, 50.0) for _ in range(5))),
        [],
        2,
    )
    assert flat is not None
    assert "nan" not in flat.rising + flat.wicks
    assert flat.rising.count("M") == 3


def test_without_a_candle_there_is_nothing_to_draw() -> None:
    assert draw(hours([]), [], 2) is None


def test_candles_stand_side_by_side_over_a_hole() -> None:
    series = hours(CLOSES)
    late = series.close_times.copy()
    late[2:] += int(timedelta(days=3).total_seconds())
    columns = (series.open, series.high, series.low, series.close, series.volume)
    found = draw(CandleSeries("X", Timeframe.H1, late, *columns), [(0, held(1, 75))], 2)
    assert found is not None
    step = (WIDTH - RIGHT) / 4
    assert found.marks[0].line.startswith(f"M{1.5 * step:.1f} ")
    assert f"L{3.5 * step:.1f} " in found.marks[0].line
