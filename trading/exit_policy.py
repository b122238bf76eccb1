"""What is done with a position that has a ladder when a candle has closed. One policy, in this
order, for live trading and for simulations:

1. A position that is being left whole is left alone: its stop stands meanwhile.
2. Rungs. All that the candle has reached and that are not done are taken at once, by one exit of
the summed quantity, named by the highest: what is left then is what one after the other would have
left. So a gap over the last closes what all of them cover. A rung is done with the first fill of
its exit, and those below it with it; until then a candle that reaches it may try again. While such
an exit is on its way no other is written.
3. The stop: to the average entry, or behind the close; the nearest to the market of those that
apply, and only if it is nearer than the stop that stands, by more ticks than STOP_STAYS_WITHIN, and
has not been passed by the close. A trailing stop is no such order: it is never replaced, it follows
by itself (trading/matching/trailing.py), the one that we hold exactly as a venue's would.

An exit is rounded down to the step. What a venue would not take as an order (too small) is not
sent: it goes with the next rung. What would be left too small to be sold goes with this one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from trading.candles import Candle
from trading.exit_plans import Ladder
from trading.instruments import InstrumentRules
from trading.money import ZERO
from trading.signals import Direction

# How often the exit of a rung is sent before it is given up: the stop stands, and the rungs above.
MOST_ATTEMPTS = 3
# An exit of the whole is never given up: after so many it is sent once more after a rest, and each
# rest is twice as long as the one before.
FIRST_REST = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=1)
# Ticks: a stop that would come no nearer than this is left where it is. At a venue each move is an
# order that is replaced, and for a moment none may stand.
STOP_STAYS_WITHIN = 2
# What is left of an entry is not worth holding when it is less than this part of it.
LEAST_LEFT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Laddered:
    """A position as it stands when the candle has closed; quantities are not signed.

    `average_entry` is of the whole entry, whatever has been closed since. `done` is the highest
    rung whose exit has filled, 0 = none. `stop` is the trigger that stands; None = there is none.
    `is_fresh`: some of it was entered inside this very candle, of which then only the close is
    known to have come after.
    """

    direction: Direction
    quantity: Decimal
    entry_quantity: Decimal
    average_entry: Decimal
    stop: Decimal | None
    done: int = 0
    is_leaving: bool = False
    is_stepping: bool = False  # an exit of a rung is on its way
    is_fresh: bool = False

    @property
    def favour(self) -> int:
        return 1 if self.direction is Direction.LONG else -1


@dataclass(frozen=True, slots=True)
class ToDo:
    """Close `quantity` at market for rung number `rung` (0 = nothing); move the stop (None = leave
    it)."""

    rung: int = 0
    quantity: Decimal = ZERO
    stop: Decimal | None = None


NOTHING = ToDo()


def what_is_due(ladder: Ladder, held: Laddered, candle: Candle, rules: InstrumentRules) -> ToDo:
    """The whole policy. Asked again before anything of it has happened, it says the same."""
    if held.is_leaving or held.quantity <= 0:
        return NOTHING
    rung = 0 if held.is_stepping else _reached(ladder, held, candle)
    quantity = ZERO
    if rung > held.done:
        quantity = _to_close(ladder, held, rung, candle.close, rules)
    if quantity == held.quantity:
        return ToDo(rung, quantity)
    return ToDo(rung if quantity else 0, quantity, _moved_stop(ladder, held, candle.close, rules))


def rest_after(attempts: int) -> timedelta:
    """How long an exit of the whole is not sent again after so many that came to nothing."""
    if attempts < MOST_ATTEMPTS:
        return timedelta()
    doublings = min(attempts - MOST_ATTEMPTS, 10)  # beyond the longest long since
    return min(FIRST_REST * (1 << doublings), LONGEST_REST)


def is_stop_nearer(direction: Direction, stop: Decimal, than: Decimal) -> bool:
    """Whether it leaves the position sooner."""
    return stop > than if direction is Direction.LONG else stop < than


def _reached(ladder: Ladder, held: Laddered, candle: Candle) -> int:
    """The highest rung that the candle has reached; 0 = none."""
    best = candle.high if held.direction is Direction.LONG else candle.low
    gained = ((candle.close if held.is_fresh else best) - held.average_entry) * held.favour
    return sum(gained >= rung.offset for rung in ladder.rungs)


def _to_close(
    ladder: Ladder, held: Laddered, rung: int, price: Decimal, rules: InstrumentRules
) -> Decimal:
    kept = Decimal(1)
    for taken in ladder.rungs[held.done : rung]:
        kept *= 1 - taken.share
    part = rules.quantity_down(held.quantity * (1 - kept))
    left = held.quantity - part
    if not kept or left < held.entry_quantity * LEAST_LEFT:
        return held.quantity
    if is_dust(part, price, rules):
        return ZERO
    return held.quantity if is_dust(left, price, rules) else part


def is_dust(quantity: Decimal, price: Decimal, rules: InstrumentRules) -> bool:
    """Whether the venue would not take an order of so much (not signed) at this price."""
    is_less = quantity < rules.min_quantity or quantity * price < rules.min_notional
    return is_less or not quantity


def _moved_stop(
    ladder: Ladder, held: Laddered, close: Decimal, rules: InstrumentRules
) -> Decimal | None:
    if held.stop is None:
        return None
    best = held.stop
    for stop in _stops(ladder, held, close, rules):
        is_behind = (close - stop) * held.favour > 0
        if is_behind and stop > 0 and is_stop_nearer(held.direction, stop, best):
            best = stop
    is_worth_it = abs(best - held.stop) > STOP_STAYS_WITHIN * rules.price_increment
    return best if is_worth_it else None


def _stops(
    ladder: Ladder, held: Laddered, close: Decimal, rules: InstrumentRules
) -> Iterator[Decimal]:
    """Where the stop is to be by now, rounded towards the market: it loses no more than was
    meant."""
    is_long = held.direction is Direction.LONG
    nearer = rules.price_up if is_long else rules.price_down
    if ladder.break_even_after is not None and held.done >= ladder.break_even_after:
        yield nearer(held.average_entry)
    late = ladder.trail
    if late is None:
        return
    gained = (close - held.average_entry) * held.favour
    is_after = late.after is not None and held.done >= late.after
    if is_after or (late.profit is not None and gained >= late.profit):
        distance = max(late.trail.distance(close), rules.price_increment)
        nearest = close - rules.price_increment * held.favour
        behind = nearer(close - distance * held.favour)
        yield min(behind, nearest) if is_long else max(behind, nearest)
