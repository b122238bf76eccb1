"""Decimals as whole numbers: how many digits a run needs, and whether they fit in 64 bits."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from trading.candle_history import places_of
from trading.compiled.book import MOST, Share
from trading.money import AMOUNT_STEP

# Of a numerator, so that the product of two of them fits.
WIDEST = 1 << 31


class NotExpressible(Exception):
    """The compiled path cannot run this; the text says why. The event path can."""


@dataclass(frozen=True, slots=True)
class Units:
    """Digits behind the point of prices and of quantities. Money has both together, so that
    quantity x price is exact."""

    price_places: int
    quantity_places: int

    @property
    def scale(self) -> float:
        return float(10**self.price_places)

    @property
    def money_scale(self) -> int:
        return int(10 ** (self.price_places + self.quantity_places))

    def price(self, value: Decimal) -> int:
        return _whole(value, self.price_places)

    def quantity(self, value: Decimal) -> int:
        return _whole(value, self.quantity_places)

    def money(self, value: Decimal) -> int:
        return _whole(value, self.price_places + self.quantity_places)

    def price_of(self, whole: int) -> Decimal:
        return Decimal(int(whole)).scaleb(-self.price_places)

    def quantity_of(self, whole: int) -> Decimal:
        return Decimal(int(whole)).scaleb(-self.quantity_places)

    def money_of(self, whole: int) -> Decimal:
        return Decimal(int(whole)).scaleb(-self.price_places - self.quantity_places)


def units_for(
    price_places: int, quantities: tuple[Decimal, ...], amounts: tuple[Decimal, ...]
) -> Units:
    """The coarsest that hold all of these exactly, and the smallest amount of money. Raises
    NotExpressible where one of the currency has more units than fit."""
    of_quantity = max(places_of(number) for number in quantities)
    of_money = max(places_of(number) for number in (*amounts, AMOUNT_STEP))
    units = Units(price_places, max(of_quantity, of_money - price_places))
    if units.money_scale >= MOST:
        raise NotExpressible("prices and quantities have too many digits together")
    return units


def share(value: Decimal | Fraction, step: int = 1) -> Share:
    """The value as a pair of whole numbers. Raises NotExpressible where a rounding of it to
    multiples of `step` would not fit."""
    exact = Fraction(value)
    top, bottom = exact.numerator, exact.denominator
    if abs(top) >= WIDEST or bottom >= WIDEST or abs(top) * bottom * step >= MOST:
        raise NotExpressible(f"{value} has too many digits")
    return (top, bottom)


def _whole(value: Decimal, places: int) -> int:
    moved = Fraction(value) * Fraction(10**places)
    if moved.denominator != 1:
        raise NotExpressible(f"{value} has more than {places} decimals")
    if abs(moved.numerator) >= MOST:
        raise NotExpressible(f"{value} is too large for whole numbers with {places} decimals")
    return moved.numerator
