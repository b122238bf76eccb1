from trading.gates.codes import GateCode
from trading.gates.comparing import loss_below
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 20


def loss_this_week_is_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """As of today, from Monday 00:00 UTC."""
    account = snapshot.risk.account
    return loss_below(
        NUMBER,
        GateCode.WEEKLY_LOSS,
        ("week_pnl", account.week_pnl),
        ("start_of_week_equity", account.start_of_week_equity),
        limits.bounds.weekly_loss,
    )
