"""The fill model: what a candle does to working orders. Paper trading and backtests use this one.

The intrabar rule, which every report prints (docs/paper-venue.md has each kind with examples):
- a market order fills at the open of the next candle, slippage against it;
- a stop that the candle opens beyond fills at the open, otherwise at its trigger, slippage against
it; a stop-limit never beyond its limit; a trailing stop is tried at the trigger that the candle
found, and follows the candle's best price afterwards;
- a limit that the candle opens beyond fills at the open, otherwise at its limit, without slippage;
- what fills at the open comes before what lies inside the candle;
- where a stop and a target both lie inside one candle, the stop is taken to have come first; of
two stops the one that the price comes to first;
- one order takes no more than `MAX_PARTICIPATION` of a candle's volume and goes on at the next;
what protects a position is filled whole.

Prices are rounded to the instrument's increment against the order, to no less than one increment
and never beyond a limit. What an order fills is paid from the account's cash at once, and a short
keeps its proceeds and its margin from being spent (trading/margin.py). An order that opens and
would leave the free cash below zero is rejected (what is left of it canceled, when it has traded).
One that closes never is: a gap beyond a short's liquidation can cost more than there is.
"""

from trading.matching.acceptance import refusal
from trading.matching.amounts import MAX_PARTICIPATION, cash_change, still_reserved
from trading.matching.book import (
    FOK_UNFILLED,
    INSUFFICIENT_FUNDS,
    IOC_UNFILLED,
    NOTHING_TO_REDUCE,
    OCO_SIBLING_FILLED,
    POST_ONLY_WOULD_TAKE,
    SESSION_ENDED,
    Book,
    Matched,
    Moved,
)
from trading.matching.passes import AT_OPEN, INSIDE, concerns, match_at_open, match_inside
from trading.matching.prices import awaited, fill_price

__all__ = [
    "AT_OPEN",
    "FOK_UNFILLED",
    "INSIDE",
    "INSUFFICIENT_FUNDS",
    "IOC_UNFILLED",
    "MAX_PARTICIPATION",
    "NOTHING_TO_REDUCE",
    "OCO_SIBLING_FILLED",
    "POST_ONLY_WOULD_TAKE",
    "SESSION_ENDED",
    "Book",
    "Matched",
    "Moved",
    "awaited",
    "cash_change",
    "concerns",
    "fill_price",
    "match_at_open",
    "match_inside",
    "refusal",
    "still_reserved",
]
