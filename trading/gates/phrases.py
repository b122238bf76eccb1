"""The words around the numbers of a verdict: of each code when it refuses, of each gate otherwise.
The only place for them: sentences, receipts and the page of codes are made from these.
"""

from enum import Enum
from typing import NamedTuple

from trading.gates import (
    account_loss,
    api_errors,
    capital,
    capital_guard,
    class_budget,
    cool_down,
    correlated,
    daily_loss,
    drawdown,
    duplicate,
    execution_gate,
    exit_position,
    exposure,
    losing_streak,
    loss_in_money,
    market_hours,
    max_positions,
    message_rate,
    minimum,
    opposite,
    price_collar,
    price_drift,
    regime_block,
    same_order,
    share,
    spread,
    stale_market,
    stale_signal,
    trades_today,
    trading_state,
    trading_window,
    typed_size,
    volatility,
    warmup,
    weekly_loss,
)
from trading.gates.codes import MEANINGS, GateCode


class Kind(Enum):
    """What the numbers are."""

    TEXT = "text"  # said as they are stored
    STATE = "state"  # of trading, in capitals
    MONEY = "money"  # in the account's currency
    PRICE = "price"  # in the instrument's, every digit: a cent may be much of it
    QUANTITY = "quantity"
    PERCENTILE = "percentile"  # of 100: two places of it matter
    SHARE = "share"  # of one; said as percent


class Phrase(NamedTuple):
    """How the observed value and the limit are said; a limit without words is not said."""

    observed: str = "{}"
    limit: str = ""
    kind: Kind = Kind.TEXT


_MONEY, _PRICE, _QUANTITY, _STATE = Kind.MONEY, Kind.PRICE, Kind.QUANTITY, Kind.STATE
_LESS, _FEWER, _MOST = "less than {} is allowed", "fewer than {} are allowed", "at most {}"

