"""What a compiled run comes to, in figures: the formulas are those of `trading.performance`, the
sums that they take are added up by machine code (`adding.py`)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.backtest.settings import Settings
from trading.compiled.adding import Days, Trades, add_days, add_trades
from trading.compiled.machine import compiled
from trading.compiled.running import Done
from trading.compiled.tracks import Track
from trading.performance import outcomes, returns
from trading.performance.curve import day_numbers
from trading.performance.report import EquityFigures
from trading.performance.returns import Floats

Rows = NDArray[np.int64]


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


def day_ends(times: Rows) -> Rows:
    """The last row of each day: a report looks at no other."""
    days = day_numbers(times)
    return np.flatnonzero(np.append(days[1:] != days[:-1], [True])).astype(np.int64)


def figures_of(
    track: Track, settings: Settings, done: Done, marks: Rows, equity: Floats, days_a_year: int
) -> Swept:
    """`equity` is of the rows `marks`, the ends of the days."""
    times = track.candles.times
    began, ended = int(times[0]) - track.candles.length, int(times[-1])
    days = Days(*compiled(add_days)(float(settings.cash), began, times[marks], equity))
    return Swept(
        settings.parameters,
        _equity_figures(days, len(marks), ended - began, days_a_year),
        _trade_figures(track, done, ended - began, days.equity),
    )


def _equity_figures(days: Days, count: int, seconds: int, a_year: int) -> EquityFigures:
    if not days.known:
        return EquityFigures(*[None] * 11)
    spread = None
    if days.known >= returns.FEWEST:
        spread = returns.spread_of(days.deviation, days.largest)
    rate = returns.cagr(days.grown, seconds=seconds)
    greatest = returns.finite(days.greatest)
    return EquityFigures(
        total_return=returns.finite(days.grown - 1.0),
        cagr=rate,
        volatility=returns.volatility_of(spread, a_year=a_year),
        sharpe=returns.sharpe_of(days.mean, spread, a_year=a_year),
        sortino=returns.sortino_of(days.mean, days.squared_losses / days.known, a_year=a_year),
        calmar=returns.calmar(rate, greatest),
        omega=returns.omega_of(days.gained, days.lost),
        ulcer_index=returns.ulcer_of(days.squared_falls / count),
        max_drawdown=greatest,
        max_drawdown_duration=timedelta(seconds=days.rose - days.fell) if greatest else None,
        cvar_95=returns.finite(days.tail),
    )


def _trade_figures(track: Track, done: Done, seconds: int, mean_equity: float) -> SweptTrades:
    scale, times, count = done.terms.money, track.candles.times, len(done.trips)
    sums = Trades(*compiled(add_trades)(done.trips, times))
    opened = 0
    if done.book["quantity"]:
        opened = int(times[-1] - times[done.book["entry_row"]]) + track.candles.length
    win, loss = _per(sums.won / scale, sums.wins), _per(sums.lost / scale, sums.losses)
    rate, gained = sums.wins / max(count, 1), sums.won + sums.lost
    payoff = None if win is None or loss is None else win / -loss
    return SweptTrades(
        trades=count,
        wins=sums.wins,
        losses=sums.losses,
        net_pnl=gained / scale,
        fees=sums.fees / scale,
        win_rate=rate if count else None,
        profit_factor=_per(sums.won, -sums.lost),
        expectancy=_per(gained / scale, count),
        expectancy_ratio=None
        if payoff is None or rate is None
        else outcomes.expectancy_ratio_of(payoff, rate),
        payoff_ratio=payoff,
        sqn=outcomes.sqn_of(count, gained / count / sums.deviation) if sums.deviation else None,
        average_win=win,
        average_loss=loss,
        max_consecutive_wins=sums.most_wins,
        max_consecutive_losses=sums.most_losses,
        avg_holding_seconds=_per(sums.held, count),
        exposure_time=_per(sums.held + opened, seconds),
        turnover=_per(sums.turned / scale, mean_equity) if mean_equity > 0 else None,
    )


def _per(value: float, of: float) -> float | None:
    return value / of if of else None
