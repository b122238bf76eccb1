"""The operator's numbers of the triggers, each with the default that is documented."""

from decimal import Decimal
from typing import NamedTuple

from trading.gates.sources import API_ERRORS, HARD_DRAWDOWN, PLATFORM_DEFAULTS
from trading.gates.triggers import OF_EVIDENCE, OF_GATES, Clears, Rule, TriggerCause
from trading.gates.values import TradingState
from trading.gates.volatility import BLACK_SWAN
from trading.money import ZERO, plain


class Setting(NamedTuple):
    """0 = never. What is a bound of `Bounds` is named by it."""

    name: str
    default: Decimal
    meaning: str
    bound: str = ""


def _bound(name: str) -> Decimal:
    bound = getattr(PLATFORM_DEFAULTS, name)
    assert bound is not None
    return Decimal(bound.value)


_Cause = TriggerCause
SETTINGS: dict[TriggerCause, tuple[Setting, ...]] = {
    _Cause.DAILY_LOSS: (
        Setting(
            "AUTOMATIC_DAILY_LOSS", _bound("daily_loss"),
            "share of the equity at 00:00 UTC that is lost", "daily_loss",
        ),
    ),
    _Cause.WEEKLY_LOSS: (
        Setting(
            "AUTOMATIC_WEEKLY_LOSS", _bound("weekly_loss"),
            "share of the equity on Monday at 00:00 UTC that is lost", "weekly_loss",
        ),
        Setting(
            "AUTOMATIC_WEEKLY_LOSS_HALVES", _bound("weekly_loss_halves"),
            "from this share on sizes are halved; nothing trips", "weekly_loss_halves",
        ),
    ),
    _Cause.MAX_DRAWDOWN: (
        Setting(
            "AUTOMATIC_DRAWDOWN", HARD_DRAWDOWN,
            "share of the highest equity that is lost", "drawdown",
        ),
    ),
    _Cause.CONSECUTIVE_LOSSES: (
        Setting(
            "AUTOMATIC_CONSECUTIVE_LOSSES", _bound("consecutive_losses"),
            "round trips lost in a row", "consecutive_losses",
        ),
    ),
    _Cause.API_ERRORS: (
        Setting(
            "AUTOMATIC_API_ERRORS", Decimal(API_ERRORS),
            "failed requests of a person's live accounts within the window", "api_errors",
        ),
        Setting("AUTOMATIC_API_ERRORS_MINUTES", Decimal(10), "the window, in minutes"),
    ),
    _Cause.BLACK_SWAN: (
        Setting(
            "AUTOMATIC_BLACK_SWAN", BLACK_SWAN,
            "percentile of the volatility of 1h candles; above it", "black_swan",
        ),
    ),
    _Cause.STUCK_ORDERS: (
        Setting(
            "AUTOMATIC_STUCK_MINUTES", Decimal(15), "minutes that an order has had no answer"
        ),
        Setting(
            "AUTOMATIC_STUCK_ALERT_MINUTES", Decimal(5),
            "after so many its owner is told; nothing trips",
        ),
    ),
    _Cause.PLATFORM_EXPOSURE: (
        Setting(
            "AUTOMATIC_EXPOSURE_LIVE", Decimal("0.45"),
            "share of the equity of all live accounts that is in positions, by currency",
        ),
        Setting("AUTOMATIC_EXPOSURE_PAPER", ZERO, "the same of paper accounts"),
        Setting(
            "AUTOMATIC_EXPOSURE_ALERT", Decimal("0.30"), "from this share on a log line warns",
        ),
    ),
    _Cause.BALANCE_JUMP: (
        Setting(
            "AUTOMATIC_BALANCE_JUMP", Decimal("0.50"),
            "change of the equity between two measurements without a deposit or withdrawal, "
            "as a share of it; above it",
        ),
    ),
    _Cause.RECONCILIATION_DRIFT: (
        Setting(
            "AUTOMATIC_DRIFT", Decimal("0.01"),
            "difference between what the venue holds and what we do, as a share; above it",
        ),
    ),
    _Cause.KEY_PERMISSIONS: (),
}  # fmt: skip
DEFAULTS = {item.name: item.default for of_cause in SETTINGS.values() for item in of_cause}
CLEARS = {
    Clears.NEXT_DAY: "at 00:00 UTC",
    Clears.NEXT_WEEK: "on Monday at 00:00 UTC",
    Clears.WHEN_CALM: "at a close at least 24 hours later that is no black swan",
    Clears.BY_HAND: "by hand only",
}
"""In words; days, weeks and hours are of the venue's clock."""


def triggers_table() -> str:
    """In Markdown: what trips, of what, how hard, until when."""
    lines = [
        "| cause | what trips it | setting = default | stops | state | clears |",
        "|---|---|---|---|---|---|",
    ]
    for cause in TriggerCause:
        rules = [rule for rule in (*OF_GATES.values(), *OF_EVIDENCE.values()) if rule[0] is cause]
        lines.append(_line(rules, SETTINGS[cause]))
    return "\n".join(lines) + "\n"


def _line(rules: list[Rule], settings: tuple[Setting, ...]) -> str:
    first = rules[0]
    stops = " or ".join(dict.fromkeys(rule.scope.value for rule in rules))
    named = "<br>".join(f"`{item.name}` = {plain(item.default)}" for item in settings) or "none"
    meanings = "<br>".join(item.meaning for item in settings) or "a right that it did not have"
    state = TradingState(first.state).name
    cells = (f"`{first.cause}`", meanings, named, stops, state, CLEARS[first.clears])
    return f"| {' | '.join(cells)} |"
