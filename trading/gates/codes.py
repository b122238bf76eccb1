"""Every reason for which we deny or skip, with the sentence people read. The docs page is made
from this."""

from enum import StrEnum


class GateCode(StrEnum):
    TRADING_HALTED = "TRADING_HALTED"
    TRADING_REDUCING = "TRADING_REDUCING"
    SUBSCRIPTION_PAUSED = "SUBSCRIPTION_PAUSED"
    WATCH_ONLY = "WATCH_ONLY"
    APPROVAL_NEEDED = "APPROVAL_NEEDED"
    DECIDING_FAILED = "DECIDING_FAILED"
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
    NO_CAPITAL = "NO_CAPITAL"
    TIER_DEADLOCK = "TIER_DEADLOCK"
    NOTIONAL_EXCEEDS_MAX_PER_ORDER = "NOTIONAL_EXCEEDS_MAX_PER_ORDER"
    POSITION_SHARE_TOO_LARGE = "POSITION_SHARE_TOO_LARGE"
    ACCOUNT_MAX_POSITIONS = "ACCOUNT_MAX_POSITIONS"
    USER_MAX_POSITIONS = "USER_MAX_POSITIONS"
    DRAWDOWN_LIMIT = "DRAWDOWN_LIMIT"
    ACCOUNT_DAILY_LOSS = "ACCOUNT_DAILY_LOSS"
    DAILY_LOSS_MONEY = "DAILY_LOSS_MONEY"
    WEEKLY_LOSS = "WEEKLY_LOSS"
    CONSECUTIVE_LOSSES = "CONSECUTIVE_LOSSES"
    VOLATILITY_TOO_HIGH = "VOLATILITY_TOO_HIGH"
    BLACK_SWAN = "BLACK_SWAN"
    EXCEEDS_AVAILABLE_CAPITAL = "EXCEEDS_AVAILABLE_CAPITAL"
    DAILY_TRADES = "DAILY_TRADES"
    API_ERRORS = "API_ERRORS"
    PLAN_FORBIDS_LIVE = "PLAN_FORBIDS_LIVE"
    PAYMENT_OVERDUE = "PAYMENT_OVERDUE"
    PRICE_COLLAR = "PRICE_COLLAR"
    STALE_SIGNAL = "STALE_SIGNAL"
    STALE_MARKET_DATA = "STALE_MARKET_DATA"
    PRICE_DRIFTED = "PRICE_DRIFTED"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    SPREAD_TOO_WIDE = "SPREAD_TOO_WIDE"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    CORRELATED_EXPOSURE = "CORRELATED_EXPOSURE"
    TOTAL_EXPOSURE = "TOTAL_EXPOSURE"
    REGIME_BLOCKED = "REGIME_BLOCKED"
    OUTSIDE_TRADING_WINDOW = "OUTSIDE_TRADING_WINDOW"
    COOLDOWN_ACTIVE = "COOLDOWN_ACTIVE"
    ASSET_CLASS_BUDGET = "ASSET_CLASS_BUDGET"
    OPPOSITE_ON_ACCOUNT = "OPPOSITE_ON_ACCOUNT"
    SIZE_ABOVE_CAP = "SIZE_ABOVE_CAP"


