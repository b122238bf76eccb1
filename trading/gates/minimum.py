from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    missing,
    passed,
    refused,
    unknown,
)
from trading.sizing import SizingPolicy

NUMBER = 8


def order_is_large_enough(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """After rounding down to the step, quantity and notional reach the venue's minimums
    (inclusive).

    A cap always wins: an order is never raised to a minimum. Where the signal is to say the size
    and says none, nothing can be large enough.
    """
    rules = snapshot.rules
    if limits.sizing is SizingPolicy.FRACTION and intent.size_fraction is None:
        return unknown(NUMBER, "size_fraction")
    if lacking := missing(quantity=intent.quantity, entry_price=intent.entry_price):
        return unknown(NUMBER, lacking)
    if intent.notional < rules.min_notional:
        return refused(NUMBER, GateCode.NOTIONAL_BELOW_MINIMUM, intent.notional, rules.min_notional)
    if intent.quantity < rules.min_quantity or intent.quantity <= 0:
        return refused(NUMBER, GateCode.QUANTITY_BELOW_MINIMUM, intent.quantity, rules.min_quantity)
    return passed(NUMBER, intent.notional, rules.min_notional)
