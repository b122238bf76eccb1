"""Capital tiers: what an account is large enough for. One table of equity decides."""

from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import NamedTuple

from trading.money import ZERO


class CapitalTier(StrEnum):
    MICRO = "micro"
    STARTER = "starter"
    SAVER = "saver"
    INVESTOR = "investor"
    INCOME = "income"
    LIVABLE = "livable"
    BALLER = "baller"


# The least equity of each, in the account's currency; below the first: MICRO.
LEAST_EQUITY = {
    CapitalTier.STARTER: Decimal(50),
    CapitalTier.SAVER: Decimal(100),
    CapitalTier.INVESTOR: Decimal(250),
    CapitalTier.INCOME: Decimal(1_000),
    CapitalTier.LIVABLE: Decimal(5_000),
    CapitalTier.BALLER: Decimal(25_000),
}


class Band(NamedTuple):
    """The equity of a tier: from `least` on, below `end`; None = without an end."""

    tier: CapitalTier
    least: Decimal
    end: Decimal | None


BANDS = tuple(
    Band(tier, LEAST_EQUITY.get(tier, ZERO), end)
    for tier, end in zip(CapitalTier, (*LEAST_EQUITY.values(), None), strict=True)
)


class TierLimits(NamedTuple):
    """What an account of this size may risk. Shares are fractions of its equity; the volatility is
    a percentile (0 to 100); the values of one order are in the account's currency, inclusive.
    """

    most_share: Decimal
    daily_loss: Decimal
    drawdown: Decimal
    positions: int
    volatility: Decimal
    least_notional: Decimal
    most_notional: Decimal


def _row(
    share: int, loss: int, drawdown: int, positions: int, volatility: int, least: int, most: int
) -> TierLimits:
    percent = Decimal("0.01")
    return TierLimits(
        share * percent, loss * percent, drawdown * percent, positions, Decimal(volatility),
        Decimal(least), Decimal(most),
    )  # fmt: skip


# The table of the tiered risk engine, in percent, as it is published.
TIER_LIMITS = {
    CapitalTier.MICRO: _row(75, 10, 20, 1, 80, 1, 50),
    CapitalTier.STARTER: _row(15, 10, 20, 3, 80, 10, 25),
    CapitalTier.SAVER: _row(10, 8, 15, 3, 75, 10, 40),
    CapitalTier.INVESTOR: _row(7, 10, 20, 3, 80, 20, 75),
    CapitalTier.INCOME: _row(5, 12, 25, 5, 85, 30, 150),
    CapitalTier.LIVABLE: _row(4, 15, 30, 8, 90, 50, 500),
    CapitalTier.BALLER: _row(3, 20, 35, 15, 95, 100, 5_000),
}


class Priority(IntEnum):
    """Whose entries are sent first where many wait at once. What leaves goes before all of them."""

    NORMAL = 1
    HIGH = 2
    VERY_HIGH = 3
    ULTRA_HIGH = 4


# The table of the tiered order router, as it is published; of another tier: NORMAL.
PRIORITIES = {
    CapitalTier.INVESTOR: Priority.HIGH,
    CapitalTier.INCOME: Priority.HIGH,
    CapitalTier.LIVABLE: Priority.VERY_HIGH,
    CapitalTier.BALLER: Priority.ULTRA_HIGH,
}


def tier_of(equity: Decimal) -> CapitalTier:
    """Raises ValueError for what is no finite number."""
    if not equity.is_finite():
        raise ValueError(f"equity must be a number, not {equity}")
    reached = [tier for tier, least in LEAST_EQUITY.items() if equity >= least]
    return reached[-1] if reached else CapitalTier.MICRO
