"""What people read of a refusal, with its numbers."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from trading.gates.codes import MEANINGS, GateCode
from trading.gates.values import Verdict


class Kind(Enum):
    """What the numbers of a sentence are."""

    TEXT = "text"  # said as they are stored
    MONEY = "money"  # in the account's currency
    QUANTITY = "quantity"


class Template(NamedTuple):
    words: str
    kind: Kind = Kind.TEXT


Say = Callable[[str], str]

# A code that is not here is said by its meaning.
TEMPLATES: dict[GateCode, Template] = {
    GateCode.TRADING_HALTED: Template("trading is halted"),
    GateCode.SUBSCRIPTION_PAUSED: Template("subscription paused"),
    GateCode.WATCH_ONLY: Template("the subscription only watches"),
    GateCode.APPROVAL_NEEDED: Template("its owner approves each entry"),
    GateCode.SYMBOL_NOT_ALLOWED: Template("not among this subscription's instruments"),
    GateCode.MARKET_CLOSED: Template("the market is closed"),
    GateCode.CURRENCY_MISMATCH: Template("paid in {observed}, the account holds {limit}"),
    GateCode.INSUFFICIENT_WARMUP: Template("warming up, {observed} of {limit} candles"),
    GateCode.INSUFFICIENT_BALANCE: Template("{observed} free, {limit} needed", Kind.MONEY),
    GateCode.MAX_POSITIONS: Template("max positions {observed} of {limit}"),
    GateCode.DAILY_LOSS_LIMIT: Template("daily loss {observed} of {limit}", Kind.MONEY),
    GateCode.NOTIONAL_BELOW_MINIMUM: Template("order of {observed}, minimum {limit}", Kind.MONEY),
    GateCode.QUANTITY_BELOW_MINIMUM: Template(
        "quantity {observed}, minimum {limit}", Kind.QUANTITY
    ),
    GateCode.NO_POSITION: Template("nothing to close"),
    GateCode.EXIT_ALREADY_WORKING: Template("already being closed"),
    GateCode.NO_CAPITAL: Template("capital of {observed}", Kind.MONEY),
    GateCode.TIER_DEADLOCK: Template(
        "no order is possible with a capital of {observed}: it takes {limit}"
    ),
    GateCode.NOTIONAL_EXCEEDS_MAX_PER_ORDER: Template(
        "order of {observed}, at most {limit}", Kind.MONEY
    ),
    GateCode.POSITION_SHARE_TOO_LARGE: Template(
        "order of {observed}, at most {limit} of this account", Kind.MONEY
    ),
    GateCode.ACCOUNT_MAX_POSITIONS: Template(
        "{observed} positions open in the account, at most {limit}"
    ),
    GateCode.DRAWDOWN_LIMIT: Template(
        "{observed} below the highest equity, limit {limit}", Kind.MONEY
    ),
    GateCode.ACCOUNT_DAILY_LOSS: Template(
        "the account lost {observed} today, limit {limit}: resumes at 00:00 UTC", Kind.MONEY
    ),
    GateCode.DAILY_LOSS_MONEY: Template(
        "losing trades lost {observed} today, limit {limit}: resumes at 00:00 UTC", Kind.MONEY
    ),
    GateCode.WEEKLY_LOSS: Template(
        "the account lost {observed} this week, limit {limit}: resumes on Monday at 00:00 UTC",
        Kind.MONEY,
    ),
    GateCode.CONSECUTIVE_LOSSES: Template("{observed} trades in a row were lost, limit {limit}"),
    GateCode.VOLATILITY_TOO_HIGH: Template("volatility {observed}, at most {limit}", Kind.QUANTITY),
    GateCode.BLACK_SWAN: Template(
        "volatility {observed}, above {limit}: everything new is stopped", Kind.QUANTITY
    ),
    GateCode.EXCEEDS_AVAILABLE_CAPITAL: Template(
        "order of {observed}, {limit} of capital left", Kind.MONEY
    ),
    GateCode.DAILY_TRADES: Template(
        "{observed} trades today, at most {limit}: resumes at 00:00 UTC"
    ),
    GateCode.API_ERRORS: Template("the venue failed {observed} times, limit {limit}"),
    GateCode.PRICE_COLLAR: Template("{observed} away from the market, at most {limit}", Kind.MONEY),
    GateCode.STALE_SIGNAL: Template(
        "the signal is {observed} seconds old, at most {limit}", Kind.QUANTITY
    ),
    GateCode.STALE_MARKET_DATA: Template(
        "the latest price is {observed} candles old, at most {limit}", Kind.QUANTITY
    ),
    GateCode.PRICE_DRIFTED: Template(
        "the price moved by {observed} since the signal, at most {limit}", Kind.MONEY
    ),
    GateCode.SPREAD_TOO_WIDE: Template(
        "bid and ask are {observed} apart, at most {limit}", Kind.MONEY
    ),
    GateCode.RATE_LIMIT_EXCEEDED: Template(
        "{observed} messages within a minute, limit {limit}", Kind.QUANTITY
    ),
    GateCode.CORRELATED_EXPOSURE: Template(
        "{observed} would be in what moves together, at most {limit}", Kind.MONEY
    ),
    GateCode.TOTAL_EXPOSURE: Template(
        "{observed} would be in positions, at most {limit}", Kind.MONEY
    ),
    GateCode.COOLDOWN_ACTIVE: Template("closed by hand: resumes at {limit}"),
    GateCode.ASSET_CLASS_BUDGET: Template(
        "{observed} would be in instruments of this kind, at most {limit}", Kind.MONEY
    ),
    GateCode.OPPOSITE_ON_ACCOUNT: Template(
        "another subscription holds {observed} the other way on this account", Kind.QUANTITY
    ),
    GateCode.SIZE_ABOVE_CAP: Template("size {observed}, at most {limit}", Kind.QUANTITY),
}


def sentence(verdict: Verdict, *, money: Say = str, quantity: Say = str) -> str:
    """Why it was refused. `money` and `quantity` say a stored number to people."""
    code = GateCode(verdict.code)
    if code is GateCode.FACT_UNKNOWN:
        return f"not known: {verdict.observed.replace('_', ' ')}"
    if code is GateCode.OUTSIDE_TRADING_WINDOW and verdict.limit:
        return f"outside the trading window: resumes at {verdict.limit}"
    template = TEMPLATES.get(code)
    if template is None:
        return MEANINGS[code]
    said: dict[Kind, Say] = {Kind.TEXT: str, Kind.MONEY: money, Kind.QUANTITY: quantity}
    say = said[template.kind]
    return template.words.format(observed=say(verdict.observed), limit=say(verdict.limit))