MEANINGS: dict[GateCode, str] = {
    GateCode.TRADING_HALTED: "trading is halted: nothing is opened, everything may be closed",
    GateCode.TRADING_REDUCING: "only closing is allowed now",
    GateCode.SUBSCRIPTION_PAUSED: "the subscription was paused before the signal was decided",
    GateCode.WATCH_ONLY: "the subscription only watches: this would have been ordered",
    GateCode.APPROVAL_NEEDED: "its owner approves each entry of this subscription before it leaves",
    GateCode.DECIDING_FAILED: "an error of ours kept us from deciding",
    GateCode.SYMBOL_NOT_ALLOWED: "the subscription does not trade this instrument",
    GateCode.SHORT_NOT_AVAILABLE: "this instrument cannot be sold short on this account",
    GateCode.INSTRUMENT_NOT_TRADING: "the venue has stopped trading in this instrument",
    GateCode.MARKET_CLOSED: "the exchange is closed: an order would wait for its next session",
    GateCode.CURRENCY_MISMATCH: "the account holds another currency than the instrument is paid in",
    GateCode.INSUFFICIENT_WARMUP: "there are too few candles yet for the strategy to judge",
    GateCode.INSUFFICIENT_BALANCE: "the money left does not pay for the smallest order",
    GateCode.MAX_POSITIONS: "as many positions are open as the subscription allows",
    GateCode.DAILY_LOSS_LIMIT: "today's loss has reached the subscription's limit",
    GateCode.NOTIONAL_BELOW_MINIMUM: "the order would be worth less than the least one may be",
    GateCode.QUANTITY_BELOW_MINIMUM: "the order would be smaller than the venue accepts",
    GateCode.DUPLICATE_SIGNAL: "this instrument is already held or being bought",
    GateCode.NO_POSITION: "there is no position to close",
    GateCode.EXIT_ALREADY_WORKING: "the position is already being closed",
    GateCode.FACT_UNKNOWN: "a fact that this check needs is not known, so it refuses",
    GateCode.NO_CAPITAL: "the account has no capital to trade with",
    GateCode.TIER_DEADLOCK: "with this capital the smallest order allowed is above the largest",
    GateCode.NOTIONAL_EXCEEDS_MAX_PER_ORDER: "one order would be worth more than is allowed",
    GateCode.POSITION_SHARE_TOO_LARGE: "one order would take too large a part of the account",
    GateCode.ACCOUNT_MAX_POSITIONS: "as many positions are open in the account as it may hold",
    GateCode.USER_MAX_POSITIONS: "as many positions are open in all accounts as one user may hold",
    GateCode.DRAWDOWN_LIMIT: "the account has fallen too far from its highest equity",
    GateCode.ACCOUNT_DAILY_LOSS: "today's loss of the account has reached its limit",
    GateCode.DAILY_LOSS_MONEY: "the losing trades of today have reached the limit in money",
    GateCode.WEEKLY_LOSS: "this week's loss of the account has reached its limit",
    GateCode.CONSECUTIVE_LOSSES: "too many trades in a row were lost",
    GateCode.VOLATILITY_TOO_HIGH: "the market moves more than the account's tier may bear",
    GateCode.BLACK_SWAN: "the market moves as it hardly ever does: nothing new is opened",
    GateCode.EXCEEDS_AVAILABLE_CAPITAL: "the order would be worth more than the capital left",
    GateCode.DAILY_TRADES: "as many trades were made today as are allowed",
    GateCode.API_ERRORS: "the venue failed too often in the last minutes",
    GateCode.PLAN_FORBIDS_LIVE: "the plan is for paper trading only",
    GateCode.PAYMENT_OVERDUE: "the plan is not paid: positions may be closed, none opened",
    GateCode.PRICE_COLLAR: "the price is too far from the market's",
    GateCode.STALE_SIGNAL: "the signal is too old to act on",
    GateCode.STALE_MARKET_DATA: "the latest price is too old to act on",
    GateCode.PRICE_DRIFTED: "the price has run away since the signal",
    GateCode.DUPLICATE_ORDER: "the same order was written moments ago",
    GateCode.SPREAD_TOO_WIDE: "bid and ask are too far apart",
    GateCode.RATE_LIMIT_EXCEEDED: "too many messages were sent within a minute",
    GateCode.CORRELATED_EXPOSURE: "too much of the account would be in what moves together",
    GateCode.TOTAL_EXPOSURE: "too much of the account would be in positions",
    GateCode.REGIME_BLOCKED: "the strategy does not trade in the market there is now",
    GateCode.OUTSIDE_TRADING_WINDOW: "trading is not allowed at this time of the day or week",
    GateCode.COOLDOWN_ACTIVE: "the position was closed by hand: nothing is opened so soon",
    GateCode.ASSET_CLASS_BUDGET: "the allocation leaves less for this kind of instrument",
    GateCode.OPPOSITE_ON_ACCOUNT: "another subscription holds the opposite on the same account",
    GateCode.SIZE_ABOVE_CAP: "the size that was asked for is above what is allowed",
}

# Nothing was refused: there was nothing to do.
SKIPS = frozenset(
    {
        GateCode.SUBSCRIPTION_PAUSED,
        GateCode.WATCH_ONLY,
        GateCode.DUPLICATE_SIGNAL,
        GateCode.NO_POSITION,
        GateCode.EXIT_ALREADY_WORKING,
    }
)

# Nothing was refused: it waits for its owner's word.
DEFERS = frozenset({GateCode.APPROVAL_NEEDED})

# Nobody was refused: we could not answer.
FAILS = frozenset({GateCode.DECIDING_FAILED})
