from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.comparing import share_below
from trading.gates.risk_facts import AccountFacts
from trading.gates.values import Intent, Limits, Snapshot, Verdict, capital_of

NUMBER = 12


def drawdown_is_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The account has fallen from its highest equity by less than the limit, a share of that; at
    the limit it refuses. Deposits and withdrawals move the highest with them.
    """
    return fallen(snapshot.risk.account, limits.bounds)


def fallen(account: AccountFacts, bounds: Bounds) -> Verdict:
    """Asked at every close as well, when nothing is ordered."""
    equity = capital_of(NUMBER, "equity", account.equity)
    if isinstance(equity, Verdict):
        return equity
    peak = capital_of(NUMBER, "peak_equity", account.peak_equity)
    if isinstance(peak, Verdict):
        return peak
    return share_below(NUMBER, GateCode.DRAWDOWN_LIMIT, peak - equity, peak, bounds.drawdown)
