from trading.gates.codes import GateCode
from trading.gates.values import (
    NO_LIMIT,
    Intent,
    Limits,
    Snapshot,
    Verdict,
    capital_of,
    not_applicable,
    passed,
    refused,
    worth,
)

NUMBER = 16


def share_is_large_enough(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The order is at least the least share of the equity (inclusive). The capital guard asks
    about the most of it."""
    equity = capital_of(NUMBER, "equity", snapshot.risk.account.equity)
    if isinstance(equity, Verdict):
        return equity
    notional = worth(NUMBER, intent)
    if isinstance(notional, Verdict):
        return notional
    bound = limits.bounds.least_share
    if bound is None:
        return not_applicable(NUMBER, NO_LIMIT)
    least = bound.value * equity
    if notional >= least:
        return passed(NUMBER, notional, least, bound.source)
    return refused(NUMBER, GateCode.NOTIONAL_BELOW_MINIMUM, notional, least, bound.source)
