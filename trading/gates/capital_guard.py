from decimal import Decimal

from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.dead_zones import is_deadlocked, needed
from trading.gates.risk_facts import Told
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    capital_of,
    known,
    passed,
    refused,
    unknown,
    worth,
)
from trading.sizing import SizingPolicy

NUMBER = 11


def position_fits_the_account(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The order is worth at least the least and at most the most that one may be worth, takes no
    more than its share of the equity (all inclusive), and fewer positions are open than may be.
    """
    account, bounds = snapshot.risk.account, limits.bounds
    equity = capital_of(NUMBER, "equity", account.equity)
    if isinstance(equity, Verdict):
        return equity
    if limits.sizing is SizingPolicy.FRACTION and intent.size_fraction is None:
        return unknown(NUMBER, "size_fraction")
    notional = worth(NUMBER, intent)
    if isinstance(notional, Verdict):
        return notional
    if is_deadlocked(bounds, equity):
        return refused(NUMBER, GateCode.TIER_DEADLOCK, equity, needed(bounds))
    return _size(notional, equity, bounds) or _positions(notional, account.open_positions, bounds)


def _size(notional: Decimal, equity: Decimal, bounds: Bounds) -> Verdict | None:
    """None where nothing speaks against it."""
    least, most, share = bounds.least_notional, bounds.most_notional, bounds.most_share
    if least is not None and notional < least.value:
        code = GateCode.NOTIONAL_BELOW_MINIMUM
        return refused(NUMBER, code, notional, least.said, least.source)
    if most is not None and notional > most.value:
        code = GateCode.NOTIONAL_EXCEEDS_MAX_PER_ORDER
        return refused(NUMBER, code, notional, most.said, most.source)
    if share is not None and notional > share.value * equity:
        code = GateCode.POSITION_SHARE_TOO_LARGE
        return refused(NUMBER, code, notional, share.value * equity, share.source)
    return None


def _positions(notional: Decimal, fact: Told[int], bounds: Bounds) -> Verdict:
    most = bounds.most_notional
    size = (notional, "" if most is None else most.said, "" if most is None else most.source)
    if bounds.positions is None:
        return passed(NUMBER, *size)
    count = known(NUMBER, "open_positions", fact)
    if isinstance(count, Verdict):
        return count
    if count >= bounds.positions.value:
        said, source = bounds.positions.said, bounds.positions.source
        return refused(NUMBER, GateCode.ACCOUNT_MAX_POSITIONS, count, said, source)
    return passed(NUMBER, *size)
