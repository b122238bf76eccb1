"""One pass over a history, from one row at which something happens to the next.

Plain functions of arrays and numbers, which `machine.py` compiles. At a row the order is that of
the event path (trading/backtest/engine.py): the open, the inside of the candle, the mark, the
signals of the close.
"""

from trading.compiled.book import FINE, Bar, Candles, Record, Terms, Whole
from trading.compiled.deciding import decide
from trading.compiled.filling import DAY, begin_day, meet_inside, meet_open, units
from trading.compiled.marking import mark_before
from trading.compiled.whole import floor_of
from trading.matching.levels import is_met


def simulate(
    terms: Terms, candles: Candles, signals: Record, leaves: Record, enters: Record,
    marks: Record, book: Record, trips: Record, receipts: Record, equity: Record,
) -> int:  # fmt: skip
    """Fill `book`, `trips`, `receipts` and `equity`, which is of the rows `marks`, or of every row
    where there are none. `signals` are the rows at which something is said. The row at which it was
    given up, see `book.trouble`; the number of rows when it was not.
    """
    count, number, marked = len(candles.close), 0, 0
    opens, highs, lows, closes = candles.open, candles.high, candles.low, candles.close
    row = signals[0] if len(signals) else count
    while row < count:
        marked = mark_before(row, book, terms, closes, marks, marked, equity)
        opened = floor_of(candles.times[row] - candles.length, DAY)
        prices = units(opens[row], terms), units(highs[row], terms), units(lows[row], terms)
        bar = Bar(row, *prices)
        begin_day(book, terms, candles, row, opened)
        meet_open(book, terms, bar, trips[book.trips])
        if book.quantity != 0:
            meet_inside(book, terms, bar, trips[book.trips])
        if number < len(signals) and signals[number] == row:
            number += 1
            begin_day(book, terms, candles, row, floor_of(candles.times[row], DAY))
            close = units(closes[row], terms)
            decide(book, terms, row, close, leaves[row], enters[row], receipts)
        if book.trouble != FINE:
            return row
        upto = signals[number] if number < len(signals) else count
        row = quiet_until(book, terms, lows, highs, row + 1, upto)
    mark_before(count, book, terms, closes, marks, marked, equity)
    return count


def quiet_until(
    book: Record, terms: Terms, lows: Record, highs: Record, row: int, upto: int
) -> int:
    """The first row from `row` on at which an order may fill, `upto` at the latest."""
    if book.leaving or book.entering:
        return row
    if book.quantity == 0:
        return upto
    buys, stop, target = book.quantity < 0, book.stop, book.target
    if book.liquidation > 0 and (stop == 0 or book.liquidation < stop):
        stop = book.liquidation
    # The columns are the nearest floats to their decimals, and so are these.
    below, above = (target, stop) if buys else (stop, target)
    lowest: Whole = below / terms.scale if below > 0 else -1.0
    highest: Whole = above / terms.scale if above > 0 else 2.0 * terms.highest
    while row < upto:
        low, high = lows[row], highs[row]
        if is_met(lowest, low, low, False) or is_met(highest, high, high, True):  # noqa: FBT003
            return row
        row += 1
    return upto
