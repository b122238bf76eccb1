"""What fills bring, as limits on losses count it.

A round trip's loss counts on the day on which it grows: with each exit, not only with the last, so
that nobody escapes a limit by keeping a rest. What was paid since the exit before counts with it:
the fees of the way in, funding. A round trip has ended when the venue would take no order for what
is left. What is built upon such a rest is another one: the position keeps what it had brought until
then, so that neither hides what the other lost.
"""

from dataclasses import replace
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


def counted(
    before: PositionState, applied: Applied, rules: InstrumentRules, day: date
) -> tuple[Applied, Result]:
    """The fill again, its position with what has been counted of it by now, and its result."""
    after, closed = applied.position, applied.closed
    if closed is None and after.exit_quantity == before.exit_quantity:
        return applied, Result(day, ZERO, None)
    brought = _brought(after) if closed is None else closed.pnl
    pnl = brought - before.settled
    lost = max(ZERO, -pnl)
    ends = (closed is not None or _has_ended(after, rules)) and not _has_ended(before, rules)
    result = Result(day, max(ZERO, lost - before.lost), pnl if ends else None)
    if closed is not None:
        return applied, result
    kept = replace(after, settled=brought, lost=ZERO) if ends else replace(after, lost=lost)
    return replace(applied, position=kept), result


def _has_ended(position: PositionState, rules: InstrumentRules) -> bool:
    """But for the dust that is left."""
    average = position.average_price
    if average is None or not position.exit_quantity:
        return False
    return is_dust(abs(position.quantity), average, rules)


def _brought(position: PositionState) -> Decimal:
    """By the exits so far, with all fees and funding so far."""
    released = position.entry_value - abs(position.cost)
    gross = position.exit_value - released
    return (gross if position.quantity > 0 else -gross) - position.fees + position.funding
