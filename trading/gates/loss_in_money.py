from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 19


def losing_trades_are_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """What losing trades lost today is below the limit in money: what others won is not set
    against it. At the limit it refuses."""
    lost, bound = snapshot.risk.account.lost_today, limits.bounds.daily_loss_money
    return below(NUMBER, GateCode.DAILY_LOSS_MONEY, "lost_today", lost, bound)
