"""Where the candles of a chart and the trades on it lie. Pure: numbers only, no markup.

A trade is a line from its entry to its exit. Whether it won is told by the shape of its end as well
as by a colour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from trading.candles import CandleSeries
from trading.performance.curve import Times
from trading.performance.trips import RoundTrip

WIDTH, HEIGHT = 1000, 340  # of a drawing, in its own units
RIGHT, BOTTOM = 70, 22  # kept for prices and times
TOP = 8
MARK = 5.5  # half of a mark's size
PRICES, TIMES = 5, 6  # lines that are labelled, at most
BODY = 0.68  # of the room that a candle has


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One trade, in paths of SVG; a part that lies outside the window is empty. `number` is its
    place among all trades.
    """

    number: int
    trade: RoundTrip
    entry: str
    exit: str
    line: str

    @property
    def has_won(self) -> bool:
        return self.trade.pnl > 0


@dataclass(frozen=True, slots=True)
class CandleDrawing:
    """Paths of SVG within WIDTH x HEIGHT. `prices` are from the top, `times` from the left."""

    rising: str
    falling: str
    wicks: str
    prices: Sequence[Tick]
    times: Sequence[Tick]
    marks: Sequence[Mark]
    first_open: int  # seconds since the epoch, as the next two
    last_close: int
    seconds: int  # of a candle
    width: int = WIDTH
    height: int = HEIGHT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class _Scale:
    seconds: int  # of a candle
    count: int
    low: float
    high: float

    @property
    def step(self) -> float:
        return (WIDTH - RIGHT) / self.count

    def down(self, price: float) -> float:
        room = HEIGHT - BOTTOM - TOP
        return TOP + (self.high - price) / (self.high - self.low) * room


def draw(
    candles: CandleSeries, trades: Iterable[tuple[int, RoundTrip]], places: int
) -> CandleDrawing | None:
    """Candles side by side, a hole in their times left out, and the trades that have a part in
    them. None without a candle. `places` are those of a price.
    """
    count = len(candles)
    if not count:
        return None
    seconds = candles.timeframe.minutes * 60
    scale = _scale(candles, seconds)
    opens = candles.close_times - seconds
    return CandleDrawing(
        rising=_bodies(candles, scale, candles.close >= candles.open),
        falling=_bodies(candles, scale, candles.close < candles.open),
        wicks="".join(
            f"M{(row + 0.5) * scale.step:.1f} {scale.down(high):.1f}V{scale.down(low):.1f}"
            for row, (high, low) in enumerate(
                zip(candles.high.tolist(), candles.low.tolist(), strict=True)
            )
        ),
        prices=_prices(scale, places),
        times=_times(opens.tolist(), scale),
        marks=_marks(trades, opens, scale),
        first_open=int(opens[0]),
        last_close=int(candles.close_times[-1]),
        seconds=seconds,
    )


def _scale(candles: CandleSeries, seconds: int) -> _Scale:
    low, high = float(np.min(candles.low)), float(np.max(candles.high))
    air = (high - low) * 0.04 or abs(high) * 0.01 or 1.0
    return _Scale(seconds, len(candles), low - air, high + air)


def _bodies(candles: CandleSeries, scale: _Scale, chosen: NDArray[np.bool_]) -> str:
    half = scale.step * BODY / 2
    parts = []
    for row in np.flatnonzero(chosen).tolist():
        ends = scale.down(float(candles.open[row])), scale.down(float(candles.close[row]))
        top, tall = min(ends), max(abs(ends[0] - ends[1]), 0.8)
        middle = (row + 0.5) * scale.step
        parts.append(f"M{middle - half:.1f} {top:.1f}h{2 * half:.1f}v{tall:.1f}h-{2 * half:.1f}z")
    return "".join(parts)


def _prices(scale: _Scale, places: int) -> list[Tick]:
    found = np.linspace(scale.low, scale.high, PRICES + 2)[1:-1].tolist()
    return [Tick(round(scale.down(price), 1), f"{price:,.{places}f}") for price in found]


def _times(opens: Sequence[int], scale: _Scale) -> list[Tick]:
    every = -(-len(opens) // TIMES)
    return [
        Tick(
            round((row + 0.5) * scale.step, 1),
            f"{datetime.fromtimestamp(opens[row], tz=UTC):%d %b %H:%M}",
        )
        for row in range(0, len(opens), every)
    ]


def _marks(trades: Iterable[tuple[int, RoundTrip]], opens: Times, scale: _Scale) -> list[Mark]:
    end = int(opens[-1]) + scale.seconds
    found = []
    for number, trade in trades:
        begun, left = trade.entry_time.timestamp(), trade.exit_time.timestamp()
        if left < opens[0] or begun >= end:
            continue
        entry = _at(opens, scale, begun, float(trade.entry_price))
        exit_ = _at(opens, scale, left, float(trade.exit_price))
        found.append(
            Mark(
                number,
                trade,
                entry=_arrow(*entry, is_up=trade.direction == "long") if begun >= opens[0] else "",
                exit=_ending(*exit_, has_won=trade.pnl > 0) if left < end else "",
                line=f"M{entry[0]:.1f} {entry[1]:.1f}L{exit_[0]:.1f} {exit_[1]:.1f}",
            )
        )
    return found


def _at(opens: Times, scale: _Scale, moment: float, price: float) -> tuple[float, float]:
    """In the middle of the candle that holds the moment; at an edge where it lies outside. A price
    outside the scale lies at its edge, too."""
    row = int(np.searchsorted(opens, moment, side="right")) - 1
    across = (min(max(row, 0), len(opens) - 1) + 0.5) * scale.step
    if moment < opens[0]:
        across = 0.0
    elif moment >= opens[-1] + scale.seconds:
        across = float(WIDTH - RIGHT)
    return across, scale.down(min(max(price, scale.low), scale.high))


def _arrow(x: float, y: float, *, is_up: bool) -> str:
    """Up: bought; its tip is the price."""
    base = y + 2 * MARK if is_up else y - 2 * MARK
    return f"M{x:.1f} {y:.1f}L{x + MARK:.1f} {base:.1f}H{x - MARK:.1f}z"


def _ending(x: float, y: float, *, has_won: bool) -> str:
    """A diamond for what has won, a cross for what has not."""
    if has_won:
        return f"M{x:.1f} {y - MARK:.1f}l{MARK} {MARK}l-{MARK} {MARK}l-{MARK} -{MARK}z"
    left, top = x - MARK, y - MARK
    both = 2 * MARK
    return f"M{left:.1f} {top:.1f}l{both} {both}M{left:.1f} {top + both:.1f}l{both} -{both}"
