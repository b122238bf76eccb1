"""The equity, marked to the closes while nothing changes."""

import numpy as np

from trading.compiled.book import EXACT, Record, Terms
from trading.compiled.filling import units
from trading.compiled.whole import nearest_float


def mark_before(
    end: int, book: Record, terms: Terms, closes: Record, marks: Record, first: int, equity: Record
) -> int:
    """Of the rows `marks` those from their index `first` on that lie before `end`; where there are
    none, all rows from `first` on. What to go on with."""
    if len(marks) == 0:
        mark_all(end, book, terms, closes, first, equity)
        return end
    while first < len(marks) and marks[first] < end:
        close = units(closes[marks[first]], terms)
        equity[first] = nearest_float(book.cash + book.quantity * close, terms.money)
        first += 1
    return first


def mark_all(
    end: int, book: Record, terms: Terms, closes: Record, first: int, equity: Record
) -> None:
    if book.quantity == 0:
        equity[first:end] = nearest_float(book.cash, terms.money)
        return
    # Slices: a row that could count from the end would be looked at one by one.
    part, prices = equity[first:end], closes[first:end]
    whole_cash, held, money = book.cash, book.quantity, float(terms.money)
    most = float(abs(held)) * terms.highest + abs(float(whole_cash))
    if most < EXACT:  # then floats are exact, and several are done at once
        cash, quantity, scale = float(whole_cash), float(held), terms.scale
        for row in range(len(part)):
            part[row] = (cash + quantity * np.rint(prices[row] * scale)) / money
        return
    for row in range(len(part)):
        worth = whole_cash + held * units(prices[row], terms)
        part[row] = nearest_float(worth, terms.money)
