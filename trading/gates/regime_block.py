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

NUMBER = 33


def regime_allows_it(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The strategy trades in the market there is now."""
    is_blocked = known(NUMBER, "is_regime_blocked", snapshot.risk.market.is_regime_blocked)
    if isinstance(is_blocked, Verdict):
        return is_blocked
    if is_blocked:
        return refused(NUMBER, GateCode.REGIME_BLOCKED, "blocked", "allowed")
    return passed(NUMBER, "allowed")
