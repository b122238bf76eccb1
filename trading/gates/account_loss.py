from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.comparing import loss_below
from trading.gates.risk_facts import AccountFacts
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 13


def loss_today_is_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Today's loss of the account is below its share of the equity at the start of the day (UTC),
    both adjusted for deposits and withdrawals; at the limit it refuses."""
    return loss_today(snapshot.risk.account, limits.bounds)


def loss_today(account: AccountFacts, bounds: Bounds) -> Verdict:
    """Asked at every close as well, when nothing is ordered."""
    return loss_below(
        NUMBER,
        GateCode.ACCOUNT_DAILY_LOSS,
        ("day_pnl", account.day_pnl),
        ("start_of_day_equity", account.start_of_day_equity),
        bounds.daily_loss,
    )
