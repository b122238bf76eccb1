"""What an entry may be at most, from the bounds and the facts: each cap in units, with its source.
A fact that is not known makes no cap: its gate refuses anyway.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from trading.gates.bounds import Bound
from trading.gates.risk_facts import NOT_PROVIDED, Told
from trading.gates.values import Limits, Snapshot
from trading.money import ZERO, ceil_to
from trading.sizing import Cap, CapCode

HALF = Decimal("0.5")


def caps_of(price: Decimal, in_use: Decimal, snapshot: Snapshot, limits: Limits) -> Iterator[Cap]:
    """`in_use` of the subscription's capital. `price` is above 0."""
    account, bounds = snapshot.risk.account, limits.bounds
    if bounds.most_notional is not None:
        yield Cap(CapCode.VALUE, bounds.most_notional.value / price, bounds.most_notional.source)
    if bounds.strategy_share is not None:
        room = bounds.strategy_share.value * limits.capital - in_use
        yield Cap(CapCode.STRATEGY_SHARE, room / price, bounds.strategy_share.source)
    if (available := _known(account.available)) is not None:
        yield Cap(CapCode.AVAILABLE, available / price)
    yield from _of_equity(price, snapshot, limits)
    budget = _known(snapshot.risk.instrument.class_budget)
    held = _known(snapshot.risk.instrument.class_exposure)
    if budget is not None and held is not None:
        yield Cap(CapCode.CLASS_BUDGET, (budget - held) / price)


def halved(whole: Iterable[Decimal], snapshot: Snapshot, limits: Limits) -> Iterator[Cap]:
    """Half of what would be ordered, in units, once the week has lost so much; else no cap. Of the
    whole, what is wanted and what may be, the least would be ordered."""
    account, halves = snapshot.risk.account, limits.bounds.weekly_loss_halves
    if halves is not None and has_lost(account.week_pnl, account.start_of_week_equity, halves):
        least = min((units for units in whole if units.is_finite()), default=ZERO)
        yield Cap(CapCode.WEEKLY_LOSS, least * HALF, halves.source)


def has_lost(pnl: Told[Decimal], equity: Told[Decimal], bound: Bound) -> bool:
    """Whether the loss has reached this share of the equity, as far as it is known."""
    lost, base = _known(pnl), _known(equity)
    return lost is not None and base is not None and lost < 0 and -lost >= bound.value * base


def raised(
    wanted: Decimal, price: Decimal, caps: Sequence[Cap], snapshot: Snapshot, limits: Limits
) -> Decimal:
    """A signal's fraction of the capital, in units, raised to the least share of the account where
    every cap allows it, and otherwise as it was. Nothing wanted stays nothing."""
    if not wanted.is_finite() or wanted <= 0:
        return wanted
    least = _least_wanted(price, snapshot, limits)
    is_allowed = all(cap.quantity.is_finite() and least <= cap.quantity for cap in caps)
    return max(wanted, least) if is_allowed else wanted


def _least_wanted(price: Decimal, snapshot: Snapshot, limits: Limits) -> Decimal:
    """Units of the least share, rounded up to the step; 0 where nobody asks for one."""
    bound, equity = limits.bounds.least_share, _known(snapshot.risk.account.equity)
    if bound is None or equity is None or equity <= 0:
        return ZERO
    return ceil_to(bound.value * equity / price, snapshot.rules.quantity_increment)


def _of_equity(price: Decimal, snapshot: Snapshot, limits: Limits) -> Iterator[Cap]:
    account, bounds = snapshot.risk.account, limits.bounds
    equity = _known(account.equity)
    if equity is None:
        return
    if bounds.most_share is not None:
        most = bounds.most_share
        yield Cap(CapCode.SHARE, most.value * equity / price, most.source)
    correlated = snapshot.risk.instrument.correlated_exposure
    held = (
        (CapCode.EXPOSURE, bounds.exposure, account.exposure),
        (CapCode.CORRELATED, bounds.correlated, correlated),
    )
    for code, bound, fact in held:
        if bound is not None and (there := _known(fact)) is not None:
            yield Cap(code, (bound.value * equity - there) / price, bound.source)


def _known(fact: Told[Decimal]) -> Decimal | None:
    if fact is NOT_PROVIDED or fact is None or not fact.is_finite():
        return None
    return fact
