"""The event path: candles, one close after the other, through the functions that trade for people.

For each close, in the order of the platform's pipeline: what works is matched at the open and
inside the candle, funding is charged, sessions that are over end their orders, ladders are climbed,
the strategy looks, each of its signals is sized and asked every gate, and what is ordered meets the
next candle. A signal at a close is never filled before the next open. What a candle does to an
order is said in `trading/matching`. Closes at which none of this can happen are skipped.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from trading.account_days import midnight
from trading.backtest.book import Account
from trading.backtest.climbing import climb
from trading.backtest.closes import Close
from trading.backtest.deciding import decide_all, look
from trading.backtest.equity import Equity
from trading.backtest.filling import match
from trading.backtest.risk import Telling
from trading.backtest.settings import DecisionRow, Market, Result, Settings
from trading.backtest.skipping import Skipping
from trading.backtest.telling import trade_rows
from trading.backtest.timeline import Look, Timeline, looks, timeline_of
from trading.candle_history import moment
from trading.candles import Candle
from trading.matching import AT_OPEN, INSIDE, match_at_open, match_inside
from trading.money import ZERO
from trading.signals import Signal

Progress = Callable[[int, int], None]  # closes done, and of how many
TELL_EVERY = 500


def backtest(
    settings: Settings, markets: Sequence[Market], *, progress: Progress | None = None
) -> Result:
    """One subscription over the histories of its instruments, on one capital.

    Raises SignalNotUsable when the strategy speaks of prices that no order can be made of.
    """
    run = _Run(settings, list(markets))
    run.go(progress or _untold)
    return run.result()


def _untold(_: int, __: int) -> None:
    """To nobody."""


@dataclass(slots=True)
class _Run:
    settings: Settings
    markets: list[Market]
    account: Account = field(init=False)
    warmup: int = field(init=False)
    timeline: Timeline = field(init=False)
    due: dict[int, int] = field(default_factory=dict)  # the next funding rate, by instrument
    decisions: list[DecisionRow] = field(default_factory=list)
    equity: Equity = field(init=False)
    telling: Telling | None = None

    def __post_init__(self) -> None:
        rules = {key: market.rules for key, market in enumerate(self.markets)}
        settings = self.settings
        self.account = Account(
            rules, settings.cash, settings.slippage_bps, participation=settings.participation
        )
        self.warmup = settings.strategy.warmup(settings.parameters)
        self.timeline = timeline_of(self.markets)
        self.equity = Equity(self.timeline)
        self.equity.mark(0, self.account)
        if settings.is_limited:
            self.telling = Telling(self.account, self.equity, self.markets)

    def go(self, progress: Progress) -> None:
        skipping = Skipping(self.timeline, self.markets, self.due)
        row, end, told = -1, len(self.timeline), -TELL_EVERY
        asked = groupby(looks(self.settings, self.markets, self.timeline), lambda look: look.row)
        look_row, looked = next(asked, (end, None))
        while (row := skipping.next_row(self.account, row, look_row)) < end:
            self.take(row)
            if row == look_row and looked is not None:
                self.ask(row, looked)
                look_row, looked = next(asked, (end, None))
            if row - told >= TELL_EVERY:
                progress(row, end)
                told = row
        progress(end, end)

    def take(self, row: int) -> None:
        """What the candles that close at this row mean to what the account has."""
        account, now = self.account, moment(self.timeline.close_times[row])
        candles = self._candles(row, sorted(self._concerned()))
        if account.working and candles:
            self._match(candles, now)
        self._charge_funding(candles, now)
        self._expire(now)
        for key in [key for key in account.climbs if key in candles]:
            climb(account, key, candles[key], now)
        self.equity.mark(row, account)

    def ask(self, row: int, asked: Iterable[Look]) -> None:
        """The strategy looks, and what it says is decided."""
        said: list[tuple[int, Signal]] = [
            (each.instrument, signal)
            for each in asked
            for signal in look(
                self.settings, self.markets[each.instrument], each.place, self.warmup
            )
        ]
        if not said:
            return
        prices = {
            key: self.timeline.histories[key].close.at(self.timeline.last_at(key, row))
            for key, state in self.account.positions.items()
            if state.quantity
        }
        now = moment(self.timeline.close_times[row])
        began = self.equity.open_at(midnight(now.date()))
        at = Close(row, now, prices, self._worth(prices), began)
        self.decisions += decide_all(
            self.account, self.settings, self.markets, said, at, self.telling
        )

    def _concerned(self) -> set[int]:
        account = self.account
        held = {key for key, state in account.positions.items() if state.quantity}
        return held | account.climbs.keys() | {each.instrument for each in account.working.values()}

    def _candles(self, row: int, keys: Sequence[int]) -> dict[int, Candle]:
        found = ((key, self.timeline.at(key, row)) for key in keys)
        return {
            key: self.timeline.histories[key][index] for key, index in found if index is not None
        }

    def _match(self, candles: dict[int, Candle], now: datetime) -> None:
        match(self.account, candles, AT_OPEN, match_at_open, now)
        if match(self.account, candles, INSIDE, match_inside, now):
            match(self.account, candles, INSIDE, match_inside, now)

    def _charge_funding(self, candles: dict[int, Candle], now: datetime) -> None:
        for key, candle in candles.items():
            rates, number = self.markets[key].funding, self.due.get(key, 0)
            while number < len(rates) and rates[number][0] <= now:
                due, rate = rates[number]
                self.account.charge_funding(key, candle.close, rate, due, now)
                number += 1
            self.due[key] = number

    def _expire(self, now: datetime) -> None:
        self.account.end(
            name
            for name, order in self.account.working.items()
            if order.ticket.expire_time is not None and order.ticket.expire_time <= now
        )

    def _worth(self, prices: dict[int, Decimal]) -> Decimal:
        held = (self.account.positions[key].quantity * price for key, price in prices.items())
        return self.account.cash + sum(held, ZERO)

    def result(self) -> Result:
        still_open = {
            self.markets[key].rules.symbol: state.quantity
            for key, state in self.account.positions.items()
            if state.quantity
        }
        return Result(
            trades=trade_rows(self.account.closed, self.markets),
            decisions=self.decisions,
            times=self.timeline.close_times // 1_000_000,
            equity=self.equity.curve(),
            cash=self.account.cash,
            still_open=still_open,
        )
