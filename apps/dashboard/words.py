"""Decisions and verdicts in sentences: why something did or did not trade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from apps.common import numbers
from apps.dashboard.approval_words import of_approval
from apps.dashboard.order_words import STATUSES, price_awaited
from apps.risk.sayings import in_currency
from trading.gates.authors import cap
from trading.gates.codes import MEANINGS, GateCode
from trading.gates.sentences import sentence as said
from trading.gates.values import Outcome, Status, Verdict
from trading.orders import ENDED, OrderStatus
from trading.signals import Action


class Verb(NamedTuple):
    said: str  # what the strategy wants
    done: str
    doing: str
    failed: str


VERBS = {
    Action.ENTER_LONG: Verb("Buy", "Bought", "Buying", "Not bought"),
    Action.EXIT_LONG: Verb("Sell", "Sold", "Selling", "Not sold"),
    Action.ENTER_SHORT: Verb("Sell short", "Sold short", "Selling short", "Not sold short"),
    Action.EXIT_SHORT: Verb("Buy back", "Bought back", "Buying back", "Not bought back"),
}
OUTCOMES = {
    Outcome.ORDERED: "Ordered",
    Outcome.DENIED: "Denied",
    Outcome.SKIPPED: "Skipped",
    Outcome.DEFERRED: "Left to your approval",
    Outcome.ERROR: "Could not be decided",
}
_CODES = frozenset(code.value for code in GateCode)
ORDER_REASONS = {
    "INSUFFICIENT_FUNDS": "the account could not pay for it at the next price",
    "TRADING_HALTED": "trading was stopped before it was sent",
    "STALE": "its candle had passed before it could be sent",
    "POSITION_CLOSED": "the position was closed by another order",
    "NOTHING_TO_REDUCE": "there was nothing left to close",
    "OCO_SIBLING_FILLED": "the other of stop and target came first",
    "POSITION_GREW": "more was bought or sold upon it, and has its own",
    "SWITCH_RESET": "the kill switch that asked for it was reset, or came to its end",
    "STOP_REACHED": "the price reached it, and the position was left at market",
    "ORDER_TYPE_NOT_TAKEN": "the venue does not take orders of this type",
    "POSITION_LEAVING": "an exit was on its way before all of it was filled",
    "ENTRY_WITHDRAWN": "the strategy said to leave before any of it was filled",
    "SUBSCRIPTION_STOPPED": "the subscription was paused or ended before it was filled",
    "POST_ONLY_WOULD_TAKE": "it was to rest at the venue and would have traded at once",
    "IOC_UNFILLED": "there was no more to be had at once",
    "FOK_UNFILLED": "not all of it could be had at once",
    "SESSION_ENDED": "the session ended before it was filled",
}
NOTES = {
    "SHORT_NOT_AVAILABLE": "It also said to sell short, which this instrument does not allow.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a sentence about a decision needs. `order_status` is None where no order was written."""

    action: Action
    outcome: Outcome
    code: str
    symbol: str
    currency: str  # of the account
    quote: str  # of the instrument
    price_places: int
    strategy: str
    quantity: Decimal
    verdicts: Sequence[Verdict]
    order_status: OrderStatus | None = None
    order_reason: str = ""
    filled_quantity: Decimal | None = None
    filled_price: Decimal | None = None
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    approval: str = ""  # the answer of its owner, where it was asked for
    approval_code: str = ""  # why what was approved was not ordered


def sentence(told: Told) -> str:
    """`Bought 0.013 BTC-USD at 61,204.50 — SMA crossover`"""
    is_approved = told.approval == "approved" and told.order_status is not None
    if told.outcome is Outcome.ORDERED or is_approved:
        return _of_order(told)
    if told.approval:
        return f"{of_approval(told.approval, told.approval_code)} — {told.symbol}, {told.strategy}"
    opening = {
        Outcome.DENIED: "Denied",
        Outcome.SKIPPED: "Skipped",
        Outcome.DEFERRED: "Waits for approval",
        Outcome.ERROR: "Could not be decided",
    }[told.outcome]
    return f"{opening}: {why(told)} — {told.symbol}, {told.strategy}"


def why(told: Told) -> str:
    """The first refusal, with the value and the limit where it is about numbers."""
    refused = (item for item in told.verdicts if item.status == Status.REFUSED)
    verdict = next((item for item in refused if item.code == told.code), None)
    if verdict is None:
        return _without_verdict(told.code)
    return said(verdict, in_currency(told.currency, told.quote))


def _without_verdict(code: str) -> str:
    return meaning(code) or "no reason was recorded"


def meaning(code: str) -> str:
    """Of a gate's code, or of one that is no gate's."""
    return MEANINGS[GateCode(code)] if code in _CODES else code.lower().replace("_", " ")


def entries_in_words(told: Mapping[str, Any]) -> str:
    """What came of the signals of a backtest to enter, as `research.services.entries` tells it."""
    parts = [f"{told['signals']}, of them {told['ordered']} ordered"]
    for opening, counted, words in (
        ("Refused", told["refused"], meaning),
        ("Cut down by", told["cut_down"], cap),
    ):
        if counted:
            said = "; ".join(f"{words(name)} ({count})" for name, count in counted.items())
            parts.append(f"{opening}: {said}")
    return ". ".join(parts)


def _of_order(told: Told) -> str:
    verb = VERBS[told.action]
    if told.filled_price is not None and told.filled_quantity is not None:
        price = numbers.grouped(told.filled_price, told.price_places)
        size = numbers.quantity(told.filled_quantity)
        return f"{verb.done} {size} {told.symbol} at {price} — {told.strategy}"
    if told.order_status is not None and told.order_status in ENDED:
        reason = order_reason(told.order_status, told.order_reason)
        return f"{verb.failed}: {reason} — {told.symbol}, {told.strategy}"
    size = numbers.quantity(told.quantity)
    awaited = price_awaited(told.limit_price, told.trigger_price, told.price_places)
    return f"{verb.doing} {size} {told.symbol} {awaited} — {told.strategy}"


def order_reason(status: str, code: str) -> str:
    """Why an order ended as it did."""
    said = ORDER_REASONS.get(code, code.lower().replace("_", " "))
    if status == OrderStatus.REJECTED:
        return f"the venue refused it, {said}" if said else "the venue refused it"
    return said or f"the order was {STATUSES[OrderStatus(status)]}"
