"""What fills bring, as limits on losses count it.

A round trip's loss counts on the day on which it grows: with each exit, not only with the last, so
that nobody escapes a limit by keeping a rest. The fees of the way in count with the first exit,
funding with the last. A round trip has ended when the venue would take no order for what is left.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from trading.exit_policy import is_dust
from trading.instruments import InstrumentRules
from trading.ledger import Applied, PositionState
from trading.money import ZERO


class Result(NamedTuple):
    """Of one fill. `lost`: by how much more its round trip has lost with it, never below zero;
    `pnl`: what that brought after fees, where the fill ended it."""

    day: date
    lost: Decimal
    pnl: Decimal | None

    @property
    def counts(self) -> bool:
        return bool(self.lost) or self.pnl is not None


def result_of(before: PositionState, applied: Applied, rules: InstrumentRules, day: date) -> Result:
    after, closed = applied.position, applied.closed
    lost = _lost(after) if closed is None else max(ZERO, -closed.pnl)
    had_ended = _has_ended(before, rules)
    pnl = None
    if closed is not None and not had_ended:
        pnl = closed.pnl
    elif _has_ended(after, rules) and not had_ended:  # once more, if dust is built upon
        pnl = _won(after) + after.funding
    return Result(day, max(ZERO, lost - _lost(before)), pnl)


def _has_ended(position: PositionState, rules: InstrumentRules) -> bool:
    """But for the dust that is left."""
    average = position.average_price
    if average is None or not position.exit_quantity:
        return False
    return is_dust(abs(position.quantity), average, rules)


def _lost(position: PositionState) -> Decimal:
    return max(ZERO, -_won(position)) if position.exit_quantity else ZERO


def _won(position: PositionState) -> Decimal:
    """By the exits so far, after all fees so far."""
    released = position.entry_value - abs(position.cost)
    gross = position.exit_value - released
    return (gross if position.quantity > 0 else -gross) - position.fees
