from decimal import Decimal

from trading.gates.bounds import Bound, Source
from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    passed,
    refused,
    unknown,
)
from trading.money import plain

NUMBER = 14
# The percentile of volatility above which nothing is opened at all, whatever the tier; the operator
# may name a lower one.
BLACK_SWAN = Decimal(95)
_SWAN = Bound(BLACK_SWAN, Source.HARD.value, plain(BLACK_SWAN))


def volatility_is_bearable(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the tier's threshold it passes, above it refuses. A black swan is asked about first: no
    threshold is above it, and it stops more than this order.
    """
    volatility = known(NUMBER, "volatility", snapshot.risk.market.volatility)
    if isinstance(volatility, Verdict):
        return volatility
    if volatility < 0:
        return unknown(NUMBER, "volatility")
    bound = limits.bounds.volatility
    swan = min(_SWAN, limits.bounds.black_swan or _SWAN, key=lambda each: each.value)
    if volatility > swan.value:
        return refused(NUMBER, GateCode.BLACK_SWAN, volatility, swan.said, swan.source)
    if bound is None:
        return passed(NUMBER, volatility, swan.said, swan.source)
    if volatility <= bound.value:
        return passed(NUMBER, volatility, bound.said, bound.source)
    return refused(NUMBER, GateCode.VOLATILITY_TOO_HIGH, volatility, bound.said, bound.source)
