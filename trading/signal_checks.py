"""Whether orders can be made of an opinion: refused when it is spoken, not at the venue."""

from decimal import Decimal

from trading.order_kinds import AT_ONCE, WITH_LIMIT, WITH_TRIGGER, OrderType
from trading.signals import (
    EntryPlan,
    ExitPlan,
    Ladder,
    LateTrail,
    Signal,
    SignalNotUsable,
    favour_of,
)

MOST_RUNGS = 20


def checked(signal: Signal) -> Signal:
    """The signal, if its prices are prices, its entry is one that a venue takes, and its stop and
    target lie on the right sides of where it is entered, neither just there.
    Raises SignalNotUsable.
    """
    plan, entry, reference = signal.exit_plan, signal.entry_plan, signal.reference_price
    stop, target = plan.stop_price, plan.target_price
    for price in (
        reference, stop, target, plan.stop_limit_price, entry.limit_price, entry.trigger_price
    ):  # fmt: skip
        if price is not None and not (price.is_finite() and price > 0):
            raise SignalNotUsable(f"A price must be a positive finite number, not {price}.")
    favour = favour_of(signal.action)
    _check_entry(signal, favour)
    expected = entry.expected_price(reference, signal.action.direction)
    if stop is not None and (expected - stop) * favour <= 0:
        raise SignalNotUsable(f"The stop {stop} is on the wrong side of {expected}.")
    worst = entry.worst_price(reference)
    if target is not None and (target - worst) * favour <= 0:
        raise SignalNotUsable(f"The target {target} is on the wrong side of {worst}.")
    _check_stop(plan, favour)
    if plan.ladder is not None:
        if not signal.action.is_entry:
            raise SignalNotUsable("An exit leaves whole: it has no ladder.")
        _check_ladder(plan.ladder)
        _check_moves(plan.ladder, plan)
    _check_size(signal)
    return signal


def _check_size(signal: Signal) -> None:
    size = signal.size_fraction
    if size is None:
        return
    if not signal.action.is_entry:
        raise SignalNotUsable("An exit leaves the whole position: it has no size.")
    if not size.is_finite() or not 0 < size <= 1:
        raise SignalNotUsable(f"A size must be a part of the capital, not {size} of it.")


def _check_entry(signal: Signal, favour: int) -> None:
    plan, kind = signal.entry_plan, signal.entry_plan.order_type
    if plan == EntryPlan():
        return
    if not signal.action.is_entry:
        raise SignalNotUsable("An exit leaves at market.")
    if kind is OrderType.TRAILING_STOP_MARKET:
        raise SignalNotUsable("A trailing stop only leaves: nothing is entered with one.")
    for name, price, kinds in (
        ("limit", plan.limit_price, WITH_LIMIT), ("trigger", plan.trigger_price, WITH_TRIGGER)
    ):  # fmt: skip
        if (price is None) is (kind in kinds):
            needs = "needs" if price is None else "has no"
            raise SignalNotUsable(f"An entry of kind {kind} {needs} {name} price.")
    if kind in WITH_TRIGGER and plan.time_in_force in AT_ONCE:
        raise SignalNotUsable(f"An entry of kind {kind} waits: it cannot be {plan.time_in_force}.")
    if plan.post_only and (kind is not OrderType.LIMIT or plan.time_in_force in AT_ONCE):
        raise SignalNotUsable("Only a limit entry that may rest can be post-only.")
    _check_trigger(plan, signal.reference_price, favour)


def _check_trigger(plan: EntryPlan, reference: Decimal, favour: int) -> None:
    trigger, limit = plan.trigger_price, plan.limit_price
    if trigger is None:
        return
    if (trigger - reference) * favour <= 0:
        raise SignalNotUsable(f"The trigger {trigger} of the entry has been reached: {reference}.")
    if limit is not None and (limit - trigger) * favour < 0:
        raise SignalNotUsable(f"The limit {limit} of the entry is on the wrong side of {trigger}.")


def _check_stop(plan: ExitPlan, favour: int) -> None:
    stop, limit, trail = plan.stop_price, plan.stop_limit_price, plan.trail
    if stop is None and (limit is not None or trail is not None):
        raise SignalNotUsable("A limit or a trail of a stop needs the price of the stop.")
    if limit is not None and trail is not None:
        raise SignalNotUsable("A stop either has a limit or follows the price, not both.")
    if stop is not None and limit is not None and (stop - limit) * favour < 0:
        raise SignalNotUsable(f"The limit {limit} of the stop is on the wrong side of {stop}.")
    if trail is not None and not trail.is_usable:
        raise SignalNotUsable(f"A stop cannot follow the price by {trail.offset}.")


def _check_ladder(ladder: Ladder) -> None:
    if not ladder.rungs and ladder.trail is None:
        raise SignalNotUsable("A ladder has rungs, or a stop that follows later.")
    if len(ladder.rungs) > MOST_RUNGS:
        raise SignalNotUsable(f"A ladder has no more than {MOST_RUNGS} rungs.")
    below, is_left = Decimal(0), True
    for rung in ladder.rungs:
        if not is_left:
            raise SignalNotUsable("Nothing is left for the rungs above one that closes all.")
        if not (rung.offset.is_finite() and rung.offset > below):
            raise SignalNotUsable(f"Each rung lies above the one before: {rung.offset} does not.")
        if not (rung.share.is_finite() and 0 < rung.share <= 1):
            raise SignalNotUsable(f"A rung closes a share between 0 and 1, not {rung.share}.")
        below, is_left = rung.offset, rung.share < 1


def _check_moves(ladder: Ladder, plan: ExitPlan) -> None:
    """Whether its stop is one that can be moved, and after rungs that there are."""
    if not ladder.moves_the_stop:
        return
    if plan.stop_price is None:
        raise SignalNotUsable("A ladder that moves the stop needs the price of the stop.")
    if plan.stop_limit_price is not None:
        raise SignalNotUsable("A stop that is moved has no limit.")
    late = ladder.trail
    for rung in (ladder.break_even_after, None if late is None else late.after):
        if rung is not None and not 1 <= rung <= len(ladder.rungs):
            raise SignalNotUsable(f"The ladder has no rung {rung}.")
    if late is not None:
        _check_late_trail(late, plan)


def _check_late_trail(late: LateTrail, plan: ExitPlan) -> None:
    if plan.trail is not None:
        raise SignalNotUsable("A stop follows from the entry on, or later, not both.")
    if not late.trail.is_usable:
        raise SignalNotUsable(f"A stop cannot follow the price by {late.trail.offset}.")
    if (late.after is None) is (late.profit is None):
        raise SignalNotUsable("A stop follows after a rung or from a profit on: one of the two.")
    if late.profit is not None and not (late.profit.is_finite() and late.profit > 0):
        raise SignalNotUsable(f"A stop follows from a profit on, not from {late.profit}.")
