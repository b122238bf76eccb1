from trading.gates.codes import GateCode
from trading.gates.values import (
    NO_LIMIT,
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    not_applicable,
    passed,
    refused,
    unknown,
)

NUMBER = 25


def price_is_near_the_market(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The order's price is within the collar of the reference price (inclusive): what rests
    at a price of its own may lie further off than what fills at the market's."""
    reference = known(NUMBER, "reference_price", snapshot.risk.market.reference_price)
    if isinstance(reference, Verdict):
        return reference
    if not intent.entry_price.is_finite():
        return unknown(NUMBER, "entry_price")
    if reference <= 0:
        return unknown(NUMBER, "reference_price")
    bounds = limits.bounds
    bound = bounds.limit_collar if intent.rests else bounds.market_collar
    if bound is None:
        return not_applicable(NUMBER, NO_LIMIT)
    distance = abs(intent.entry_price - reference)
    if distance <= bound.value * reference:
        return passed(NUMBER, distance, bound.value * reference, bound.source)
    most = bound.value * reference
    return refused(NUMBER, GateCode.PRICE_COLLAR, distance, most, bound.source)
