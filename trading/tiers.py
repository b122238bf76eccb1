"""Capital tiers: what an account is large enough for. One table of equity decides."""

from decimal import Decimal
from enum import StrEnum


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


def tier_of(equity: Decimal) -> CapitalTier:
    """Raises ValueError for what is no finite number."""
    if not equity.is_finite():
        raise ValueError(f"equity must be a number, not {equity}")
    reached = [tier for tier, least in LEAST_EQUITY.items() if equity >= least]
    return reached[-1] if reached else CapitalTier.MICRO
