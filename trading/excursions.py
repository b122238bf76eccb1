"""How far a trade went against and for its owner while it was held: MAE and MFE.

John Sweeney's maximum adverse and maximum favourable excursion, as amounts of the quote currency
for the whole quantity at the average entry price, never negative. Read off the highs and lows of
the candles from the one that opened the trade to the one that closed it, both included: what lies
inside those two but before the entry or after the exit counts as well, so both are upper bounds.
"""

from decimal import Decimal
from typing import NamedTuple

from trading.money import ZERO
from trading.signals import Direction


class Excursions(NamedTuple):
    mae: Decimal
    mfe: Decimal


def excursions(
    direction: Direction, quantity: Decimal, entry_price: Decimal, low: Decimal, high: Decimal
) -> Excursions:
    below = max(ZERO, entry_price - low) * quantity
    above = max(ZERO, high - entry_price) * quantity
    return Excursions(below, above) if direction is Direction.LONG else Excursions(above, below)
