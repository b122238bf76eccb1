from trading.gates.codes import GateCode
from trading.gates.comparing import within
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 26


def signal_is_fresh(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the age it may have it passes, above it refuses."""
    age, bound = snapshot.risk.market.signal_age, limits.bounds.signal_age
    return within(NUMBER, GateCode.STALE_SIGNAL, "signal_age", age, bound)
