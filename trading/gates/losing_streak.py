from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 21


def losing_streak_is_short(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the limit of trades lost in a row it refuses."""
    streak = snapshot.risk.account.consecutive_losses
    bound = limits.bounds.consecutive_losses
    return below(NUMBER, GateCode.CONSECUTIVE_LOSSES, "consecutive_losses", streak, bound)
