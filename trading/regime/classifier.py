"""The class of the whole market: the first rule that holds, in this order.

A rule has three answers. Where an input that it needs is not known, and the others do not settle
it, it cannot tell; then nobody can tell the class, for a later rule must not speak before an
earlier one: the reading names what is missing. No input is ever taken for zero.

VIX and equity momentum may be NOT_APPLICABLE: no feed of the market has them. Then

    risk_off, by either rule    asks whether two markets fall together; without one it cannot fire
    high_volatility             is decided by crypto volatility alone
    low_volatility              is decided by crypto volatility alone, under a name of its own
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum, StrEnum
from math import isfinite
from typing import Literal, NamedTuple


class Regime(StrEnum):
    TRENDING_UP = "trending_up"
    TRENDING_DOWN = "trending_down"
    RANGING = "ranging"
    HIGH_VOLATILITY = "high_volatility"
    LOW_VOLATILITY = "low_volatility"
    RISK_OFF = "risk_off"


class _Absent(Enum):
    NOT_APPLICABLE = "not_applicable"


NOT_APPLICABLE: Literal[_Absent.NOT_APPLICABLE] = _Absent.NOT_APPLICABLE
Known = float | None
Optional = float | Literal[_Absent.NOT_APPLICABLE] | None

VIX_OF_FEAR, VIX_OF_STRESS, VIX_OF_CALM = 30.0, 25.0, 15.0
WILD, CALM = 60.0, 30.0  # crypto volatility
TREND = 40.0  # momentum, either way
EQUITY_FALL = -30.0  # momentum that a fearful VIX makes a flight


@dataclass(frozen=True, slots=True)
class Inputs:
    """Volatility 0 to 100, momentum -100 to 100, VIX in points. None = not known now."""

    crypto_volatility: Known
    crypto_momentum: Known
    equity_momentum: Optional = NOT_APPLICABLE
    vix: Optional = NOT_APPLICABLE

    def __post_init__(self) -> None:
        for name, value in self.named().items():
            if isinstance(value, float) and not isfinite(value):
                raise ValueError(f"{name} must be a number or None, not {value}")

    def named(self) -> dict[str, Optional]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def missing(self) -> tuple[str, ...]:
        return tuple(name for name, value in self.named().items() if value is None)

    def as_json(self) -> dict[str, float | str | None]:
        return {
            name: value.value if isinstance(value, _Absent) else value
            for name, value in self.named().items()
        }


class Rule(NamedTuple):
    """`holds` answers None where it cannot tell."""

    name: str
    regime: Regime
    words: str
    holds: Callable[[Inputs], bool | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """`regime` is None where the rule could not tell, for want of what is `missing`."""

    regime: Regime | None
    rule: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """After one candle: the class in force, and the class of that candle alone. None = unknown."""

    regime: Regime | None
    observed: Regime | None


def classify(inputs: Inputs) -> Reading:
    """The class of one candle, without regard to those before it."""
    for rule in RULES.values():
        holds = rule.holds(inputs)
        if holds is None:
            return Reading(None, rule.name, inputs.missing())
        if holds:
            return Reading(rule.regime, rule.name, ())
    raise AssertionError("the last rule holds")


def follow(before: Standing | None, observed: Regime | None) -> Standing:
    """The class in force after a candle: another one is entered with its second candle in a row.

    That goes for the first class ever, and for being unknown, too. `before` is how things stood
    after the candle just before this one; after a hole, pass what is in force as what was observed.
    """
    if before is None:
        return Standing(None, observed)
    confirmed = observed == before.observed
    return Standing(observed if confirmed else before.regime, observed)


def _at_least(value: Optional, limit: float) -> bool | None:
    if isinstance(value, _Absent):
        return False
    return None if value is None else value >= limit


def _at_most(value: Optional, limit: float) -> bool | None:
    if isinstance(value, _Absent):
        return False
    return None if value is None else value <= limit


def _both(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001 - logic
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _either(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001 - logic
    if left or right:
        return True
    return None if left is None or right is None else False


def _is_flight(i: Inputs) -> bool | None:
    return _both(_at_least(i.vix, VIX_OF_FEAR), _at_most(i.equity_momentum, EQUITY_FALL))


def _is_common_fall(i: Inputs) -> bool | None:
    return _both(_at_most(i.crypto_momentum, -TREND), _at_most(i.equity_momentum, -TREND))


def _is_wild(i: Inputs) -> bool | None:
    return _either(_at_least(i.crypto_volatility, WILD), _at_least(i.vix, VIX_OF_STRESS))


def _is_calm(i: Inputs) -> bool | None:
    return _both(_at_most(i.crypto_volatility, CALM), _at_most(i.vix, VIX_OF_CALM))


def _is_calm_without_vix(i: Inputs) -> bool | None:
    return _both(i.vix is NOT_APPLICABLE, _at_most(i.crypto_volatility, CALM))


_IN_ORDER = (
    Rule(
        "risk_off_by_vix", Regime.RISK_OFF,
        f"the VIX is {VIX_OF_FEAR:g} or more while equities fall "
        f"(momentum {EQUITY_FALL:g} or less)",
        _is_flight,
    ),
    Rule(
        "risk_off_by_common_fall", Regime.RISK_OFF,
        f"crypto and equities fall together (momentum of both {-TREND:g} or less)",
        _is_common_fall,
    ),
    Rule(
        "high_volatility", Regime.HIGH_VOLATILITY,
        f"crypto volatility is {WILD:g} or more, or the VIX is {VIX_OF_STRESS:g} or more",
        _is_wild,
    ),
    Rule(
        "trending_up", Regime.TRENDING_UP,
        f"crypto momentum is {TREND:g} or more",
        lambda i: _at_least(i.crypto_momentum, TREND),
    ),
    Rule(
        "trending_down", Regime.TRENDING_DOWN,
        f"crypto momentum is {-TREND:g} or less",
        lambda i: _at_most(i.crypto_momentum, -TREND),
    ),
    Rule(
        "low_volatility", Regime.LOW_VOLATILITY,
        f"crypto volatility is {CALM:g} or less and the VIX is {VIX_OF_CALM:g} or less",
        _is_calm,
    ),
    Rule(
        "low_volatility_without_vix", Regime.LOW_VOLATILITY,
        f"crypto volatility is {CALM:g} or less; there is no VIX here to agree with it",
        _is_calm_without_vix,
    ),
    Rule("ranging", Regime.RANGING, "no other rule holds", lambda _: True),
)  # fmt: skip
RULES = {rule.name: rule for rule in _IN_ORDER}
