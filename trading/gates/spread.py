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

NUMBER = 29


def spread_is_narrow(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Bid and ask lie no further apart than this share of the price between them (inclusive). A
    crossed quote is not known."""
    market, bound = snapshot.risk.market, limits.bounds.spread
    bid = known(NUMBER, "bid", market.bid)
    if isinstance(bid, Verdict):
        return bid
    ask = known(NUMBER, "ask", market.ask)
    if isinstance(ask, Verdict):
        return ask
    if bid <= 0 or ask < bid:
        return unknown(NUMBER, "bid" if bid <= 0 else "ask")
    if bound is None:
        return not_applicable(NUMBER, NO_LIMIT)
    spread, most = ask - bid, bound.value * (bid + ask) / 2
    if spread <= most:
        return passed(NUMBER, spread, most, bound.source)
    return refused(NUMBER, GateCode.SPREAD_TOO_WIDE, spread, most, bound.source)
