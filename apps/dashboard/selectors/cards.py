from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.common.numbers import money_places
from trading.money import ZERO


@dataclass(frozen=True, slots=True)
class Cards:
    """The four cards. None = not known, for want of a price or of a trade; never a 0 for it."""

    currency: str
    cash: Decimal
    equity: Decimal | None
    day_base: Decimal | None  # equity at the start of the day, with what was deposited since
    open_pnl: Decimal | None
    exposure: Decimal | None
    realised_today: Decimal
    realised: Decimal
    fees: Decimal
    trades: int
    wins: int
    win_fraction: Decimal | None

    @property
    def places(self) -> int:
        return money_places(self.currency)

    @property
    def day_change(self) -> Decimal | None:
        if self.equity is None or self.day_base is None:
            return None
        return self.equity - self.day_base

    @property
    def day_change_fraction(self) -> Decimal | None:
        change, base = self.day_change, self.day_base
        return change / base if change is not None and base else None

    @property
    def exposure_fraction(self) -> Decimal | None:
        return self.exposure / self.equity if self.exposure is not None and self.equity else None


def total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Unknown as soon as one is."""
    found = ZERO
    for amount in amounts:
        if amount is None:
            return None
        found += amount
    return found
