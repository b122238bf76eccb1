from trading.gates.codes import GateCode
from trading.gates.values import Intent, Limits, Snapshot, Verdict, passed, refused

NUMBER = 2


def subscription_is_active(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Still active now, though it was at the cut-off: a pause in between wins."""
    if snapshot.is_subscribed:
        return passed(NUMBER, "active")
    return refused(NUMBER, GateCode.SUBSCRIPTION_PAUSED, "paused", "active")
