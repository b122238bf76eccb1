"""A signal as one instrument takes it."""

from collections.abc import Sequence
from dataclasses import replace

from trading.instruments import InstrumentRules
from trading.signals import Action, EntryPlan, Side, Signal

SHORT_NOT_AVAILABLE = "SHORT_NOT_AVAILABLE"


def tradable(said: Sequence[Signal], *, is_shortable: bool) -> list[tuple[Signal, str]]:
    """The signals to fan out, each with a note. Where nothing can be sold short, there is no short
    to leave, and an entry short that goes with the exit of a long is noted on that exit's receipts.
    """
    if is_shortable:
        return [(signal, "") for signal in said]
    leaves_long = any(signal.action is Action.EXIT_LONG for signal in said)
    enters_short = any(signal.action is Action.ENTER_SHORT for signal in said)
    dropped = {Action.EXIT_SHORT} | ({Action.ENTER_SHORT} if leaves_long else set())
    note = SHORT_NOT_AVAILABLE if leaves_long and enters_short else ""
    return [
        (signal, note if signal.action is Action.EXIT_LONG else "")
        for signal in said
        if signal.action not in dropped
    ]


def on_increment(plan: EntryPlan, side: Side, rules: InstrumentRules) -> EntryPlan:
    """The plan with prices that the venue takes, rounded against the order: it never pays more, nor
    begins earlier, than was asked.

    What was asked may lie below the smallest price: then it is zero, which a venue refuses.
    """
    buys = side is Side.BUY
    better, later = (
        (rules.price_down, rules.price_up) if buys else (rules.price_up, rules.price_down)
    )
    limit, trigger = plan.limit_price, plan.trigger_price
    if limit is None and trigger is None:
        return plan
    return replace(
        plan,
        limit_price=None if limit is None else better(limit),
        trigger_price=None if trigger is None else later(trigger),
    )
