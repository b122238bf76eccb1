"""Limits in the words of those whom they bind: what is bounded, by how much, and who said so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from apps.common import numbers
from apps.risk.limits import OwnLimits
from trading.gates.authors import AUTHORS
from trading.gates.bounds import Bounds, Source, in_force
from trading.windows import DAYS, WEEK, Window

InForce = Mapping[str, Sequence[str]]
"""Of each bound its value and its source, as `trading.gates.bounds.in_force` gives them."""


class Unit(Enum):
    COUNT = "count"
    SECONDS = "seconds"
    CANDLES = "candles"
    MONEY = "money"
    SHARE = "share"


class Label(NamedTuple):
    title: str
    unit: Unit


LABELS = {
    "least_notional": Label("Least for one order", Unit.MONEY),
    "most_notional": Label("Most for one order", Unit.MONEY),
    "least_share": Label("Least of the account in one order", Unit.SHARE),
    "most_share": Label("Most of the account in one order", Unit.SHARE),
    "strategy_share": Label("Most of the capital in positions", Unit.SHARE),
    "positions": Label("Open positions", Unit.COUNT),
    "account_positions": Label("Open positions of the account", Unit.COUNT),
    "trades_a_day": Label("Trades a day", Unit.COUNT),
    "consecutive_losses": Label("Losses in a row", Unit.COUNT),
    "api_errors": Label("Errors of the venue", Unit.COUNT),
    "messages": Label("Messages a minute", Unit.COUNT),
    "daily_loss": Label("Loss of a day", Unit.SHARE),
    "daily_loss_money": Label("Lost in losing trades a day", Unit.MONEY),
    "weekly_loss": Label("Loss of a week", Unit.SHARE),
    "weekly_loss_halves": Label("Loss of a week that halves sizes", Unit.SHARE),
    "drawdown": Label("Below the highest equity", Unit.SHARE),
    "volatility": Label("Volatility", Unit.COUNT),
    "black_swan": Label("Volatility that stops everything new", Unit.COUNT),
    "market_collar": Label("Away from the market, at market", Unit.SHARE),
    "limit_collar": Label("Away from the market, at a price of its own", Unit.SHARE),
    "drift": Label("Price moved since the signal", Unit.SHARE),
    "spread": Label("Bid and ask apart", Unit.SHARE),
    "candle_age": Label("Age of the price", Unit.CANDLES),
    "signal_age": Label("Age of the signal", Unit.SECONDS),
    "exposure": Label("Of the account in positions", Unit.SHARE),
    "correlated": Label("Of the account in what moves together", Unit.SHARE),
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """In words, and as it is kept."""

    title: str
    value: str
    who: str
    name: str
    stored: str
    source: str


def limit_lines(found: InForce, currency: str, names: Iterable[str] = LABELS) -> list[LimitLine]:
    """In the order of the names; what nobody bounds is not told."""
    return [_line(name, found[name], currency) for name in names if name in found]


def own_lines(own: OwnLimits) -> list[LimitLine]:
    """What a person has set that is no bound: where and when they let entries be made."""
    found = []
    if own.symbols is not None:
        found.append(("symbols", "Only these instruments", ", ".join(sorted(own.symbols))))
    if own.window is not None:
        found.append(("window", "Enter only", hours(own.window)))
    who = AUTHORS[Source.USER]
    return [
        LimitLine(title, value, who, name, value, Source.USER.value) for name, title, value in found
    ]


def looser_lines(
    own: Bounds, bounds: Bounds, currency: str, names: Iterable[str]
) -> list[tuple[LimitLine, LimitLine]]:
    """Each limit of a person's own that holds nobody back, with the stricter one in force."""
    kept, held = in_force(own), in_force(bounds)
    return [
        (_line(name, kept[name], currency), _line(name, held[name], currency))
        for name in names
        if name in kept and getattr(own, name).value > getattr(bounds, name).value
    ]


def hours(window: Window) -> str:
    """`Monday, Friday, 08:00 to 17:00 UTC`"""
    days = ", ".join(DAYS[day] for day in sorted(window.days))
    said = "every day" if window.days == set(WEEK) else days
    return f"{said}, {window.opens:%H:%M} to {window.closes:%H:%M} UTC"


def _line(name: str, kept: Sequence[str], currency: str) -> LimitLine:
    value, source = kept
    title, unit = LABELS[name]
    written = _written(Decimal(value), unit, currency)
    return LimitLine(title, written, AUTHORS.get(source, source), name, value, source)


def _written(value: Decimal, unit: Unit, currency: str) -> str:
    if unit is Unit.MONEY:
        return f"{numbers.money(value, currency)} {currency}"
    if unit is Unit.SHARE:
        return numbers.share(value * 100)
    return (
        numbers.quantity(value) if unit is Unit.COUNT else f"{numbers.quantity(value)} {unit.value}"
    )
