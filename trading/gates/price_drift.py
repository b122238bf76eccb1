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

NUMBER = 28


def price_has_not_run_away(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Since the signal the price has moved by no more than the limit, either way (inclusive)."""
    market, bound = snapshot.risk.market, limits.bounds.drift
    then = known(NUMBER, "signal_price", market.signal_price)
    if isinstance(then, Verdict):
        return then
    now = known(NUMBER, "price_now", market.price_now)
    if isinstance(now, Verdict):
        return now
    if then <= 0 or now <= 0:
        return unknown(NUMBER, "signal_price" if then <= 0 else "price_now")
    if bound is None:
        return not_applicable(NUMBER, NO_LIMIT)
    moved, most = abs(now - then), bound.value * then
    if moved <= most:
        return passed(NUMBER, moved, most, bound.source)
    return refused(NUMBER, GateCode.PRICE_DRIFTED, moved, most, bound.source)
