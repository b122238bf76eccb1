from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 17


def trades_are_left_today(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Every trade of the user since 00:00 UTC counts, won or lost; at the limit it refuses."""
    trades = snapshot.risk.account.trades_today
    bound = limits.bounds.trades_a_day
    return below(NUMBER, GateCode.DAILY_TRADES, "trades_today", trades, bound)
