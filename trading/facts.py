"""What a feed can tell about a market. A gate whose fact the feed never provides does not apply;
one whose fact is provided but missing at the moment refuses.
"""

from enum import StrEnum


class Fact(StrEnum):
    CANDLES = "candles"
    QUOTES = "quotes"
    FUNDING = "funding"
    VIX = "vix"
