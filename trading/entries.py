"""An entry as one instrument takes it."""

from dataclasses import replace

from trading.instruments import InstrumentRules
from trading.signals import EntryPlan, Side


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
    return replace(
        plan,
        limit_price=None if limit is None else better(limit),
        trigger_price=None if trigger is None else later(trigger),
    )
