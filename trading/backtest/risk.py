"""What the risk gates are told of the simulated account and its markets, as they are told of real
ones. Only asked for where limits are set (`Limits.bounds`).

Nothing here depends on which closes are visited: each fact is of all closes up to the one at which
it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np

from trading.backtest.book import Account, Placed
from trading.backtest.equity import Equity
from trading.backtest.settings import Market
from trading.backtest.timeline import Timeline
from trading.candle_history import microseconds
from trading.gates.risk_facts import (
    NOT_PROVIDED,
    AccessFacts,
    AccountFacts,
    InstrumentFacts,
    MarketFacts,
    Mode,
    RiskFacts,
    Told,
)
from trading.money import ZERO
from trading.orders import Leg
from trading.regime.volatilities import Volatilities

_ACCESS = AccessFacts(mode=Mode.BACKTEST)
# There is no other subscription, no allocation, no person and no venue that could be asked.
_INSTRUMENT = InstrumentFacts()


@dataclass(slots=True)
class AtClose:
    """The facts of one close, kept true while its signals are decided."""

    told: "Telling"
    row: int
    now: datetime
    account: AccountFacts

    def of(self, key: int, signal_price: Decimal) -> RiskFacts:
        market = self.told.market(key, self.row, signal_price, self.now)
        return RiskFacts(self.account, _INSTRUMENT, market, _ACCESS)

    def ordered(self, notional: Decimal) -> None:
        """An entry was: it counts for those that follow."""
        self.account = self.account.after_entry(notional)
        self.told.entered(self.now.date())


@dataclass(slots=True)
class Telling:
    """`peak` is of the rows before `seen`, `streak` and `lost` of the first `counted` trades."""

    account: Account
    equity: Equity
    markets: Sequence[Market]
    peak: Decimal = field(init=False)
    seen: int = 0
    counted: int = 0
    streak: int = 0
    lost: dict[date, Decimal] = field(default_factory=dict)
    entries: dict[date, int] = field(default_factory=dict)
    begun: dict[date, Decimal] = field(default_factory=dict)
    volatilities: dict[int, Volatilities] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.peak = self.equity.at(-1)

    def at(self, row: int, now: datetime, equity: Decimal, open_positions: int) -> AtClose:
        self._look_back(row)
        today, exposure = now.date(), self._exposure(row)
        of_day = self._equity_at(today)
        of_week = self._equity_at(today - timedelta(days=today.weekday()))
        return AtClose(
            self, row, now,
            AccountFacts(
                equity=equity,
                available=equity - exposure,
                exposure=exposure,
                peak_equity=self.peak,
                start_of_day_equity=of_day,
                start_of_week_equity=of_week,
                day_pnl=equity - of_day,
                week_pnl=equity - of_week,
                lost_today=self.lost.get(today, ZERO),
                open_positions=open_positions,
                trades_today=self.entries.get(today, 0),
                consecutive_losses=self.streak,
            ),
        )  # fmt: skip

    def market(self, key: int, row: int, signal_price: Decimal, now: datetime) -> MarketFacts:
        close = self._close(key, row)
        return MarketFacts(
            now=now,
            volatility=self._volatility(key, now),
            reference_price=close,
            signal_price=signal_price,
            price_now=close,
            candle_age=ZERO,
            signal_age=ZERO,
        )

    def entered(self, day: date) -> None:
        self.entries[day] = self.entries.get(day, 0) + 1

    def _look_back(self, row: int) -> None:
        if self.seen <= row:
            self.peak = max(self.peak, self.equity.highest(self.seen, row + 1))
            self.seen = row + 1
        for item in self.account.closed[self.counted :]:
            pnl, day = item.trip.pnl, item.trip.closed_at.date()
            if pnl < 0:
                self.streak += 1
                self.lost[day] = self.lost.get(day, ZERO) - pnl
            elif pnl > 0:
                self.streak = 0
        self.counted = len(self.account.closed)

    def _equity_at(self, day: date) -> Decimal:
        """As the day began, by the last closes by then."""
        if day not in self.begun:
            midnight = microseconds(datetime.combine(day, time(), UTC))
            closed = np.searchsorted(self._timeline.close_times, midnight, side="right")
            self.begun[day] = self.equity.at(int(closed) - 1)
        return self.begun[day]

    def _exposure(self, row: int) -> Decimal:
        """The worth of positions and of entries on their way."""
        held = (
            abs(state.quantity) * self._close(key, row)
            for key, state in self.account.positions.items()
            if state.quantity
        )
        coming = (
            order.ticket.quantity * price_of(order)
            for order in self.account.working.values()
            if order.leg is Leg.ENTRY
        )
        return sum(held, ZERO) + sum(coming, ZERO)

    def _volatility(self, key: int, now: datetime) -> Told[Decimal]:
        series = self.markets[key].series
        if key not in self.volatilities:
            self.volatilities[key] = Volatilities.of(series)
        # A whole number: for a fraction all of them would be turned into fractions.
        closed = int(np.searchsorted(series.close_times, int(now.timestamp()), side="right"))
        found = self.volatilities[key].after(closed)
        return NOT_PROVIDED if found is None else Decimal(repr(found))

    def _close(self, key: int, row: int) -> Decimal:
        return self._timeline.histories[key].close.at(self._timeline.last_at(key, row))

    @property
    def _timeline(self) -> Timeline:
        return self.equity.timeline


def price_of(entry: Placed) -> Decimal:
    """What an entry on its way is reckoned at."""
    ticket = entry.ticket
    return ticket.limit_price or ticket.trigger_price or entry.reference_price
