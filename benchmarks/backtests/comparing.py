"""How far two engines made the same trades."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.peers.rules import TICK
from benchmarks.peers.running import Trade

EXAMPLES = 3


class Agreement(NamedTuple):
    """Of the trades of the other: how many were entered in a candle, and to a side, in which ours
    were; how many of those at the same price; how many left in the same candle; how many there at
    the same average price. `examples` are pairs that differ in what was left, ours first.
    """

    ours: int
    theirs: int
    entries: int
    entry_prices: int
    exits: int
    exit_prices: int
    examples: Sequence[tuple[Trade, Trade]]

    @property
    def is_whole(self) -> bool:
        return {*self[:-1]} == {self.ours}


def agreement(ours: Sequence[Trade], theirs: Sequence[Trade]) -> Agreement:
    pairs = list(_pairs(ours, theirs))
    left = [(one, other) for one, other in pairs if one.left == other.left]
    same = [(one, other) for one, other in left if _is_near(one.exit_price, other.exit_price)]
    known = set(same)
    return Agreement(
        len(ours),
        len(theirs),
        len(pairs),
        sum(_is_near(one.entry_price, other.entry_price) for one, other in pairs),
        len(left),
        len(same),
        [pair for pair in pairs if pair not in known][:EXAMPLES],
    )


def _pairs(ours: Sequence[Trade], theirs: Sequence[Trade]) -> Iterator[tuple[Trade, Trade]]:
    """A candle may open two positions: one that it closes again, and the next."""
    found = {(trade.entered, trade.side): trade for trade in ours}
    for other in theirs:
        one = found.pop((other.entered, other.side), None)
        if one is not None:
            yield one, other


def _is_near(one: float, other: float) -> bool:
    """To the tick; the average price of parts lies between ticks."""
    return abs(one - other) < TICK / 100
