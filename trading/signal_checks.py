"""Whether orders can be made of an opinion: refused when it is spoken, not at the venue."""

from decimal import Decimal

from trading.order_kinds import AT_ONCE, WITH_LIMIT, WITH_TRIGGER, OrderType
from trading.signals import EntryPlan, ExitPlan, Signal, SignalNotUsable, favour_of


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
