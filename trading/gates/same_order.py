from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    passed,
    refused,
)

NUMBER = 24


def order_is_not_a_repetition(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """No order of the same user, side and size in this instrument was written moments ago."""
    count = known(NUMBER, "same_orders", snapshot.risk.instrument.same_orders)
    if isinstance(count, Verdict):
        return count
    if count:
        return refused(NUMBER, GateCode.DUPLICATE_ORDER, count, 0)
    return passed(NUMBER, "0", "0")
