from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.comparing import loss_below
from trading.gates.risk_facts import AccountFacts
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 20


def loss_this_week_is_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """As of today, from Monday 00:00 UTC."""
    return loss_this_week(snapshot.risk.account, limits.bounds)


def loss_this_week(account: AccountFacts, bounds: Bounds) -> Verdict:
    """Asked at every close as well, when nothing is ordered."""
    return loss_below(
        NUMBER,
        GateCode.WEEKLY_LOSS,
        ("week_pnl", account.week_pnl),
        ("start_of_week_equity", account.start_of_week_equity),
        bounds.weekly_loss,
    )
