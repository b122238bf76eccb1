"""What trips a kill switch by itself, and when that clears. Told as data; nothing is done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from trading.candles import Timeframe, floor_time, start_of_week
from trading.gates import account_loss, api_errors, drawdown, losing_streak, loss_in_money
from trading.gates import weekly_loss as weekly
from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.phrases import Kind
from trading.gates.risk_facts import AccountFacts
from trading.gates.sentences import PLAINLY, Sayings, both
from trading.gates.severities import SEVERITIES, Severity
from trading.gates.values import Status, TradingState, Verdict


class TriggerCause(StrEnum):
    DAILY_LOSS = "daily_loss"
    WEEKLY_LOSS = "weekly_loss"
    MAX_DRAWDOWN = "max_drawdown"
    CONSECUTIVE_LOSSES = "consecutive_losses"
    API_ERRORS = "api_errors"
    BLACK_SWAN = "black_swan"
    STUCK_ORDERS = "stuck_orders"
    PLATFORM_EXPOSURE = "platform_exposure"
    BALANCE_JUMP = "balance_jump"
    RECONCILIATION_DRIFT = "reconciliation_drift"
    KEY_PERMISSIONS = "key_permissions"


class TriggerScope(StrEnum):
    PLATFORM = "platform"
    INSTRUMENT = "instrument"
    USER = "user"
    ACCOUNT = "account"


class Clears(StrEnum):
    """When the switch is reset without anybody."""

    NEXT_DAY = "next_day"  # 00:00 UTC
    NEXT_WEEK = "next_week"  # Monday 00:00 UTC
    WHEN_CALM = "when_calm"  # at a close at least CALM_AFTER later that is no black swan
    BY_HAND = "by_hand"


CALM_AFTER = timedelta(hours=24)


class Rule(NamedTuple):
    """`said` is the reason that the switch is given: of the observed value and the limit, which
    are numbers of this kind."""

    cause: TriggerCause
    scope: TriggerScope
    state: TradingState
    clears: Clears
    said: str
    kind: Kind = Kind.TEXT


class Trigger(NamedTuple):
    cause: TriggerCause
    scope: TriggerScope
    state: TradingState
    clears: Clears
    observed: str
    limit: str
    reason: str


_Cause, _Scope = TriggerCause, TriggerScope
_HALTED, _REDUCING = TradingState.HALTED, TradingState.REDUCING
# What a gate that refuses trips.
OF_GATES: dict[str, Rule] = {
    GateCode.ACCOUNT_DAILY_LOSS: Rule(
        _Cause.DAILY_LOSS, _Scope.ACCOUNT, _HALTED, Clears.NEXT_DAY,
        "The account has lost {observed} today; it stops at {limit}.",
        Kind.SHARE,
    ),
    GateCode.DAILY_LOSS_MONEY: Rule(
        _Cause.DAILY_LOSS, _Scope.ACCOUNT, _HALTED, Clears.NEXT_DAY,
        "Losing trades have cost {observed} today; trading stops at {limit}.",
        Kind.MONEY,
    ),
    GateCode.WEEKLY_LOSS: Rule(
        _Cause.WEEKLY_LOSS, _Scope.ACCOUNT, _HALTED, Clears.NEXT_WEEK,
        "The account has lost {observed} this week; it stops at {limit}.",
        Kind.SHARE,
    ),
    GateCode.DRAWDOWN_LIMIT: Rule(
        _Cause.MAX_DRAWDOWN, _Scope.ACCOUNT, _HALTED, Clears.BY_HAND,
        "The account is {observed} below its highest; it stops at {limit}.",
        Kind.SHARE,
    ),
    GateCode.CONSECUTIVE_LOSSES: Rule(
        _Cause.CONSECUTIVE_LOSSES, _Scope.ACCOUNT, _REDUCING, Clears.BY_HAND,
        "{observed} trades in a row were lost; nothing new is opened from {limit} on.",
    ),
    GateCode.API_ERRORS: Rule(
        _Cause.API_ERRORS, _Scope.USER, _HALTED, Clears.BY_HAND,
        "Venues have answered with {observed} errors within the window; trading stops at {limit}.",
    ),
    GateCode.BLACK_SWAN: Rule(
        _Cause.BLACK_SWAN, _Scope.INSTRUMENT, _HALTED, Clears.WHEN_CALM,
        "Its volatility is at the percentile {observed}; it is stopped above {limit}.",
        Kind.PERCENTILE,
    ),
}  # fmt: skip
# What is found outside of decisions.
OF_EVIDENCE: dict[TriggerCause, Rule] = {
    rule.cause: rule
    for rule in (
        Rule(
            _Cause.STUCK_ORDERS, _Scope.ACCOUNT, _HALTED, Clears.BY_HAND,
            "An order has had no answer for {observed} minutes; the account stops after {limit}.",
        ),
        Rule(
            _Cause.PLATFORM_EXPOSURE, _Scope.PLATFORM, _HALTED, Clears.BY_HAND,
            "{observed} of all equity is in positions; the platform stops at {limit}.", Kind.SHARE,
        ),
        Rule(
            _Cause.BALANCE_JUMP, _Scope.ACCOUNT, _HALTED, Clears.BY_HAND,
            "The equity changed by {observed}, and no money came or went; "
            "the account stops above {limit}.", Kind.SHARE,
        ),
        Rule(
            _Cause.RECONCILIATION_DRIFT, _Scope.ACCOUNT, _HALTED, Clears.BY_HAND,
            "The venue holds another quantity than we do, by {observed}; "
            "the account stops above {limit}.", Kind.SHARE,
        ),
        Rule(
            _Cause.KEY_PERMISSIONS, _Scope.ACCOUNT, _HALTED, Clears.BY_HAND,
            "The key may do more than it did: {observed}. It may do only: {limit}.",
        ),
    )
}  # fmt: skip
# Those of an account that are held against its bounds at every close, in catalogue order.
_OF_ACCOUNTS = (
    drawdown.fallen,
    account_loss.loss_today,
    loss_in_money.lost_in_money,
    weekly.loss_this_week,
    losing_streak.streak,
    api_errors.errors,
)


def triggers_of(verdicts: Sequence[Verdict], sayings: Sayings = PLAINLY) -> tuple[Trigger, ...]:
    """The switches that these refusals trip, in catalogue order. A fact that is not known trips
    none."""
    refused = (item for item in verdicts if item.status == Status.REFUSED)
    return tuple(
        trigger(OF_GATES[item.code], item.observed, item.limit, sayings)
        for item in refused
        if item.code in OF_GATES
    )


def triggers_of_account(
    account: AccountFacts, bounds: Bounds, sayings: Sayings = PLAINLY
) -> tuple[Trigger, ...]:
    """What the account trips as it stands, by the same questions that its entries are asked."""
    return triggers_of([ask(account, bounds) for ask in _OF_ACCOUNTS], sayings)


def trigger(rule: Rule, observed: str, limit: str, sayings: Sayings = PLAINLY) -> Trigger:
    seen, most = both(observed, limit, rule.kind, sayings)
    reason = rule.said.format(observed=seen, limit=most)
    return Trigger(*rule[:4], observed, limit, reason)


def began(clears: Clears, now: datetime) -> datetime | None:
    """Since when the loss counts that trips it; None where that is no period."""
    if clears is Clears.NEXT_DAY:
        return floor_time(now, Timeframe.D1)
    return start_of_week(now) if clears is Clears.NEXT_WEEK else None


def ends(clears: Clears, now: datetime) -> datetime | None:
    """When a switch that trips now is reset by itself; None where no moment says so."""
    start = began(clears, now)
    if start is None:
        return None
    return start + timedelta(days=1 if clears is Clears.NEXT_DAY else 7)


def severity_of(verdicts: Sequence[Verdict]) -> Severity:
    """That of the gravest refusal; SAFE where there is none."""
    refused = (item for item in verdicts if item.status == Status.REFUSED)
    return max((SEVERITIES[GateCode(item.code)] for item in refused), default=Severity.SAFE)
