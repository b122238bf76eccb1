"""Where the smallest order that is allowed is above the largest: nothing can be traded at all, and
which capital it would take. To be asked when limits are given to somebody, and before each order.
And where what a subscription orders by its own settings is smaller than that smallest order.
"""

from decimal import Decimal
from typing import NamedTuple

from trading.gates.bounds import Bounds, strictest
from trading.gates.sources import of_tier
from trading.gates.values import Limits
from trading.money import ONE, ZERO, ceil_to, floor_to, plain
from trading.sizing import SizingPolicy, risk_quantity
from trading.tiers import BANDS

_CENT = Decimal("0.01")


class TradableRange(NamedTuple):
    """The capital with which some order is possible, to the cent, inclusive; `most` None = any.
    `is_empty`: with no capital at all."""

    least: Decimal
    most: Decimal | None
    is_empty: bool


def tradable_range(bounds: Bounds) -> TradableRange:
    least_notional, least_share = _value(bounds.least_notional), _value(bounds.least_share)
    most_notional, most_share = bounds.most_notional, bounds.most_share
    least, most, is_empty = ZERO, None, False
    if most_share is not None:
        is_empty = least_share > most_share.value or not most_share.value
        if most_share.value:
            least = ceil_to(least_notional / most_share.value, _CENT)
    if most_notional is not None:
        is_empty |= least_notional > most_notional.value or not most_notional.value
        if least_share:
            most = floor_to(most_notional.value / least_share, _CENT)
    is_empty |= most is not None and most < least
    return TradableRange(least, most, is_empty)


def tradable_ranges(bounds: Bounds) -> list[TradableRange]:
    """All of them, from the smallest on; none where no capital is enough. Where the equity decides
    on the tier, it is another tier's range in each band of equities."""
    if bounds.untiered is None:
        found = tradable_range(bounds)
        return [] if found.is_empty else [found]
    joined: list[TradableRange] = []
    for tier, least, end in BANDS:
        within = _within(tradable_range(strictest(bounds.untiered, of_tier(tier))), least, end)
        if within.is_empty:
            continue
        if joined and joined[-1].most is not None and within.least - joined[-1].most <= _CENT:
            within = within._replace(least=joined.pop().least)
        joined.append(within)
    return joined


def _within(found: TradableRange, least: Decimal, end: Decimal | None) -> TradableRange:
    """What of it lies in the band."""
    least, most = max(least, found.least), found.most
    if end is not None:
        most = end - _CENT if most is None else min(most, end - _CENT)
    return TradableRange(least, most, found.is_empty or (most is not None and most < least))


def is_deadlocked(bounds: Bounds, capital: Decimal) -> bool:
    """Whether no order at all is possible. `capital` is finite and above 0."""
    floor = least_order(bounds, capital)
    if bounds.most_notional is not None and floor > bounds.most_notional.value:
        return True
    return bounds.most_share is not None and floor > bounds.most_share.value * capital


def least_order(bounds: Bounds, capital: Decimal) -> Decimal:
    """What an order is worth at least; 0 = anything."""
    least = _value(bounds.least_notional)
    return least if bounds.least_share is None else max(least, bounds.least_share.value * capital)


class Reach(NamedTuple):
    """What an order of a subscription is worth at `most`, and at `least` in its account. Its stop
    lies at most `widest_stop` (a part of the entry price) away, or else what may be lost there
    makes it too small; None = any stop will do."""

    least: Decimal
    most: Decimal
    widest_stop: Decimal | None

    @property
    def is_out(self) -> bool:
        """Whether every entry is denied."""
        return self.most < self.least


def reach_of(limits: Limits, equity: Decimal) -> Reach:
    """`equity` of the account is finite and above 0."""
    least = least_order(limits.bounds, equity)
    widest = None
    if limits.sizing is SizingPolicy.RISK:
        risked = risk_quantity(limits.capital, limits.risk_per_trade, ONE, None)
        widest = risked / least if risked < least else None
    return Reach(least, limits.capital * limits.leverage, widest)


def needed(bounds: Bounds) -> str:
    """`66.67 to 1250`, `285.72 or more`, `10 to 49.99 or 100 to 2000` or `none`, for receipts."""
    return " or ".join(_said(found) for found in tradable_ranges(bounds)) or "none"


def _said(found: TradableRange) -> str:
    least, most, _ = found
    return f"{plain(least)} or more" if most is None else f"{plain(least)} to {plain(most)}"


def _value(bound: tuple[Decimal, str, str] | None) -> Decimal:
    return ZERO if bound is None else bound[0]
