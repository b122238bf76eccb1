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


@dataclass(frozen=True, slots=True)
class InstrumentRules:
    """Increments and minimums in base (quantity) or quote (price, notional); fees are fractions."""

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

    def quantity_down(self, quantity: Decimal) -> Decimal:
        return floor_to(quantity, self.quantity_increment)

    def price_up(self, price: Decimal) -> Decimal:
        return ceil_to(price, self.price_increment)

    def price_down(self, price: Decimal) -> Decimal:
        return floor_to(price, self.price_increment)
