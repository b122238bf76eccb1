"""What a compiled run comes to, exactly: the rows of the kernel as the Decimals of the event path.

Made when they are first looked at: a report of the equity needs none of them.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar, overload

from trading.backtest.book import Closed
from trading.backtest.settings import DecisionRow, Market, Result
from trading.backtest.telling import trade_rows
from trading.compiled.book import Record
from trading.compiled.deciding import CAPS, CODES
from trading.compiled.running import Done
from trading.compiled.tracks import Track
from trading.exits import ExitReason
from trading.gates import conclude
from trading.gates.values import Status, Verdict
from trading.ledger import PositionState, RoundTrip, apply_fill
from trading.performance.trips import Trip
from trading.signals import Action, Side

REASONS = (ExitReason.SIGNAL, ExitReason.STOP, ExitReason.TARGET, ExitReason.MARGIN_CALL)
ACTIONS = tuple(Action)
T = TypeVar("T")


class Late(Sequence[T]):
    """A sequence that is made when it is first read."""

    def __init__(self, count: int, make: Callable[[], list[T]]) -> None:
        self._count = count
        self._make = make

    @cached_property
    def _rows(self) -> list[T]:
        return self._make()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._rows[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._rows == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list


def result_of(track: Track, done: Done) -> Result:
    market, book = track.market, done.book
    held = done.units.quantity_of(book["quantity"])
    return Result(
        trades=Late(len(done.trips), lambda: trips_of(market, done)),
        decisions=Late(len(done.receipts), lambda: decisions_of(market, done)),
        times=market.series.close_times,
        equity=done.equity,
        cash=done.units.money_of(book["cash"]),
        still_open={market.rules.symbol: held} if held else {},
    )


def trips_of(market: Market, done: Done) -> list[Trip]:
    closed = [
        Closed(0, _round_trip(market, done, row), REASONS[row["reason"]]) for row in done.trips
    ]
    return trade_rows(closed, [market])


def _round_trip(market: Market, done: Done, row: Record) -> RoundTrip:
    """By the ledger, from the two fills."""
    units, sides = done.units, (Side.BUY, Side.SELL)
    if row["quantity"] < 0:
        sides = (Side.SELL, Side.BUY)
    quantity = units.quantity_of(abs(row["quantity"]))
    opened = apply_fill(
        PositionState(), sides[0], quantity, units.price_of(row["entry_price"]),
        units.money_of(row["entry_fee"]), _opened(market, row["entry_row"]),
    )  # fmt: skip
    closed = apply_fill(
        opened.position, sides[1], quantity, units.price_of(row["exit_price"]),
        units.money_of(row["exit_fee"]), _opened(market, row["exit_row"]),
    ).closed  # fmt: skip
    if closed is None:
        raise AssertionError("a trip of the kernel does not close")
    return closed


def _opened(market: Market, row: int) -> datetime:
    return market.candles[int(row)].open_time


def decisions_of(market: Market, done: Done) -> list[DecisionRow]:
    return [_decision(market, done, row) for row in done.receipts]


def _decision(market: Market, done: Done, row: Record) -> DecisionRow:
    code = "" if row["code"] < 0 else CODES[row["code"]].value
    outcome, _ = conclude((Verdict(0, Status.REFUSED, code, "", ""),) if code else ())
    return DecisionRow(
        time=market.candles[int(row["row"])].close_time,
        symbol=market.rules.symbol,
        action=ACTIONS[row["action"]].value,
        outcome=outcome.value,
        code=code,
        sized_down_by="" if row["cap"] < 0 else CAPS[row["cap"]].value,
        quantity=done.units.quantity_of(row["quantity"]),
    )
