"""What a venue lets us trade, and in which steps."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trading.money import ceil_to, floor_to


class AssetClass(StrEnum):
    CRYPTO = "crypto"
    EQUITY = "equity"
    FOREX = "forex"
    INDEX = "index"


class InstrumentStatus(StrEnum):
    TRADING = "trading"
    HALTED = "halted"
    DELISTED = "delisted"


# Until a venue or staff say less: a short is covered by its whole worth, and closed while a
# twentieth of what it takes to buy it back is left.
INITIAL_MARGIN = Decimal(1)
MAINTENANCE_MARGIN = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class InstrumentRules:
    """Increments and minimums in base (quantity) or quote (price, notional); fees and margins are
    fractions, the margins of a short's worth (trading/margin.py).
    """

    symbol: str
    base: str
    quote: str
    asset_class: AssetClass
    price_increment: Decimal
    quantity_increment: Decimal
    min_quantity: Decimal
    min_notional: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    is_shortable: bool
    status: InstrumentStatus
    initial_margin: Decimal = INITIAL_MARGIN
    maintenance_margin: Decimal = MAINTENANCE_MARGIN

    def quantity_down(self, quantity: Decimal) -> Decimal:
        return floor_to(quantity, self.quantity_increment)

    def price_up(self, price: Decimal) -> Decimal:
        return ceil_to(price, self.price_increment)

    def price_down(self, price: Decimal) -> Decimal:
        return floor_to(price, self.price_increment)
