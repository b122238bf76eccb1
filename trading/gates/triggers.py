"""What a refusal implies beside itself: a kill switch that trips. Told as data; nothing is done."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from trading.gates.codes import GateCode
from trading.gates.severities import SEVERITIES, Severity
from trading.gates.values import Status, TradingState, Verdict


class TriggerCause(StrEnum):
    DAILY_LOSS = "daily_loss"
    WEEKLY_LOSS = "weekly_loss"
    DRAWDOWN = "drawdown"
    BLACK_SWAN = "black_swan"
    CONSECUTIVE_LOSSES = "consecutive_losses"
    API_ERRORS = "api_errors"


class TriggerScope(StrEnum):
    ACCOUNT = "account"
    INSTRUMENT = "instrument"
    USER = "user"


class Clears(StrEnum):
    """When the switch is reset without anybody."""

    NEXT_DAY = "next_day"  # 00:00 UTC
    NEXT_WEEK = "next_week"  # Monday 00:00 UTC
    BY_HAND = "by_hand"


class Trigger(NamedTuple):
    cause: TriggerCause
    scope: TriggerScope
    state: TradingState
    clears: Clears
    observed: str
    limit: str


_Rule = tuple[TriggerCause, TriggerScope, TradingState, Clears]
_RULES: dict[str, _Rule] = {
    GateCode.ACCOUNT_DAILY_LOSS: (
        TriggerCause.DAILY_LOSS, TriggerScope.ACCOUNT, TradingState.HALTED, Clears.NEXT_DAY,
    ),
    GateCode.DAILY_LOSS_MONEY: (
        TriggerCause.DAILY_LOSS, TriggerScope.USER, TradingState.HALTED, Clears.NEXT_DAY,
    ),
    GateCode.WEEKLY_LOSS: (
        TriggerCause.WEEKLY_LOSS, TriggerScope.ACCOUNT, TradingState.HALTED, Clears.NEXT_WEEK,
    ),
    GateCode.DRAWDOWN_LIMIT: (
        TriggerCause.DRAWDOWN, TriggerScope.ACCOUNT, TradingState.HALTED, Clears.BY_HAND,
    ),
    GateCode.BLACK_SWAN: (
        TriggerCause.BLACK_SWAN, TriggerScope.INSTRUMENT, TradingState.HALTED, Clears.BY_HAND,
    ),
    GateCode.CONSECUTIVE_LOSSES: (
        TriggerCause.CONSECUTIVE_LOSSES, TriggerScope.ACCOUNT, TradingState.REDUCING,
        Clears.BY_HAND,
    ),
    GateCode.API_ERRORS: (
        TriggerCause.API_ERRORS, TriggerScope.USER, TradingState.HALTED, Clears.BY_HAND,
    ),
}  # fmt: skip


def triggers_of(verdicts: Sequence[Verdict]) -> tuple[Trigger, ...]:
    """The switches that these refusals trip, in catalogue order. A fact that is not known trips
    none."""
    refused = (item for item in verdicts if item.status == Status.REFUSED)
    return tuple(
        Trigger(*_RULES[item.code], item.observed, item.limit)
        for item in refused
        if item.code in _RULES
    )


def severity_of(verdicts: Sequence[Verdict]) -> Severity:
    """That of the gravest refusal; SAFE where there is none."""
    refused = (item for item in verdicts if item.status == Status.REFUSED)
    return max((SEVERITIES[GateCode(item.code)] for item in refused), default=Severity.SAFE)
