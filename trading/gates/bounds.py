"""Every bound that a gate may ask about, with who set it. Of several, the strictest holds, and its
source stays with it, so that a receipt names the one that bound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NamedTuple

from trading.money import plain


class Source(StrEnum):
    """Who set a bound, in the order in which equal ones are named."""

    HARD = "hard"  # nobody can raise it
    PLATFORM = "platform"  # a setting of the operator
    TIER = "tier"  # the account's capital tier
    PLAN = "plan"
    USER = "user"
    STRATEGY = "strategy"  # declared by the strategy's version
    SUBSCRIPTION = "subscription"


class Bound(NamedTuple):
    """`said` is the value as receipts write it, made once."""

    value: Decimal
    source: str
    said: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """None = nobody set one. Shares are fractions of the account's equity unless said otherwise.

    Sizes of one order: `least_notional`, `most_notional` (account currency, inclusive),
    `least_share`, `most_share` (inclusive); `strategy_share`: of the subscription's capital, all
    its positions together (inclusive). Counts at which nothing more is opened: `positions` (of a
    user in all accounts of one mode), `account_positions`, `trades_a_day`, `consecutive_losses`,
    `api_errors`, `messages` (a minute). Losses at which nothing more is opened: `daily_loss` and
    `weekly_loss` (of the equity at the start of the day or week), `weekly_loss_halves` (sizes are
    halved from here), `daily_loss_money` (lost in losing trades today), `drawdown` (of the peak).
    Values above which nothing is opened: `volatility` and `black_swan` (percentiles),
    `market_collar`, `limit_collar`, `drift`, `spread` (fractions of the price), `candle_age`
    (candles), `signal_age` (seconds), `exposure`, `correlated`.

    `untiered` is no bound: those of everybody but the capital tier, where the equity decides on the
    tier; None where it does not.
    """

    least_notional: Bound | None = None
    most_notional: Bound | None = None
    least_share: Bound | None = None
    most_share: Bound | None = None
    strategy_share: Bound | None = None
    positions: Bound | None = None
    account_positions: Bound | None = None
    trades_a_day: Bound | None = None
    consecutive_losses: Bound | None = None
    api_errors: Bound | None = None
    messages: Bound | None = None
    daily_loss: Bound | None = None
    daily_loss_money: Bound | None = None
    weekly_loss: Bound | None = None
    weekly_loss_halves: Bound | None = None
    drawdown: Bound | None = None
    volatility: Bound | None = None
    black_swan: Bound | None = None
    market_collar: Bound | None = None
    limit_collar: Bound | None = None
    drift: Bound | None = None
    spread: Bound | None = None
    candle_age: Bound | None = None
    signal_age: Bound | None = None
    exposure: Bound | None = None
    correlated: Bound | None = None
    untiered: "Bounds | None" = field(default=None, compare=False, repr=False)


NO_BOUNDS = Bounds()
NAMES = tuple(item.name for item in fields(Bounds) if item.compare)
# Of these the highest is the strictest, of all others the lowest.
MINIMUMS = frozenset({"least_notional", "least_share"})


def bounds_of(source: Source, **values: Decimal | int | None) -> Bounds:
    """What one source sets. Raises ValueError for a bound below 0 or that is no number."""
    return _bounds(
        {
            name: _bound(name, Decimal(value), source)
            for name, value in values.items()
            if value is not None
        }
    )


def strictest(*several: Bounds) -> Bounds:
    """Of each bound the strictest; where two are equal, that of the first who set it."""
    chosen: dict[str, Bound] = {}
    for name in NAMES:
        found = [bound for each in several if (bound := getattr(each, name)) is not None]
        if found:
            choose = max if name in MINIMUMS else min
            chosen[name] = choose(found, key=lambda bound: bound.value)
    return _bounds(chosen)


def bounds_kept(kept: Mapping[str, Sequence[str]]) -> Bounds:
    """As `in_force` told them. Raises ValueError for a name, a source or a value that is none."""
    if not kept:
        return NO_BOUNDS
    if unknown := set(kept) - set(NAMES):
        raise ValueError(f"there is no bound {', '.join(sorted(unknown))}")
    try:
        return _bounds(
            {
                name: _bound(name, Decimal(value), Source(source))
                for name, (value, source) in kept.items()
            }
        )
    except InvalidOperation as error:
        raise ValueError("a bound is a number") from error


def in_force(bounds: Bounds) -> dict[str, tuple[str, str]]:
    """Each bound that is set, as a receipt keeps it: its value and its source."""
    found = ((name, getattr(bounds, name)) for name in NAMES)
    return {name: (bound.said, bound.source) for name, bound in found if bound is not None}


def _bounds(by_name: dict[str, Any]) -> Bounds:
    return Bounds(**by_name)


def _bound(name: str, value: Decimal, source: Source) -> Bound:
    if not value.is_finite() or value < 0:
        raise ValueError(f"{name} must be 0 or more, not {value}")
    return Bound(value, source.value, plain(value))
