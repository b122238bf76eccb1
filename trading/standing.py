"""How a subscription stands when it is decided about. Pure.

It is kept true in memory while several signals are decided one after the other, so that two of them
cannot both spend the last of anything.
"""

from dataclasses import dataclass
from decimal import Decimal

from trading.gates.values import Limits
from trading.money import ZERO
from trading.signals import Action, Direction, Side


@dataclass(slots=True)
class Holding:
    """What a subscription has of one instrument, or on its way to it."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    entering: Side | None = None  # the side of an entry on its way
    leaving: Decimal = ZERO  # units of the exits at market on their way, not signed
    is_dust: bool = False  # less than the venue takes, so that nothing can be done about it alone
    is_stuck: bool = False  # dust whose venue takes no order of it, not even one that only closes

    @property
    def is_entering(self) -> bool:
        return self.entering is not None

    @property
    def is_leaving(self) -> bool:
        """All of it: where only a part is on its way, the rest is still to be left."""
        return bool(self.leaving) and self.leaving >= abs(self.quantity)

    def counted(self, action: Action) -> Decimal:
        """What is held, as this action sees it: dust is nothing to an entry that adds to it, and is
        left with what that buys; what is stuck is nothing to an exit."""
        is_longer = self.quantity > 0
        adds = action.is_entry and is_longer is (action.direction is Direction.LONG)
        is_nothing = (self.is_dust and adds) or (self.is_stuck and not action.is_entry)
        return ZERO if is_nothing else self.quantity


@dataclass(slots=True)
class Standing:
    """`in_use` (capital in positions and on its way to them) and `holdings`, by instrument, change
    as it is decided about."""

    is_running: bool
    currency: str
    limits: Limits
    day_pnl: Decimal | None
    in_use: Decimal
    holdings: dict[int, Holding]

    @property
    def open_positions(self) -> int:
        return sum(
            1
            for held in self.holdings.values()
            if held.is_entering or (held.quantity and not held.is_dust)
        )
