from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.risk_facts import AccountFacts
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 19


def losing_trades_are_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """What losing trades lost today is below the limit in money: what others won is not set
    against it. At the limit it refuses."""
    return lost_in_money(snapshot.risk.account, limits.bounds)


def lost_in_money(account: AccountFacts, bounds: Bounds) -> Verdict:
    """Asked at every close as well, when nothing is ordered."""
    lost, bound = account.lost_today, bounds.daily_loss_money
    return below(NUMBER, GateCode.DAILY_LOSS_MONEY, "lost_today", lost, bound)
