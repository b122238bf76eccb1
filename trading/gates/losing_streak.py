from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.risk_facts import AccountFacts
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 21


def losing_streak_is_short(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the limit of trades lost in a row it refuses."""
    return streak(snapshot.risk.account, limits.bounds)


def streak(account: AccountFacts, bounds: Bounds) -> Verdict:
    """Asked at every close as well, when nothing is ordered."""
    name, told = "consecutive_losses", account.consecutive_losses
    return below(NUMBER, GateCode.CONSECUTIVE_LOSSES, name, told, bounds.consecutive_losses)
