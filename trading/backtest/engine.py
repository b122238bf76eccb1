"""The event path: candles, one close after the other, through the functions that trade for people.

For each close, in the order of the platform's pipeline: what works is matched at the open and
inside the candle, funding is charged, sessions that are over end their orders, ladders are climbed,
the strategy looks, each of its signals is sized and asked every gate, and what is ordered meets the
next candle. A signal at a close is never filled before the next open. What a candle does to an
order is said in `trading/matching`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from trading.backtest.book import Account
from trading.backtest.climbing import climb
from trading.backtest.deciding import decide_all, look
from trading.backtest.filling import match
from trading.backtest.settings import DecisionRow, Market, Result, Settings
from trading.backtest.telling import trade_rows
from trading.candles import Candle
from trading.matching import AT_OPEN, INSIDE, match_at_open, match_inside
from trading.money import ZERO
from trading.signals import Signal

Progress = Callable[[int, int], None]  # closes done, and of how many
TELL_EVERY = 500


class _Close(NamedTuple):
    """The candles that close at one moment: index of each by instrument."""

    time: datetime
    indices: dict[int, int]


def backtest(
    settings: Settings, markets: Sequence[Market], *, progress: Progress | None = None
) -> Result:
    """One subscription over the histories of its instruments, on one capital.

    Raises SignalNotUsable when the strategy speaks of prices that no order can be made of.
    """
    run = _Run(settings, list(markets))
    closes = list(_closes(run.markets))
    for number, close in enumerate(closes):
        run.take(close)
        if progress is not None and number % TELL_EVERY == 0:
            progress(number, len(closes))
    if progress is not None:
        progress(len(closes), len(closes))
    return run.result()


def _closes(markets: Sequence[Market]) -> Iterator[_Close]:
    if len(markets) == 1:
        for index, candle in enumerate(markets[0].candles):
            yield _Close(candle.close_time, {0: index})
        return
    found: dict[datetime, dict[int, int]] = {}
    for key, market in enumerate(markets):
        for index, candle in enumerate(market.candles):
            found.setdefault(candle.close_time, {})[key] = index
    for time in sorted(found):
        yield _Close(time, found[time])


@dataclass(slots=True)
class _Run:
    settings: Settings
    markets: list[Market]
    account: Account = field(init=False)
    warmup: int = field(init=False)
    by_symbol: list[int] = field(init=False)
    last: dict[int, Decimal] = field(default_factory=dict)
    due: dict[int, int] = field(default_factory=dict)  # the next funding rate, by instrument
    decisions: list[DecisionRow] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    equity: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        rules = {key: market.rules for key, market in enumerate(self.markets)}
        settings = self.settings
        self.account = Account(
            rules, settings.cash, settings.slippage_bps, participation=settings.participation
        )
        self.warmup = self.settings.strategy.warmup(self.settings.parameters)
        self.by_symbol = sorted(rules, key=lambda key: rules[key].symbol)

    def take(self, close: _Close) -> None:
        candles = {key: self.markets[key].candles[index] for key, index in close.indices.items()}
        if self.account.working:
            self._match(candles, close.time)
        for key, candle in candles.items():
            self.last[key] = candle.close
        self._charge_funding(candles, close.time)
        self._expire(close.time)
        for key in [key for key in self.account.climbs if key in candles]:
            climb(self.account, key, candles[key], close.time)
        equity = self._equity()
        moment = int(close.time.timestamp())
        said = self._look(close, moment)
        if said:
            self.decisions += decide_all(
                self.account, self.settings, self.markets, said, self.last, equity, close.time
            )
        self.times.append(moment)
        self.equity.append(float(equity))

    def _match(self, candles: dict[int, Candle], now: datetime) -> None:
        match(self.account, candles, AT_OPEN, match_at_open, now)
        if match(self.account, candles, INSIDE, match_inside, now):
            match(self.account, candles, INSIDE, match_inside, now)

    def _charge_funding(self, candles: dict[int, Candle], now: datetime) -> None:
        for key, candle in candles.items():
            rates, number = self.markets[key].funding, self.due.get(key, 0)
            while number < len(rates) and rates[number][0] <= now:
                moment, rate = rates[number]
                self.account.charge_funding(key, candle.close, rate, moment, now)
                number += 1
            self.due[key] = number

    def _expire(self, now: datetime) -> None:
        self.account.end(
            name
            for name, order in self.account.working.items()
            if order.ticket.expire_time is not None and order.ticket.expire_time <= now
        )

    def _look(self, close: _Close, moment: int) -> list[tuple[int, Signal]]:
        begins_at = self.settings.begins_at
        if begins_at is not None and close.time <= begins_at:
            return []
        return [
            (key, signal)
            for key in self.by_symbol
            if key in close.indices
            for signal in look(self.settings, self.markets[key], moment, self.warmup)
        ]

    def _equity(self) -> Decimal:
        held = (
            state.quantity * self.last[key]
            for key, state in self.account.positions.items()
            if state.quantity
        )
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
            times=np.array(self.times, dtype=np.int64),
            equity=np.array(self.equity, dtype=np.float64),
            cash=self.account.cash,
            still_open=still_open,
        )
