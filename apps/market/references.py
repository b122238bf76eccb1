"""Which instruments stand for a venue's market as a whole. The first that the venue lists is meant;
a venue that lists none of a kind never provides what is read from it.
"""

from enum import StrEnum


class Reference(StrEnum):
    CRYPTO = "crypto"
    EQUITY = "equity"
    VIX = "vix"


SYMBOLS: dict[Reference, tuple[str, ...]] = {
    Reference.CRYPTO: ("BTC-USD", "BTC-USDT", "BTC-USDC", "BTC-EUR"),
    Reference.EQUITY: ("SPY-USD", "SPY"),
    Reference.VIX: ("VIX-USD", "VIX"),
}
