"""What a backtest is told, and what it tells."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trading.candle_history import CandleHistory
from trading.candles import Candle, CandleSeries, end_of_day
from trading.gates.bounds import NO_BOUNDS
from trading.gates.values import Limits
from trading.instruments import InstrumentRules
from trading.matching import MAX_PARTICIPATION
from trading.performance.trips import Trip
from trading.strategies import Strategy


class Sizing(StrEnum):
    """How much an entry is: by the limits, as live; all the money that is free, at the price that
    it fills at, as far as the candle gives it; or so many units each time."""

    RISK = "risk"
    ALL_IN = "all-in"
    FIXED = "fixed"


def always_open(_: datetime) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Market:
    """One instrument with its history: `candles` are the finest, which orders meet, with exact
    prices; `series` is what the strategy looks at, of the same length or coarser. `funding` are
    rates by the moment at which they are due, by time. `is_open` and `session_end` are asked of a
    close, None = not known. `is_fed`: its candles keep coming, so that too few of them to tell the
    volatility is something not known, not something that never is.
    """

    rules: InstrumentRules
    candles: Sequence[Candle]
    series: CandleSeries
    funding: Sequence[tuple[datetime, Decimal]] = ()
    is_open: Callable[[datetime], bool | None] = always_open
    session_end: Callable[[datetime], datetime | None] = end_of_day
    is_fed: bool = False
    history: CandleHistory = field(init=False)  # the candles, as columns

    def __post_init__(self) -> None:
        object.__setattr__(self, "history", CandleHistory.of(self.candles))


@dataclass(frozen=True, slots=True)
class Settings:
    """One subscription on one account of its own. Closes up to `begins_at` are history only; None =
    all are looked at as soon as there are enough. `limits.bounds` are those of the account.
    """

    strategy: Strategy
    parameters: Any
    cash: Decimal
    currency: str
    limits: Limits
    slippage_bps: int = 0
    begins_at: datetime | None = None
    sizing: Sizing = Sizing.RISK
    fixed_quantity: Decimal | None = None  # of Sizing.FIXED
    participation: Decimal | None = MAX_PARTICIPATION  # of a candle's volume; None = without limit
    symbols: frozenset[str] | None = None  # that may be entered; None = every one

    @property
    def is_limited(self) -> bool:
        """Whether anybody bounds the account: the risk gates are asked, too."""
        return self.limits.bounds is not NO_BOUNDS

    def allows(self, symbol: str) -> bool:
        return self.symbols is None or symbol in self.symbols


class DecisionRow(NamedTuple):
    """The receipt of one signal."""

    time: datetime
    symbol: str
    action: str
    outcome: str
    code: str
    sized_down_by: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """`equity` is marked to the last close at each of `times` (seconds since the epoch, UTC)."""

    trades: Sequence[Trip]
    decisions: Sequence[DecisionRow]
    times: NDArray[np.int64]
    equity: NDArray[np.float64]
    cash: Decimal
    still_open: Mapping[str, Decimal]  # signed quantity by symbol
