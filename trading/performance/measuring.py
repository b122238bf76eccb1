"""One report for a backtest, a paper account and a live one. Pure.

Figures of the equity are of its daily returns, marked to market (`curve.py`, `returns.py`), those
of trades are exact (`outcomes.py`). Beside those:

    total return   growth of 1 over all days - 1: without flows, last equity / first - 1
    drawdown       a fraction of the highest growth so far; its duration is from that peak until it
                   was reached again, or until the end
    exposure time  share of the time in which any position was open
    turnover       what was bought and sold by closed trades / mean of the daily equity
    holding time   mean of exit - entry

None is what is not defined. The risk-free rate is 0.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np

from trading.performance import outcomes, returns
from trading.performance.breakdown import (
    UNKNOWN_REGIME,
    by,
    by_weekday,
    hour_of,
    monthly_returns,
)
from trading.performance.curve import (
    Curve,
    Daily,
    benchmark_returns,
    daily_returns,
    worth_of_holding,
)
from trading.performance.realised import DAYS_A_YEAR, Flow
from trading.performance.report import (
    BenchmarkFigures,
    Breakdowns,
    EquityFigures,
    Period,
    Report,
    TradeFigures,
)
from trading.performance.returns import Floats, finite
from trading.performance.trips import RoundTrip

DAYS_A_YEAR_OF_SHARES = 252

T = TypeVar("T", bound=RoundTrip)


def report(
    trades: Sequence[T],
    curve: Curve,
    *,
    flows: Sequence[Flow] = (),
    open_since: Sequence[datetime] = (),
    benchmark: Curve | None = None,
    regimes: Mapping[T, str] | None = None,
    days_a_year: int = DAYS_A_YEAR,
) -> Report:
    """`open_since` are the entries of the positions still held. `benchmark` is a row of closes."""
    daily = daily_returns(curve, flows)
    equity, falls = equity_figures(curve, daily, days_a_year)
    held, none = None if benchmark is None else _held(benchmark, curve, daily), np.empty(0)
    return Report(
        period=_period(curve, daily, days_a_year),
        equity=equity,
        trades=_trade_figures(trades, curve, daily, open_since),
        benchmark=None if held is None else _benchmark(held, daily, days_a_year),
        breakdowns=_breakdowns(trades, regimes),
        monthly_returns=monthly_returns(daily),
        daily=daily,
        drawdowns=falls[1:],
        held=none if held is None else worth_of_holding(held, curve, daily, flows),
        held_drawdowns=none if held is None else returns.drawdowns(returns.growth(held))[1:],
    )


def _period(curve: Curve, daily: Daily, days_a_year: int) -> Period:
    ends = [datetime.fromtimestamp(int(at), tz=UTC) for at in (*curve.times[:1], *curve.times[-1:])]
    return Period(
        began_at=ends[0] if ends else None,
        ended_at=ends[-1] if ends else None,
        days=int(np.sum(daily.is_known)),
        days_a_year=days_a_year,
    )


def equity_figures(curve: Curve, daily: Daily, a_year: int) -> tuple[EquityFigures, Floats]:
    """And the drawdown at the first point and at each mark."""
    grown = returns.growth(np.where(daily.is_known, daily.returns, 0.0))
    falls = returns.drawdowns(grown) if np.all(np.isfinite(grown)) else np.full(len(grown), np.nan)
    known = daily.returns[daily.is_known]
    rate, greatest = None, None
    if len(known):
        rate = returns.cagr(float(grown[-1]), seconds=curve.seconds)
        greatest = finite(float(np.max(falls)))
    figures = EquityFigures(
        total_return=finite(float(grown[-1]) - 1.0) if len(known) else None,
        cagr=rate,
        volatility=returns.volatility(known, a_year=a_year),
        sharpe=returns.sharpe(known, a_year=a_year),
        sortino=returns.sortino(known, a_year=a_year),
        calmar=returns.calmar(rate, greatest),
        omega=returns.omega(known),
        ulcer_index=returns.ulcer_index(falls) if len(known) else None,
        max_drawdown=greatest,
        max_drawdown_duration=_duration(curve, daily, grown, falls) if greatest else None,
        cvar_95=returns.cvar_95(known),
    )
    return figures, falls


def _duration(curve: Curve, daily: Daily, grown: Floats, falls: Floats) -> timedelta:
    """Of the greatest drawdown, the first of several."""
    times = np.append(curve.times[:1], daily.times)
    lowest = int(np.argmax(falls))
    peak = int(np.argmax(grown[: lowest + 1]))
    again = np.flatnonzero(grown[lowest:] >= grown[peak] * (1.0 - returns.NO_SPREAD))
    end = lowest + int(again[0]) if len(again) else len(grown) - 1
    return timedelta(seconds=int(times[end] - times[peak]))


def _trade_figures(
    trades: Sequence[T], curve: Curve, daily: Daily, open_since: Sequence[datetime]
) -> TradeFigures:
    pnls = [trade.pnl for trade in sorted(trades, key=lambda trade: trade.exit_time)]
    won, lost = outcomes.wins(pnls), outcomes.losses(pnls)
    streaks = outcomes.longest_streaks(pnls)
    held = [trade.exit_time - trade.entry_time for trade in trades]
    return TradeFigures(
        trades=len(pnls),
        wins=len(won),
        losses=len(lost),
        net_pnl=outcomes.total(pnls),
        fees=outcomes.total(trade.fees for trade in trades),
        funding=outcomes.total(trade.funding for trade in trades),
        win_rate=outcomes.win_rate(pnls),
        profit_factor=outcomes.profit_factor(pnls),
        expectancy=outcomes.expectancy(pnls),
        expectancy_ratio=outcomes.expectancy_ratio(pnls),
        payoff_ratio=outcomes.payoff_ratio(pnls),
        sqn=outcomes.sqn(pnls),
        average_win=outcomes.mean(won),
        average_loss=outcomes.mean(lost),
        average_mae=outcomes.mean([trade.mae for trade in trades if trade.mae is not None]),
        average_mfe=outcomes.mean([trade.mfe for trade in trades if trade.mfe is not None]),
        max_consecutive_wins=streaks.wins,
        max_consecutive_losses=streaks.losses,
        avg_holding_time=sum(held, timedelta()) / len(held) if held else None,
        exposure_time=exposure_time(trades, curve, open_since),
        turnover=_turnover(trades, daily),
    )


def exposure_time(
    trades: Sequence[RoundTrip], curve: Curve, open_since: Sequence[datetime]
) -> float | None:
    """Several at once count once. None where the curve has no two points."""
    if not curve.seconds:
        return None
    first, last = float(curve.times[0]), float(curve.times[-1])
    spans = [(trade.entry_time.timestamp(), trade.exit_time.timestamp()) for trade in trades]
    spans += [(at.timestamp(), last) for at in open_since]
    held, until = 0.0, first
    for opened, closed in sorted(spans):
        begin, end = max(opened, until), min(closed, last)
        held += max(0.0, end - begin)
        until = max(until, end)
    return held / curve.seconds


def _turnover(trades: Sequence[RoundTrip], daily: Daily) -> float | None:
    if not len(daily.equity):
        return None
    traded = outcomes.total(
        trade.quantity * (trade.entry_price + trade.exit_price) for trade in trades
    )
    mean = float(np.mean(daily.equity))
    return finite(float(traded) / mean) if mean > 0 else None


def _held(benchmark: Curve, curve: Curve, daily: Daily) -> Floats | None:
    """Its returns over the same days."""
    return benchmark_returns(benchmark, int(curve.times[0]), daily) if len(daily.times) else None


def _benchmark(held: Floats, daily: Daily, a_year: int) -> BenchmarkFigures:
    known, beside = daily.returns[daily.is_known], held[daily.is_known]
    return BenchmarkFigures(
        total_return=finite(float(returns.growth(held)[-1]) - 1.0),
        alpha=returns.alpha(known, beside, a_year=a_year),
        beta=returns.beta(known, beside),
    )


def _breakdowns(trades: Sequence[T], regimes: Mapping[T, str] | None) -> Breakdowns:
    named = {} if regimes is None else regimes
    return Breakdowns(
        exit_reason=by(trades, lambda trade: trade.exit_reason),
        side=by(trades, lambda trade: trade.direction),
        symbol=by(trades, lambda trade: trade.symbol),
        hour=by(trades, hour_of),
        weekday=by_weekday(trades),
        regime=by(trades, lambda trade: named.get(trade, UNKNOWN_REGIME)) if named else (),
    )
