"""Reads the values that somebody typed, and refuses in words what cannot be read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple, TypeVar

from trading.gates.risk_facts import NOT_PROVIDED, Mode
from trading.gates.risk_facts import Told as Fact
from trading.gates.values import TradingState
from trading.money import AMOUNT_STEP, ZERO
from trading.plans import PLAN_LIMITS, PlanLimits
from trading.signals import Action
from trading.tiers import CapitalTier, tier_of
from trading.what_if.assuming import assumed

E = TypeVar("E", bound=StrEnum)

FIELDS = frozenset(
    {
        "tier", "plan", "mode", "trading_state", "capital", "exposure", "peak_equity",
        "start_of_day_equity", "daily_pnl", "open_positions", "trades_today", "volatility",
        "intent",
    }
)  # fmt: skip
# What a column of money holds.
_TOO_LARGE, _TOO_SMALL = Decimal(10) ** 20, Decimal("1e-18")
# Wide enough for whatever such numbers make of each other; a loss is rounded up.
_EXACT = Context(prec=100, rounding=ROUND_CEILING)
INTENT_FIELDS = frozenset({"symbol", "side", "notional", "price", "stop"})
ACTIONS = {
    "buy": Action.ENTER_LONG,
    "long": Action.ENTER_LONG,
    "sell": Action.ENTER_SHORT,
    "short": Action.ENTER_SHORT,
}


class NotUsable(ValueError):
    """`code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Offer(NamedTuple):
    """What a plan lets its owner trade; `tier` where it carries one of its own."""

    limits: PlanLimits
    tier: CapitalTier | None = None


PUBLISHED: Mapping[str, Offer] = {code.value: Offer(limits) for code, limits in PLAN_LIMITS.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """`own_tier`: that was named, or that the plan carries; None where the capital decides on it.
    `assumed`: what was taken for granted because it was not said."""

    tier: CapitalTier
    own_tier: CapitalTier | None
    plan: str | None
    mode: Mode
    trading_state: TradingState
    capital: Decimal
    exposure: Decimal
    peak_equity: Fact[Decimal]
    start_of_day_equity: Fact[Decimal]
    daily_pnl: Fact[Decimal]
    open_positions: Fact[int]
    trades_today: Fact[int]
    volatility: Fact[Decimal]
    symbol: str
    action: Action
    notional: Decimal
    price: Decimal
    stop: Decimal | None
    assumed: tuple[str, ...]
    plan_allows_live: Fact[bool]

    @property
    def is_live(self) -> bool:
        return self.mode is Mode.LIVE

    @property
    def loss_at_stop(self) -> Decimal | None:
        if self.stop is None:
            return None
        lost = _EXACT.multiply(self.notional, abs(self.price - self.stop))
        return _EXACT.quantize(_EXACT.divide(lost, self.price), AMOUNT_STEP)


def read(values: Mapping[str, object], plans: Mapping[str, Offer] = PUBLISHED) -> Told:
    """`plans`: those that there are, by their codes. Raises NotUsable."""
    _only(values, FIELDS, "the question")
    intent = values.get("intent")
    if not isinstance(intent, Mapping):
        raise NotUsable("missing_field", "intent must be an object.")
    _only(intent, INTENT_FIELDS, "intent")
    capital = _number(values, "capital")
    price, action = _positive(intent, "price"), _action(intent)
    plan = _choice(values, "plan", plans)
    offer = None if plan is None else plans[plan]
    tier_of_plan = None if offer is None else offer.tier
    own_tier = _tier(values, tier_of_plan)
    return Told(
        tier=own_tier or tier_of(capital),
        own_tier=own_tier,
        plan=plan,
        mode=_one_of(values, "mode", Mode) or Mode.LIVE,
        trading_state=_state(values),
        capital=capital,
        exposure=_number(values, "exposure") if "exposure" in values else ZERO,
        peak_equity=_fact(values, "peak_equity"),
        start_of_day_equity=_fact(values, "start_of_day_equity"),
        daily_pnl=_fact(values, "daily_pnl"),
        open_positions=_count(values, "open_positions"),
        trades_today=_count(values, "trades_today"),
        volatility=_fact(values, "volatility"),
        symbol=_text(intent, "symbol"),
        action=action,
        notional=_positive(intent, "notional"),
        price=price,
        stop=_stop(intent, price, action),
        assumed=tuple(assumed(values, tier_of_plan)),
        plan_allows_live=NOT_PROVIDED if offer is None else offer.limits.allows_live,
    )


def _only(values: Mapping[str, object], allowed: frozenset[str], where: str) -> None:
    unknown = sorted(set(values) - allowed)
    if unknown:
        said = f"{unknown[0]} is not a field of {where}: those are {', '.join(sorted(allowed))}."
        raise NotUsable("unknown_field", said)


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value.strip():
        raise NotUsable("missing_field", f"{name} must be a text.")
    return value.strip()


def _action(intent: Mapping[str, object]) -> Action:
    side = _text(intent, "side").lower()
    if side not in ACTIONS:
        raise NotUsable("unknown_side", f"side must be one of {', '.join(ACTIONS)}, not {side}.")
    return ACTIONS[side]


def _one_of(values: Mapping[str, object], name: str, kind: type[E]) -> E | None:
    said = _choice(values, name, [item.value for item in kind])
    return None if said is None else kind(said)


def _choice(values: Mapping[str, object], name: str, choices: Collection[str]) -> str | None:
    if values.get(name) is None:
        return None
    said = _text(values, name).lower()
    if said not in choices:
        raise NotUsable(
            f"unknown_{name}", f"{name} must be one of {', '.join(choices)}, not {said}."
        )
    return said


def _tier(values: Mapping[str, object], own: CapitalTier | None) -> CapitalTier | None:
    """That of the plan, where it carries one: no other can be named beside it."""
    said = _one_of(values, "tier", CapitalTier)
    if own is not None and said not in {None, own}:
        raise NotUsable("tier_of_plan", f"the plan carries the tier {own.upper()}, not {said}.")
    return own or said


def _state(values: Mapping[str, object]) -> TradingState:
    if values.get("trading_state") is None:
        return TradingState.ACTIVE
    said = _text(values, "trading_state").upper()
    if said not in TradingState.__members__:
        choices = ", ".join(TradingState.__members__)
        message = f"trading_state must be one of {choices}, not {said}."
        raise NotUsable("unknown_trading_state", message)
    return TradingState[said]


def _number(values: Mapping[str, object], name: str) -> Decimal:
    value = values.get(name)
    if value is None:
        raise NotUsable("missing_field", f"{name} is missing.")
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str | float):
        raise NotUsable("not_a_number", f"{name} must be a number.")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise NotUsable("not_a_number", f"{name} must be a number, not {value}.") from error
    if not number.is_finite():
        raise NotUsable("not_a_number", f"{name} must be a number, not {value}.")
    if abs(number) >= _TOO_LARGE or (number and abs(number) < _TOO_SMALL):
        raise NotUsable("out_of_range", f"{name} must be between 10^-18 and 10^20.")
    return number


def _positive(values: Mapping[str, object], name: str) -> Decimal:
    number = _number(values, name)
    if number <= 0:
        raise NotUsable("not_positive", f"{name} must be above 0, not {number}.")
    return number


def _fact(values: Mapping[str, object], name: str) -> Fact[Decimal]:
    """Not mentioned: never provided. None: not known."""
    if name not in values:
        return NOT_PROVIDED
    return None if values[name] is None else _number(values, name)


def _count(values: Mapping[str, object], name: str) -> Fact[int]:
    number = _fact(values, name)
    if number is None or number is NOT_PROVIDED:
        return number
    if number < 0 or number != number.to_integral_value():
        raise NotUsable("not_a_count", f"{name} must be a whole number from 0 on, not {number}.")
    return int(number)


def _stop(intent: Mapping[str, object], price: Decimal, action: Action) -> Decimal | None:
    if intent.get("stop") is None:
        return None
    stop = _positive(intent, "stop")
    is_right = stop < price if action is Action.ENTER_LONG else stop > price
    if not is_right:
        side = "below" if action is Action.ENTER_LONG else "above"
        raise NotUsable("invalid_stop", f"the stop must be {side} the price of {price}.")
    return stop
