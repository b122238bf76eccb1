"""What keeps an open position from running away: judged by what stands beside it, in this order:

1. EXITING: exits at market on their way close all of it;
2. VENUE_STOP: stops that work at the venue cover all of it;
3. DUST: it is less than the venue takes, so no order would be of use;
4. SOFTWARE_WATCH: with stops that we hold ourselves all of it is covered, and somebody has looked
after these of late;
5. NAKED: anything else, also where only a part is covered.

A target, or the liquidation of a short by its venue, protects nothing. A stop that was written and
not sent does not stand yet; one that is being cancelled does not stand any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from trading.exits import closing_side
from trading.money import ZERO
from trading.orders import OPEN, PROTECTIVE, WORKING, Leg, OrderStatus
from trading.signals import Direction


class ProtectionState(StrEnum):
    VENUE_STOP = "venue_stop"
    SOFTWARE_WATCH = "software_watch"
    EXITING = "exiting"
    NAKED = "naked"
    DUST = "dust"


class Flaw(StrEnum):
    """How the orders beside a position differ from what they are to be."""

    NAKED = "naked"
    TOO_LITTLE = "too_little"
    TOO_MUCH = "too_much"
    WRONG_SIDE = "wrong_side"


class Beside(NamedTuple):
    """An order that reduces the position; `left` of it is still to be filled."""

    leg: str
    side: str
    status: str
    left: Decimal
    is_held_by_us: bool = False  # a stop that no venue has


@dataclass(frozen=True, slots=True)
class Protection:
    """`covered` is what stops cover that work at the venue, `stopped` also what those cover that
    are on their way there or held by us. `is_by_choice`: the plan of its entry asked for no
    stop, so that nobody need be alarmed.
    """

    state: ProtectionState
    covered: Decimal
    stopped: Decimal
    is_by_choice: bool
    flaws: tuple[Flaw, ...]

    @property
    def is_alarming(self) -> bool:
        return self.state is ProtectionState.NAKED and not self.is_by_choice


def protection_of(
    quantity: Decimal,
    orders: Iterable[Beside],
    *,
    asks_for_stop: bool | None,
    is_dust: bool = False,
    is_watched: bool = False,
) -> Protection:
    """`quantity` is signed and not zero. `asks_for_stop` is what the plan of the entry said; None =
    it is not known, which is taken for yes. `is_watched`: somebody looks after stops held by us.
    """
    held = abs(quantity)
    side = closing_side(Direction.LONG if quantity > 0 else Direction.SHORT)
    open_now = [order for order in orders if OrderStatus(order.status) in OPEN]
    right = [order for order in open_now if order.side == side]
    covered = _left(order for order in right if order.leg == Leg.STOP and _stands(order))
    stopped = _left(order for order in right if order.leg == Leg.STOP)
    leaving = _left(order for order in right if order.leg == Leg.EXIT)
    ours = _left(order for order in right if order.leg == Leg.STOP and order.is_held_by_us)
    watched = covered + ours if is_watched and ours else ZERO
    state = _state(held, leaving, covered, watched, is_dust=is_dust)
    chose_none = asks_for_stop is False and not stopped
    is_by_choice = state is ProtectionState.NAKED and chose_none
    return Protection(
        state,
        covered,
        stopped,
        is_by_choice,
        tuple(_flaws(state, held, stopped, has_wrong=_has_wrong(open_now, side), chose=chose_none)),
    )


def _state(
    held: Decimal, leaving: Decimal, covered: Decimal, watched: Decimal, *, is_dust: bool
) -> ProtectionState:
    if leaving >= held:
        return ProtectionState.EXITING
    if covered >= held:
        return ProtectionState.VENUE_STOP
    if is_dust:
        return ProtectionState.DUST
    return ProtectionState.SOFTWARE_WATCH if watched >= held else ProtectionState.NAKED


def _flaws(
    state: ProtectionState, held: Decimal, stopped: Decimal, *, has_wrong: bool, chose: bool
) -> Iterable[Flaw]:
    if has_wrong:
        yield Flaw.WRONG_SIDE
    if stopped > held:
        yield Flaw.TOO_MUCH
    if ZERO < stopped < held:
        yield Flaw.TOO_LITTLE
    elif state is ProtectionState.NAKED and not chose:
        yield Flaw.NAKED


def _stands(order: Beside) -> bool:
    return order.status in WORKING and order.status != OrderStatus.PENDING_CANCEL


def _has_wrong(orders: Iterable[Beside], side: str) -> bool:
    return any(
        order.side != side and (order.leg in PROTECTIVE or order.leg == Leg.EXIT)
        for order in orders
    )


def _left(orders: Iterable[Beside]) -> Decimal:
    return sum((order.left for order in orders), ZERO)
