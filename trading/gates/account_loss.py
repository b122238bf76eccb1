from trading.gates.codes import GateCode
from trading.gates.comparing import loss_below
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 13


def loss_today_is_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Today's loss of the account is below its share of the equity at the start of the day (UTC),
    both adjusted for deposits and withdrawals; at the limit it refuses."""
    account = snapshot.risk.account
    return loss_below(
        NUMBER,
        GateCode.ACCOUNT_DAILY_LOSS,
        ("day_pnl", account.day_pnl),
        ("start_of_day_equity", account.start_of_day_equity),
        limits.bounds.daily_loss,
    )
