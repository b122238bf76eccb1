"""What a report says; `measuring.py` makes it. None is what is not defined. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading.performance.breakdown import Group, MonthReturn
from trading.performance.curve import Daily
from trading.performance.returns import Floats


@dataclass(frozen=True, slots=True)
class Period:
    """`days` are those with a return."""

    began_at: datetime | None
    ended_at: datetime | None
    days: int
    days_a_year: int
    risk_free_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class EquityFigures:
    total_return: float | None
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    omega: float | None
    ulcer_index: float | None
    max_drawdown: float | None
    max_drawdown_duration: timedelta | None
    cvar_95: float | None


@dataclass(frozen=True, slots=True)
class TradeFigures:
    """Sums are 0 without a trade, whatever is divided by one is None."""

    trades: int
    wins: int
    losses: int
    net_pnl: Decimal
    fees: Decimal
    funding: Decimal
    win_rate: Decimal | None
    profit_factor: Decimal | None
    expectancy: Decimal | None
    expectancy_ratio: Decimal | None
    payoff_ratio: Decimal | None
    sqn: float | None
    average_win: Decimal | None
    average_loss: Decimal | None
    average_mae: Decimal | None
    average_mfe: Decimal | None
    max_consecutive_wins: int
    max_consecutive_losses: int
    avg_holding_time: timedelta | None
    exposure_time: float | None
    turnover: float | None


@dataclass(frozen=True, slots=True)
class BenchmarkFigures:
    """Bought with all there was at the first point and held, without fees."""

    total_return: float | None
    alpha: float | None
    beta: float | None


@dataclass(frozen=True, slots=True)
class Breakdowns:
    """Hours and weekdays are of the entry, UTC. `regime` is empty where none is given."""

    exit_reason: tuple[Group, ...]
    side: tuple[Group, ...]
    symbol: tuple[Group, ...]
    hour: tuple[Group, ...]
    weekday: tuple[Group, ...]
    regime: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`benchmark` is None where none was given, or none can be compared; then `held` is empty.
    `drawdowns` are those at the marks of `daily`; `held` is what buying and holding would have come
    to there, and `held_drawdowns` are its own.
    """

    period: Period
    equity: EquityFigures
    trades: TradeFigures
    benchmark: BenchmarkFigures | None
    breakdowns: Breakdowns
    monthly_returns: tuple[MonthReturn, ...]
    daily: Daily
    drawdowns: Floats
    held: Floats
    held_drawdowns: Floats