_TOLD: dict[GateCode, Phrase] = {
    GateCode.TRADING_HALTED: Phrase("trading is {}", "", _STATE),
    GateCode.SUBSCRIPTION_PAUSED: Phrase("the subscription is paused"),
    GateCode.WATCH_ONLY: Phrase("the subscription only watches"),
    GateCode.APPROVAL_NEEDED: Phrase("its owner approves each entry"),
    GateCode.DECIDING_FAILED: Phrase("an error of ours kept us from deciding; {}"),
    GateCode.SYMBOL_NOT_ALLOWED: Phrase("{} is not among this subscription's instruments"),
    GateCode.SHORT_NOT_AVAILABLE: Phrase("{} cannot be sold short on this account"),
    GateCode.MARKET_CLOSED: Phrase("the market is closed"),
    GateCode.CURRENCY_MISMATCH: Phrase("paid in {}", "the account holds {}"),
    GateCode.INSUFFICIENT_WARMUP: Phrase("{} candles seen", "{} are needed to warm up"),
    GateCode.INSUFFICIENT_BALANCE: Phrase("{} free", "{} needed", _MONEY),
    GateCode.MAX_POSITIONS: Phrase("positions open or on their way: {}", "at most {} at once"),
    GateCode.DAILY_LOSS_LIMIT: Phrase("the subscription lost {} today", _LESS, _MONEY),
    GateCode.NOTIONAL_BELOW_MINIMUM: Phrase("order of {}", "minimum {}", _MONEY),
    GateCode.QUANTITY_BELOW_MINIMUM: Phrase("quantity {}", "minimum {}", _QUANTITY),
    GateCode.DUPLICATE_SIGNAL: Phrase("already held"),
    GateCode.NO_POSITION: Phrase("nothing to close"),
    GateCode.EXIT_ALREADY_WORKING: Phrase("already being closed"),
    GateCode.FACT_UNKNOWN: Phrase("not known: {}"),
    GateCode.NO_CAPITAL: Phrase("capital of {}", "more than {} is needed", _MONEY),
    GateCode.TIER_DEADLOCK: Phrase(
        "no order is possible with a capital of {}", "it takes {}", _MONEY
    ),
    GateCode.NOTIONAL_EXCEEDS_MAX_PER_ORDER: Phrase("order of {}", _MOST, _MONEY),
    GateCode.POSITION_SHARE_TOO_LARGE: Phrase("order of {}", "at most {} of this account", _MONEY),
    GateCode.ACCOUNT_MAX_POSITIONS: Phrase("positions open in the account: {}", _MOST),
    GateCode.USER_MAX_POSITIONS: Phrase("positions open in all accounts: {}", _MOST),
    GateCode.DRAWDOWN_LIMIT: Phrase("{} below the highest equity", _LESS, Kind.SHARE),
    GateCode.ACCOUNT_DAILY_LOSS: Phrase("the account lost {} today", _LESS, Kind.SHARE),
    GateCode.DAILY_LOSS_MONEY: Phrase("losing trades lost {} today", _LESS, _MONEY),
    GateCode.WEEKLY_LOSS: Phrase("the account lost {} this week", _LESS, Kind.SHARE),
    GateCode.CONSECUTIVE_LOSSES: Phrase("trades lost in a row: {}", _FEWER),
    GateCode.VOLATILITY_TOO_HIGH: Phrase("volatility {}", _MOST, Kind.PERCENTILE),
    GateCode.BLACK_SWAN: Phrase(
        "volatility {}", "above {} everything new is stopped", Kind.PERCENTILE
    ),
    GateCode.EXCEEDS_AVAILABLE_CAPITAL: Phrase("order of {}", "{} of the capital is left", _MONEY),
    GateCode.DAILY_TRADES: Phrase("trades today: {}", _MOST),
    GateCode.API_ERRORS: Phrase("errors of the venue: {}", _FEWER),
    GateCode.PRICE_COLLAR: Phrase("{} away from the market", _MOST, _PRICE),
    GateCode.STALE_SIGNAL: Phrase("the signal is {} seconds old", _MOST, _QUANTITY),
    GateCode.STALE_MARKET_DATA: Phrase("the latest price is {} candles old", _MOST, _QUANTITY),
    GateCode.PRICE_DRIFTED: Phrase("the price moved by {} since the signal", _MOST, _PRICE),
    GateCode.SPREAD_TOO_WIDE: Phrase("bid and ask are {} apart", _MOST, _PRICE),
    GateCode.RATE_LIMIT_EXCEEDED: Phrase("messages within a minute: {}", _MOST, _QUANTITY),
    GateCode.CORRELATED_EXPOSURE: Phrase("{} would be in what moves together", _MOST, _MONEY),
    GateCode.TOTAL_EXPOSURE: Phrase("{} would be in positions", _MOST, _MONEY),
    GateCode.OUTSIDE_TRADING_WINDOW: Phrase("outside the trading window"),
    GateCode.COOLDOWN_ACTIVE: Phrase("closed by hand"),
    GateCode.ASSET_CLASS_BUDGET: Phrase(
        "{} would be in instruments of this kind", _MOST, _MONEY
    ),
    GateCode.OPPOSITE_ON_ACCOUNT: Phrase(
        "another subscription holds {} the other way on this account", "", _QUANTITY
    ),
    GateCode.SIZE_ABOVE_CAP: Phrase("size {}", _MOST, _QUANTITY),
}  # fmt: skip
# A code without numbers is said by its meaning.
OF_CODES = {code: _TOLD.get(code, Phrase(MEANINGS[code])) for code in GateCode}

