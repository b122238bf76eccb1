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
from trading.money import ceil_to
from trading.sizing import to_reserve

NUMBER = 5


def capital_is_available(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Free cash covers the order, and at least the smallest order of the venue (inclusive)."""
    free, rules, price = snapshot.free_cash, snapshot.rules, intent.entry_price
    lacking = missing(free_cash=free, entry_price=price, cost=intent.cost)
    if free is None or lacking:
        return unknown(NUMBER, lacking)
    if price <= 0:
        return unknown(NUMBER, "entry_price")
    least = max(rules.min_quantity, rules.min_notional / price, rules.quantity_increment)
    smallest = ceil_to(least, rules.quantity_increment)
    least_cost = to_reserve(smallest, price, rules, intent.action.direction, buffer=intent.buffer)
    needed = max(intent.cost, least_cost)
    if free >= needed:
        return passed(NUMBER, free, needed)
    return refused(NUMBER, GateCode.INSUFFICIENT_BALANCE, free, needed)
