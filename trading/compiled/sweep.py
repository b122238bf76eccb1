"""Many parameter sets over one history, and what each comes to.

Each is a whole backtest: sized, asked every gate, filled and booked in whole numbers. Kept of it
are the figures, so that memory does not grow with the number of sets. The threads share the
history; machine code needs no lock.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.backtest.settings import Market, Settings
from trading.compiled.running import Done, Made, pass_over
from trading.compiled.terms import check_scope
from trading.compiled.tracks import Track, track_of
from trading.performance.curve import Curve, daily_returns, day_numbers
from trading.performance.measuring import equity_figures
from trading.performance.realised import DAYS_A_YEAR
from trading.performance.report import EquityFigures

THREADS = 2


@dataclass(frozen=True, slots=True)
class SweptTrades:
    """As `TradeFigures`, in floats; what needs the prices inside a trade (MAE, MFE) is left out."""

    trades: int
    wins: int
    losses: int
    net_pnl: float
    fees: float
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    expectancy_ratio: float | None
    payoff_ratio: float | None
    sqn: float | None
    average_win: float | None
    average_loss: float | None
    max_consecutive_wins: int
    max_consecutive_losses: int
    avg_holding_seconds: float | None
    exposure_time: float | None
    turnover: float | None


@dataclass(frozen=True, slots=True)
class Swept:
    parameters: Any
    equity: EquityFigures
    trades: SweptTrades


def sweep(
    settings: Settings,
    market: Market,
    sets: Sequence[Any],
    *,
    threads: int = THREADS,
    days_a_year: int = DAYS_A_YEAR,
    progress: Callable[[int, int], None] | None = None,
) -> list[Swept]:
    """What `settings` come to with each of these parameters of their strategy, in their order.
    Raises NotExpressible, NumbaMissing."""
    check_scope(settings, [market])
    track, made = track_of(market), Made()
    marks = _marks(track.candles.times)
    found: list[Swept] = []

    def one(parameters: Any) -> Swept:
        limits = replace(settings.limits, warmup_candles=settings.strategy.warmup(parameters))
        chosen = replace(settings, parameters=parameters, limits=limits)
        done = pass_over(track, chosen, marks, made)
        return figures_of(track, chosen, done, marks, days_a_year)

    with ThreadPoolExecutor(threads) as pool:
        for swept in pool.map(one, sets):
            found.append(swept)
            if progress is not None:
                progress(len(found), len(sets))
    return found


def figures_of(
    track: Track, settings: Settings, done: Done, marks: NDArray[np.int64], days_a_year: int
) -> Swept:
    times = track.candles.times
    curve = Curve.beginning_with(
        float(settings.cash), at=int(times[0]) - track.candles.length, times=times[marks],
        equity=done.equity,
    )  # fmt: skip
    daily = daily_returns(curve)
    equity, _ = equity_figures(curve, daily, days_a_year)
    return Swept(
        settings.parameters, equity, _trades(track, done, curve, float(np.mean(daily.equity)))
    )


def _marks(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The last row of each day: a report looks at no other."""
    days = day_numbers(times)
    return np.flatnonzero(np.append(days[1:] != days[:-1], [True])).astype(np.int64)


def _trades(track: Track, done: Done, curve: Curve, mean_equity: float) -> SweptTrades:
    trips, scale = done.trips, done.terms.money
    pnl, count = trips["pnl"] / scale, len(trips)
    won, lost = pnl[pnl > 0], pnl[pnl < 0]
    win, loss = _mean(won), _mean(lost)
    rate = len(won) / count if count else None
    payoff = None if win is None or loss is None else win / -loss
    held = track.candles.times[trips["exit_row"]] - track.candles.times[trips["entry_row"]]
    open_for = 0
    if done.book["quantity"]:
        opened = track.candles.times[done.book["entry_row"]] - track.candles.length
        open_for = int(curve.times[-1] - opened)
    worth = np.abs(trips["quantity"]) * ((trips["entry_price"] + trips["exit_price"]) / scale)
    wins, losses = _streaks(np.sign(trips["pnl"]))
    return SweptTrades(
        trades=count,
        wins=len(won),
        losses=len(lost),
        net_pnl=int(trips["pnl"].sum()) / scale,
        fees=int(trips["entry_fee"].sum() + trips["exit_fee"].sum()) / scale,
        win_rate=rate,
        profit_factor=float(won.sum() / -lost.sum()) if len(lost) else None,
        expectancy=_mean(pnl),
        expectancy_ratio=None if payoff is None or rate is None else (1 + payoff) * rate - 1,
        payoff_ratio=payoff,
        sqn=_sqn(pnl),
        average_win=win,
        average_loss=loss,
        max_consecutive_wins=wins,
        max_consecutive_losses=losses,
        avg_holding_seconds=_mean(held),
        exposure_time=(int(held.sum()) + open_for) / curve.seconds if curve.seconds else None,
        turnover=float(worth.sum()) / mean_equity if mean_equity > 0 else None,
    )


def _mean(values: NDArray[Any]) -> float | None:
    return float(values.mean()) if len(values) else None


def _sqn(pnl: NDArray[np.float64]) -> float | None:
    """The formulas are those of `trading.performance.outcomes`, in floats."""
    if len(pnl) == 0 or pnl.min() == pnl.max():
        return None
    return sqrt(len(pnl)) * float(pnl.mean() / pnl.std(ddof=1))


def _streaks(signs: NDArray[np.int64]) -> tuple[int, int]:
    """The most wins, and the most losses, one right after another."""
    if not len(signs):
        return 0, 0
    turns = np.flatnonzero(np.append(signs[1:] != signs[:-1], [True]))
    lengths, kinds = np.diff(turns, prepend=-1), signs[turns]
    longest = [int(lengths[kinds == kind].max(initial=0)) for kind in (1, -1)]
    return longest[0], longest[1]
