from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    passed,
    refused,
    worth,
)

NUMBER = 15


def capital_is_left_for_it(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The order is worth no more than the equity that is in no position and on no way to one
    (inclusive)."""
    available = known(NUMBER, "available", snapshot.risk.account.available)
    if isinstance(available, Verdict):
        return available
    notional = worth(NUMBER, intent)
    if isinstance(notional, Verdict):
        return notional
    if notional <= available:
        return passed(NUMBER, notional, available)
    return refused(NUMBER, GateCode.EXCEEDS_AVAILABLE_CAPITAL, notional, available)
