"""The settings under which one decision was made, and whose word each was."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.common import numbers
from apps.dashboard.limit_words import InForce, LimitLine, limit_lines
from apps.risk.models import Decision
from apps.strategies.models import Signal, StrategySubscription
from trading.gates.bounds import Source
from trading.gates.values import text
from trading.sizing import SizingPolicy

TIMES = "\u00d7"


STRATEGY, SUBSCRIPTION = Source.STRATEGY.value, Source.SUBSCRIPTION.value
ORIGINS = {
    STRATEGY: "inherited from the strategy version",
    SUBSCRIPTION: "set on the subscription",
    "signal": "said by the signal",
    "": "as it was then; changed since",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it was resolved for this decision, and whose word it was; `source` is empty
    where that is no longer known. `stored` is its plain value, None where nothing was said.
    """

    name: str
    title: str
    stored: str | None
    value: str
    source: str

    @property
    def origin(self) -> str:
        return ORIGINS[self.source]


def settings(decision: Decision) -> list[Setting]:
    """Empty where none were kept with it."""
    if decision.settings is None:
        return []
    capital, risk, leverage, positions, loss = decision.settings
    unit = decision.account.currency
    shown = (
        ("capital", "Capital", capital, f"{numbers.money(Decimal(capital), unit)} {unit}"),
        ("risk_per_trade", "Risk per trade", risk, numbers.percent(Decimal(risk), 2)),
        ("leverage", "Leverage", leverage, f"{numbers.quantity(Decimal(leverage))} {TIMES}"),
        ("max_positions", "Positions at once", positions, f"at most {positions}"),
        ("max_daily_loss", "Daily loss", loss, f"less than {numbers.percent(Decimal(loss), 2)}"),
    )
    found = [
        Setting(name, title, str(stored), words, _source(decision.subscription, name, stored))
        for name, title, stored, words in shown
    ]
    if decision.subscription.version.sizing == SizingPolicy.FRACTION:
        found[1] = _said_size(decision.signal)  # what a stop may lose does not size it
    return found


def limits_in_force(decision: Decision) -> list[LimitLine]:
    """All others than the settings, with who set each; empty where none was kept with it."""
    found: InForce = {} if decision.limits is None else decision.limits.limits
    return limit_lines(found, decision.account.currency)


def _said_size(signal: Signal) -> Setting:
    size = signal.size_fraction
    words = "none" if size is None else f"{numbers.percent(size, 2)} of the capital"
    return Setting("size_fraction", "Size", None if size is None else text(size), words, "signal")


def _source(subscription: StrategySubscription, name: str, stored: object) -> str:
    """The receipt keeps the value; the subscription may have changed since."""
    own: Any = getattr(subscription, name)
    inherited: Any = getattr(subscription.version, name)
    value = Decimal(str(stored))
    if own is None and inherited == value:
        return STRATEGY
    return SUBSCRIPTION if own is not None and own == value else ""
