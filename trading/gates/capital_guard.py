from decimal import Decimal

from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.dead_zones import is_deadlocked, needed
from trading.gates.risk_facts import AccountFacts
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Status,
    Verdict,
    capital_of,
    passed,
    refused,
    unknown,
    worth,
)
from trading.sizing import SizingPolicy

NUMBER = 11


def position_fits_the_account(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The order is worth at least the least and at most the most that one may be worth, takes no
    more than its share of the equity (all inclusive), and fewer positions are open than may be, in
    the account and in all accounts of its owner together.
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
    return _size(notional, equity, bounds) or _positions(notional, account, bounds)


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


def _positions(notional: Decimal, account: AccountFacts, bounds: Bounds) -> Verdict:
    """Those open in the account, and those in all accounts of its owner."""
    most = bounds.most_notional
    size = (notional, "" if most is None else most.said, "" if most is None else most.source)
    code, theirs = GateCode.ACCOUNT_MAX_POSITIONS, GateCode.USER_MAX_POSITIONS
    counted = (
        (code, "open_positions", account.open_positions, bounds.account_positions),
        (theirs, "users_positions", account.users_positions, bounds.positions),
    )
    found = [below(NUMBER, *each) for each in counted if each[-1] is not None]
    # A refusal goes before what is not provided, and that before what passed.
    for status in (Status.REFUSED, Status.NOT_APPLICABLE):
        for verdict in found:
            if verdict.status == status:
                return verdict
    return passed(NUMBER, *size)
