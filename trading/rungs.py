"""What is tried for a position that lost its stop, one after the other, each once in a round trip:

1. VENUE_STOP: the same stop at the venue again;
2. WIDER_STOP_LIMIT: a stop-limit farther from the market, which a venue may take that refuses the
first: it may lie too near, or stops at market may not be taken at all;
3. SOFTWARE_STOP: the stop where it was, watched by us;
4. MARKET: the position is left, reduce-only.

A venue that holds no stops is not asked for one. Where no price of a stop is known, only the last
is left.
"""

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum

from trading.instruments import InstrumentRules
from trading.signals import Direction

# How much farther the trigger of the wider stop lies, and its limit once more beyond the trigger,
# as a part of the price: 0.5 %, the slippage that an exit at market is allowed. So it loses no more
# than leaving at market might, and lies beyond the spread of any market that is worth holding.
WIDER_BY = Decimal("0.005")


class Rung(StrEnum):
    VENUE_STOP = "venue_stop"
    WIDER_STOP_LIMIT = "wider_stop_limit"
    SOFTWARE_STOP = "software_stop"
    MARKET = "market"


AT_THE_VENUE = frozenset({Rung.VENUE_STOP, Rung.WIDER_STOP_LIMIT})


def next_rung(climbed: Collection[Rung], *, knows_stop: bool, venue_holds_stops: bool) -> Rung:
    """The first that was not climbed yet; at the end of the ladder it stays."""
    for rung in Rung:
        is_of_use = knows_stop and (venue_holds_stops or rung not in AT_THE_VENUE)
        if rung not in climbed and is_of_use:
            return rung
    return Rung.MARKET


def wider(
    trigger: Decimal, direction: Direction, rules: InstrumentRules
) -> tuple[Decimal, Decimal]:
    """(trigger, limit) of the wider stop-limit, both rounded away from the market."""
    if direction is Direction.LONG:
        found = [rules.price_down(trigger * (1 - steps * WIDER_BY)) for steps in (1, 2)]
    else:
        found = [rules.price_up(trigger * (1 + steps * WIDER_BY)) for steps in (1, 2)]
    farther, limit = (max(price, rules.price_increment) for price in found)
    return farther, limit