# Of a gate that passes, and where a refusal has no numbers of its own. A text that is no number is
# said as it stands. A gate that is not here compares nothing.
OF_GATES: dict[int, Phrase] = {
    trading_state.NUMBER: Phrase("trading is {}", "must be {}", _STATE),
    market_hours.NUMBER: Phrase(limit="must be {}"),
    warmup.NUMBER: OF_CODES[GateCode.INSUFFICIENT_WARMUP],
    capital.NUMBER: OF_CODES[GateCode.INSUFFICIENT_BALANCE],
    max_positions.NUMBER: OF_CODES[GateCode.MAX_POSITIONS],
    daily_loss.NUMBER: OF_CODES[GateCode.DAILY_LOSS_LIMIT],
    minimum.NUMBER: OF_CODES[GateCode.NOTIONAL_BELOW_MINIMUM],
    duplicate.NUMBER: Phrase("{} held", "none", _QUANTITY),
    exit_position.NUMBER: Phrase("{} held", "", _QUANTITY),
    capital_guard.NUMBER: OF_CODES[GateCode.NOTIONAL_EXCEEDS_MAX_PER_ORDER],
    drawdown.NUMBER: OF_CODES[GateCode.DRAWDOWN_LIMIT],
    account_loss.NUMBER: OF_CODES[GateCode.ACCOUNT_DAILY_LOSS],
    volatility.NUMBER: OF_CODES[GateCode.VOLATILITY_TOO_HIGH],
    execution_gate.NUMBER: OF_CODES[GateCode.EXCEEDS_AVAILABLE_CAPITAL],
    share.NUMBER: OF_CODES[GateCode.NOTIONAL_BELOW_MINIMUM],
    trades_today.NUMBER: OF_CODES[GateCode.DAILY_TRADES],
    typed_size.NUMBER: OF_CODES[GateCode.SIZE_ABOVE_CAP],
    loss_in_money.NUMBER: OF_CODES[GateCode.DAILY_LOSS_MONEY],
    weekly_loss.NUMBER: OF_CODES[GateCode.WEEKLY_LOSS],
    losing_streak.NUMBER: OF_CODES[GateCode.CONSECUTIVE_LOSSES],
    api_errors.NUMBER: OF_CODES[GateCode.API_ERRORS],
    price_collar.NUMBER: OF_CODES[GateCode.PRICE_COLLAR],
    stale_signal.NUMBER: OF_CODES[GateCode.STALE_SIGNAL],
    stale_market.NUMBER: OF_CODES[GateCode.STALE_MARKET_DATA],
    price_drift.NUMBER: OF_CODES[GateCode.PRICE_DRIFTED],
    same_order.NUMBER: Phrase("{} like it", "none", _QUANTITY),
    spread.NUMBER: OF_CODES[GateCode.SPREAD_TOO_WIDE],
    message_rate.NUMBER: OF_CODES[GateCode.RATE_LIMIT_EXCEEDED],
    correlated.NUMBER: OF_CODES[GateCode.CORRELATED_EXPOSURE],
    exposure.NUMBER: OF_CODES[GateCode.TOTAL_EXPOSURE],
    regime_block.NUMBER: Phrase(limit="must be {}"),
    trading_window.NUMBER: Phrase(limit="opens at {}"),
    cool_down.NUMBER: Phrase(limit="over at {}"),
    class_budget.NUMBER: OF_CODES[GateCode.ASSET_CLASS_BUDGET],
    opposite.NUMBER: Phrase("{} held the other way", "none", _QUANTITY),
}
NOTHING = Phrase(limit="must be {}")

# What a gate could not find out. A fact that is not here is said by its name.
FACTS: dict[str, str] = {
    "trading_state": "whether trading is stopped",
    "is_market_open": "whether the market is open",
    "session_end": "when the session ends",
    "candles_seen": "how many candles the strategy saw",
    "free_cash": "the free cash",
    "entry_price": "the price of the order",
    "cost": "what the order would cost",
    "quantity": "the size of the order",
    "size_fraction": "the size that the signal should say",
    "capital": "the capital of the subscription",
    "max_daily_loss": "the daily loss that the subscription allows",
    "position_quantity": "what is held",
    "equity": "the equity of the account",
    "available": "the capital that is left",
    "exposure": "what the account has in positions",
    "peak_equity": "the highest equity",
    "start_of_day_equity": "the equity at the start of the day",
    "start_of_week_equity": "the equity at the start of the week",
    "day_pnl": "today's result",
    "week_pnl": "this week's result",
    "lost_today": "what losing trades lost today",
    "open_positions": "how many positions are open",
    "users_positions": "how many positions are open in all accounts",
    "trades_today": "how many trades were made today",
    "consecutive_losses": "how many trades in a row were lost",
    "api_errors": "how often the venue failed",
    "messages": "how many messages were sent",
    "correlated_exposure": "what is held that moves together",
    "class_exposure": "what is held of this kind of instrument",
    "class_budget": "what the allocation gives to this kind of instrument",
    "opposite": "what others hold on the account",
    "same_orders": "whether the same order was written",
    "cool_down_until": "until when the cool-down lasts",
    "now": "the time of the venue",
    "volatility": "the volatility of the market",
    "reference_price": "the price of the market",
    "signal_price": "the price at the signal",
    "price_now": "the price now",
    "bid": "the bid",
    "ask": "the ask",
    "candle_age": "the age of the latest price",
    "signal_age": "the age of the signal",
    "is_regime_blocked": "whether the strategy trades in this market",
    "mode": "whether it is paper or live",
    "plan_allows_live": "whether the plan allows live trading",
    "is_payment_overdue": "whether the plan is paid",
    "is_in_window": "whether trading is allowed at this time",
    "subscription": "the subscription",
    "typed_size": "a size that somebody named",
}
