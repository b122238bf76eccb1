"""How much. The policy proposes, every cap may cut it down, and the binding cap is named.

quantity = min(policy, capital x leverage / entry, every other cap), rounded down to the
instrument's step. The policy `risk` proposes risk_per_trade x capital / stop distance: without a
stop the whole price is taken as the distance, since it can all be lost. The policy `fraction`
proposes the part of the capital that the signal says, at the entry price. Leverage widens what may
be bought; it multiplies neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from trading.instruments import InstrumentRules
from trading.money import ZERO, cost_up
from trading.signals import Direction, EntryPlan, Side

# A market order fills at the next open, which may lie above the price we sized at, and a stop
# above its trigger. What is set aside for them is this much more; an order that needs more still is
# refused by the venue, and cash never goes negative.
ENTRY_BUFFER = Decimal("0.01")


class SizingPolicy(StrEnum):
    RISK = "risk"
    FRACTION = "fraction"


class CapCode(StrEnum):
    CAPITAL_TIMES_LEVERAGE = "CAPITAL_TIMES_LEVERAGE"
    CAPITAL_IN_USE = "CAPITAL_IN_USE"
    FREE_CASH = "FREE_CASH"
    VALUE = "VALUE"  # of one order
    SHARE = "SHARE"  # of the account, in one order
    AVAILABLE = "AVAILABLE"  # of the account, not yet in anything
    EXPOSURE = "EXPOSURE"  # of the account, in all its positions
    CORRELATED = "CORRELATED"  # of the account, in what moves together
    CLASS_BUDGET = "CLASS_BUDGET"
    STRATEGY_SHARE = "STRATEGY_SHARE"  # of the subscription's capital, in all its positions
    WEEKLY_LOSS = "WEEKLY_LOSS"  # halves what would be ordered


class Cap(NamedTuple):
    """`source` says who set it, where several could have."""

    code: CapCode
    quantity: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """`quantity` is on the step; `sized_down_by` is None when the policy's own size stood, `source`
    who set the cap that bound."""

    quantity: Decimal
    wanted: Decimal
    sized_down_by: CapCode | None
    source: str = ""

    @property
    def named(self) -> str:
        """`SHARE:tier`, or the code alone; empty where nothing bound."""
        code = self.sized_down_by or ""
        return f"{code}:{self.source}" if self.source else code


def risk_quantity(
    capital: Decimal, risk_per_trade: Decimal, entry: Decimal, stop: Decimal | None
) -> Decimal:
    """Units that lose `risk_per_trade` of the capital if the stop is hit; 0 when stop equals
    entry."""
    distance = entry if stop is None else abs(entry - stop)
    return capital * risk_per_trade / distance if distance else ZERO


def fraction_quantity(capital: Decimal, fraction: Decimal, entry: Decimal) -> Decimal:
    """Units that are worth `fraction` of the capital."""
    return capital * fraction / entry


def clip(wanted: Decimal, caps: Iterable[Cap], rules: InstrumentRules) -> Size:
    """The wanted quantity under the tightest cap, rounded down to the step, never negative.

    Nothing where a number is not finite. A cap that the rounding reaches anyway does not bind.
    """
    if not wanted.is_finite():
        return Size(ZERO, wanted, None)
    tightest: Cap | None = None
    for cap in caps:
        if not cap.quantity.is_finite():
            return Size(ZERO, wanted, None)
        if tightest is None or cap.quantity < tightest.quantity:
            tightest = cap
    own = max(ZERO, rules.quantity_down(wanted))
    if tightest is None or wanted <= tightest.quantity:
        return Size(own, wanted, None)
    allowed = max(ZERO, rules.quantity_down(tightest.quantity))
    if own <= allowed:
        return Size(own, wanted, None)
    return Size(allowed, wanted, tightest.code, tightest.source)


def entry_buffer(plan: EntryPlan, side: Side) -> Decimal:
    """None for a purchase with a limit, which never pays more than that."""
    pays_at_most_its_limit = side is Side.BUY and plan.limit_price is not None
    return ZERO if pays_at_most_its_limit else ENTRY_BUFFER


def cost_per_unit(
    entry: Decimal,
    rules: InstrumentRules,
    direction: Direction,
    *,
    buffer: Decimal = ENTRY_BUFFER,
) -> Decimal:
    """What one unit may take of the cash at most, fee and buffer included: its price, or of a short
    its margin, since what it is sold for stays with it."""
    part = Decimal(1) if direction is Direction.LONG else rules.initial_margin
    return entry * (1 + buffer) * (part + rules.taker_fee)


def to_reserve(
    quantity: Decimal,
    entry: Decimal,
    rules: InstrumentRules,
    direction: Direction,
    *,
    buffer: Decimal = ENTRY_BUFFER,
) -> Decimal:
    """Cash set aside for an entry until it is filled or ends."""
    return cost_up(quantity * cost_per_unit(entry, rules, direction, buffer=buffer))
