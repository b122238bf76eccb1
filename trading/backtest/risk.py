"""What the risk gates are told of the simulated account and its markets: the facts of the platform,
by the rules that it keeps them by (trading/account_days.py, trading/rooms.py). Only asked for where
limits are set (`Limits.bounds`).

Nothing here depends on which closes are visited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, takewhile

from trading.account_days import AccountDay, first_day, midnight, week_of
from trading.backtest.book import ACCOUNT, Account, Placed
from trading.backtest.closes import Close, closed_by, window
from trading.backtest.equity import Equity
from trading.backtest.settings import Market
from trading.candles import CandleSeries
from trading.correlation import WINDOW, apart
from trading.decisions import Answer, Asked
from trading.gates.risk_facts import (
    NOT_PROVIDED,
    AccessFacts,
    MarketFacts,
    Mode,
    RiskFacts,
    Told,
)
from trading.money import ZERO
from trading.orders import Leg
from trading.regime.volatilities import Volatilities
from trading.rooms import Room, Stake
from trading.signals import Side

_ACCESS = AccessFacts(mode=Mode.BACKTEST)


@dataclass(slots=True)
class AtClose:
    """The facts of one close, kept true while its signals are decided."""

    told: "Telling"
    room: Room
    now: datetime

    def of(self, asked: Asked) -> RiskFacts:
        market, key = self.told.market(asked, self.now), asked.instrument
        return self.room.facts(asked, ACCOUNT, market, self.told.apart(key, self.room, self.now))

    def remember(self, asked: Asked, answer: Answer) -> None:
        """An entry that was ordered counts for those that follow."""
        before = self.room.ordered
        self.room.remember(asked, ACCOUNT, answer)
        self.told.count(self.room.ordered - before)


@dataclass(slots=True)
class Telling:
    """`days` of the account on which something happened, and results, are counted once."""

    account: Account
    equity: Equity
    markets: Sequence[Market]
    today: AccountDay | None = None
    days: int = 0
    results: int = 0
    volatilities: dict[int, Volatilities] = field(default_factory=dict)

    def at(self, close: Close) -> AtClose:
        today = self._today(close.now.date())
        room = Room(access=_ACCESS, stakes=self._stakes(close.prices))
        room.account = today.facts(
            close.equity,
            exposure=room.exposure,
            open_positions=room.open_positions,
            users_positions=room.open_positions,
            trades_today=today.trades_today,
            lost_today=today.lost_today,
        )
        return AtClose(self, room, close.now)

    def count(self, entries: int) -> None:
        """So many were ordered on the day that was asked about last."""
        assert self.today is not None
        self.today = self.today.after_entries(entries)

    def market(self, asked: Asked, now: datetime) -> MarketFacts:
        return MarketFacts(
            now=now,
            volatility=self._volatility(asked.instrument, now),
            reference_price=asked.price,
            signal_price=asked.price,
            price_now=asked.price,
            candle_age=ZERO,
        )

    def apart(self, key: int, room: Room, now: datetime) -> frozenset[int]:
        """Of what is held, what is known not to move with it."""
        others = {other: self._seen(other, now) for other in room.stakes if other != key}
        return apart(self._seen(key, now), others) if others else frozenset()

    def _today(self, day: date) -> AccountDay:
        """As the platform has it, which begins a day with whatever first happens on it."""
        for on in [*islice(self.account.realised, self.days, None), day]:
            self.today = self._begun(on, self._counted(before=on))
        self.days = len(self.account.realised)
        self.today = self._counted(before=day + timedelta(days=1))
        assert self.today is not None
        return self.today

    def _counted(self, *, before: date) -> AccountDay | None:
        """With what fills brought before this day; None = no day has begun."""
        waiting = islice(self.account.results, self.results, None)
        results = list(takewhile(lambda result: result.day < before, waiting))
        self.results += len(results)
        return None if self.today is None else self.today.after_results(results)

    def _begun(self, day: date, until: AccountDay | None) -> AccountDay:
        if until is not None and day <= until.day:
            return until
        equities = (self.equity.at(midnight(day)), self.equity.at(midnight(week_of(day))))
        return first_day(day, *equities) if until is None else until.next_day(day, *equities)

    def _stakes(self, prices: Mapping[int, Decimal]) -> dict[int, Stake]:
        found: dict[int, Stake] = {}
        for key, state in self.account.positions.items():
            if state.quantity:
                worth = abs(state.quantity) * prices[key]
                self._stake(found, key).hold(ACCOUNT, state.quantity, worth)
        for name, order in self.account.working.items():
            if order.leg is Leg.ENTRY:
                quantity, buys = order.ticket.quantity, order.ticket.side is Side.BUY
                worth = on_its_way(self.account, name, order)
                stake = self._stake(found, order.instrument)
                stake.enter(ACCOUNT, quantity if buys else -quantity, worth)
        return found

    def _stake(self, found: dict[int, Stake], key: int) -> Stake:
        return found.setdefault(key, Stake(self.markets[key].rules.asset_class))

    def _volatility(self, key: int, now: datetime) -> Told[Decimal]:
        series = self.markets[key].series
        if key not in self.volatilities:
            self.volatilities[key] = Volatilities.of(series)
        found = self.volatilities[key].after(closed_by(series, now))
        if found is not None:
            return Decimal(repr(found))
        is_told = self.markets[key].is_fed and self.volatilities[key].is_ever_known
        return None if is_told else NOT_PROVIDED

    def _seen(self, key: int, now: datetime) -> CandleSeries:
        series = self.markets[key].series
        closed = closed_by(series, now)
        return window(series, closed, min(closed, WINDOW + 1))


def on_its_way(account: Account, name: str, entry: Placed) -> Decimal:
    """What an entry will have in use: of a short more than is set aside for it."""
    price = entry.ticket.limit_price or entry.ticket.trigger_price or entry.reference_price
    return max(account.reserved.get(name, ZERO), entry.ticket.quantity * price)
