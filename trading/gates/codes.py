"""Every reason for which we deny or skip, with the sentence people read. The docs page is made
from this."""

from enum import StrEnum


class GateCode(StrEnum):
    TRADING_HALTED = "TRADING_HALTED"
    TRADING_REDUCING = "TRADING_REDUCING"
    SUBSCRIPTION_PAUSED = "SUBSCRIPTION_PAUSED"
    SYMBOL_NOT_ALLOWED = "SYMBOL_NOT_ALLOWED"
    SHORT_NOT_AVAILABLE = "SHORT_NOT_AVAILABLE"
    INSTRUMENT_NOT_TRADING = "INSTRUMENT_NOT_TRADING"
    MARKET_CLOSED = "MARKET_CLOSED"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    INSUFFICIENT_WARMUP = "INSUFFICIENT_WARMUP"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    MAX_POSITIONS = "MAX_POSITIONS"
    DAILY_LOSS_LIMIT = "DAILY_LOSS_LIMIT"
    NOTIONAL_BELOW_MINIMUM = "NOTIONAL_BELOW_MINIMUM"
    QUANTITY_BELOW_MINIMUM = "QUANTITY_BELOW_MINIMUM"
    DUPLICATE_SIGNAL = "DUPLICATE_SIGNAL"
    NO_POSITION = "NO_POSITION"
    EXIT_ALREADY_WORKING = "EXIT_ALREADY_WORKING"
    FACT_UNKNOWN = "FACT_UNKNOWN"


MEANINGS: dict[GateCode, str] = {
    GateCode.TRADING_HALTED: "trading is halted: nothing is opened, everything may be closed",
    GateCode.TRADING_REDUCING: "only closing is allowed now",
    GateCode.SUBSCRIPTION_PAUSED: "the subscription was paused before the signal was decided",
    GateCode.SYMBOL_NOT_ALLOWED: "the subscription does not trade this instrument",
    GateCode.SHORT_NOT_AVAILABLE: "this instrument cannot be sold short on this account",
    GateCode.INSTRUMENT_NOT_TRADING: "the venue has stopped trading in this instrument",
    GateCode.MARKET_CLOSED: "the exchange is closed: an order would wait for its next session",
    GateCode.CURRENCY_MISMATCH: "the account holds another currency than the instrument is paid in",
    GateCode.INSUFFICIENT_WARMUP: "there are too few candles yet for the strategy to judge",
    GateCode.INSUFFICIENT_BALANCE: "the money left does not pay for the smallest order",
    GateCode.MAX_POSITIONS: "as many positions are open as the subscription allows",
    GateCode.DAILY_LOSS_LIMIT: "today's loss has reached the subscription's limit",
    GateCode.NOTIONAL_BELOW_MINIMUM: "the order would be worth less than the venue accepts",
    GateCode.QUANTITY_BELOW_MINIMUM: "the order would be smaller than the venue accepts",
    GateCode.DUPLICATE_SIGNAL: "this instrument is already held or being bought",
    GateCode.NO_POSITION: "there is no position to close",
    GateCode.EXIT_ALREADY_WORKING: "the position is already being closed",
    GateCode.FACT_UNKNOWN: "a fact that this check needs is not known, so it refuses",
}

# Nothing was refused: there was nothing to do.
SKIPS = frozenset(
    {
        GateCode.SUBSCRIPTION_PAUSED,
        GateCode.DUPLICATE_SIGNAL,
        GateCode.NO_POSITION,
        GateCode.EXIT_ALREADY_WORKING,
    }
)
