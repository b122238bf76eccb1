from decimal import Decimal

from trading.gates.bounds import Source
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

NUMBER = 14
# The percentile of volatility above which nothing is opened at all, whatever the tier.
BLACK_SWAN = Decimal(95)


def volatility_is_bearable(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the tier's threshold it passes, above it refuses. A black swan is asked about first: no
    threshold is above it, and it stops more than this order.
    """
    volatility = known(NUMBER, "volatility", snapshot.risk.market.volatility)
    if isinstance(volatility, Verdict):
        return volatility
    if volatility < 0:
        return unknown(NUMBER, "volatility")
    if volatility > BLACK_SWAN:
        return refused(NUMBER, GateCode.BLACK_SWAN, volatility, BLACK_SWAN, Source.HARD)
    bound = limits.bounds.volatility
    if bound is None:
        return passed(NUMBER, volatility, BLACK_SWAN, Source.HARD)
    if volatility <= bound.value:
        return passed(NUMBER, volatility, bound.said, bound.source)
    return refused(NUMBER, GateCode.VOLATILITY_TOO_HIGH, volatility, bound.said, bound.source)
