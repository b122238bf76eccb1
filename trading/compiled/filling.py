"""What a candle does to the orders of the kernel's book. The rules are those of the event path
(trading/matching, trading/ledger.py, trading/margin.py), compiled; the order in which they meet a
candle is that of `trading.matching.passes` for market entries, a stop, a target and a liquidation.
"""

import numpy as np

from trading.compiled.book import (
    MARGIN_CALL,
    MOST,
    NOTHING_FOR_ALL,
    SIGNAL,
    STOP,
    TARGET,
    TOO_LARGE,
    Bar,
    Candles,
    Record,
    Share,
    Terms,
    Whole,
)
from trading.ledger import value_of
from trading.margin import kept
from trading.matching.amounts import affordable, commission_of
from trading.matching.levels import is_met, limit_at_open, slipped_to, stopped_at
from trading.money import part_down, part_up, quotient_down

DAY = 86_400


def units(price: float, terms: Terms) -> Whole:
    return np.int64(np.rint(price * terms.scale))


def begin_day(book: Record, terms: Terms, candles: Candles, row: int, day: Whole) -> None:
    """Before anything of the day changes the book. `row` is the first that says something of it."""
    if book.day == day:
        return
    book.day, book.realised, book.opened = day, 0, 0
    if book.quantity == 0:
        return
    last = row
    while last >= book.entry_row and candles.times[last] > day * DAY:
        last -= 1
    if last >= book.entry_row:
        book.opened = book.quantity * units(candles.close[last], terms) - book.cost


def book_fill(book: Record, cash: Whole, profit: Whole) -> None:
    """On the day that was begun last."""
    book.cash += cash
    book.realised += profit
    if abs(book.cash) > MOST:
        book.trouble = TOO_LARGE


def enter(book: Record, terms: Terms, bar: Bar) -> None:
    """Fill the entry at the open, unless the cash does not pay for it."""
    buys, direction = book.entering > 0, book.entering
    side, quantity = 0 if buys else 1, book.ordered
    book.entering = 0
    price = slipped_to(bar.open, terms.paid if buys else terms.got, terms.increment, buys)
    if terms.takes_all:
        quantity = affordable(book.cash, price, terms.opens[side], terms.amount, terms.step)
        if quantity <= 0:  # it would wait for the next candle
            book.trouble = NOTHING_FOR_ALL
            return
    if float(quantity) * float(max(price, terms.highest)) > MOST:
        book.trouble = TOO_LARGE
        return
    value = value_of(quantity, price, terms.whole, terms.amount, buys)
    fee = commission_of(quantity, price, terms.taker, terms.amount)
    paid = -value - fee if buys else value - fee
    if book.cash + paid - kept(direction * value, terms.kept, terms.amount) < 0:
        return
    book.quantity, book.cost = direction * quantity, direction * value
    book.entry_row, book.entry_price, book.entry_fee = bar.row, price, fee
    book_fill(book, paid, -fee)
    protect(book, terms, side)


def protect(book: Record, terms: Terms, side: int) -> None:
    """The levels beside the position: rounded towards the entry."""
    book.stop, book.target, book.liquidation = 0, 0, 0
    if terms.has_stop:
        book.stop = nearer(book.reference, terms.stops[side], terms.increment, side)
    if terms.has_target[side]:
        book.target = nearer(book.reference, terms.targets[side], terms.increment, side)
    if side == 1:
        book.liquidation = quotient_down(
            -book.cost, -book.quantity, terms.liquidation, terms.increment
        )


def nearer(price: Whole, share: Share, increment: Whole, side: int) -> Whole:
    return part_up(price, share, increment) if side == 0 else part_down(price, share, increment)


def leave(
    book: Record, terms: Terms, bar: Bar, price: Whole, fee_share: Share, reason: int, trip: Record
) -> None:
    """Fill what closes the whole position."""
    buys, quantity = book.quantity < 0, abs(book.quantity)
    if float(quantity) * float(price) > MOST:
        book.trouble = TOO_LARGE
        return
    value = value_of(quantity, price, terms.whole, terms.amount, buys)
    fee = commission_of(quantity, price, fee_share, terms.amount)
    gross = -value - book.cost if buys else value - book.cost
    trip.entry_row, trip.exit_row, trip.quantity = book.entry_row, bar.row, book.quantity
    trip.entry_price, trip.exit_price, trip.reason = book.entry_price, price, reason
    trip.entry_fee, trip.exit_fee = book.entry_fee, fee
    trip.pnl = gross - book.entry_fee - fee
    book.trips += 1
    book.quantity, book.cost = 0, 0
    paid = -value - fee if buys else value - fee
    book_fill(book, paid, gross - fee)


def meet_open(book: Record, terms: Terms, bar: Bar, trip: Record) -> None:
    """What is ordered at market fills: what leaves before what enters."""
    if book.leaving:
        book.leaving = 0
        buys = book.quantity < 0
        share = terms.paid if buys else terms.got
        price = slipped_to(bar.open, share, terms.increment, buys)
        leave(book, terms, bar, price, terms.taker, SIGNAL, trip)
    if book.entering:
        enter(book, terms, bar)


def meet_inside(book: Record, terms: Terms, bar: Bar, trip: Record) -> None:
    """At the open the stop, then the target; inside the stop, then the target. Of a short the lower
    of its stop and its liquidation comes first."""
    buys, stop, target, reason = book.quantity < 0, book.stop, book.target, STOP
    if book.liquidation > 0 and (stop == 0 or book.liquidation < stop):
        stop, reason = book.liquidation, MARGIN_CALL
    opened, low, high = bar.open, bar.low, bar.high
    share = terms.paid if buys else terms.got
    opens_beyond = stop > 0 and is_met(stop, opened, opened, buys)
    if not opens_beyond and target > 0 and is_met(target, opened, opened, not buys):
        price = limit_at_open(target, opened, terms.whole, terms.increment, buys)
        fee = (
            terms.maker if bar.row > book.entry_row else terms.taker
        )  # whether it stood there before
        leave(book, terms, bar, price, fee, TARGET, trip)
    elif stop > 0 and is_met(stop, low, high, buys):
        price = slipped_to(stopped_at(opened, stop, buys), share, terms.increment, buys)
        leave(book, terms, bar, price, terms.taker, reason, trip)
    elif target > 0 and is_met(target, low, high, not buys):
        leave(book, terms, bar, target, terms.maker, TARGET, trip)
