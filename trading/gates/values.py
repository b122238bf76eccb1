"""What a gate is given and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Literal, NamedTuple, TypeVar

from trading.gates.bounds import NO_BOUNDS, Bounds
from trading.gates.codes import GateCode
from trading.gates.risk_facts import NOT_PROVIDED, NOTHING_PROVIDED, RiskFacts, Told
from trading.instruments import InstrumentRules
from trading.money import plain
from trading.order_kinds import TimeInForce
from trading.signals import Action, Direction
from trading.sizing import ENTRY_BUFFER, Cap, SizingPolicy

T = TypeVar("T")
NO_LIMIT = "no limit"
MOMENT = "%Y-%m-%d %H:%M UTC"


class TradingState(IntEnum):
    """Each is stricter than the one before; exits leave in all of them."""

    ACTIVE = 0
    REDUCING = 1  # nothing new
    HALTED = 2  # and working entries are cancelled
    LIQUIDATING = 3  # and positions are closed


class Outcome(StrEnum):
    ORDERED = "ordered"
    DENIED = "denied"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    ERROR = "error"


class Status(IntEnum):
    REFUSED = 0
    PASSED = 1
    NOT_APPLICABLE = 2  # the fact is never provided, or nobody set a limit


class Verdict(NamedTuple):
    """One gate's answer. `gate` is its number in the catalogue, which never changes its meaning;
    `source` says who set the limit, where several could have.
    """

    gate: int
    status: int
    code: str
    observed: str
    limit: str
    source: str = ""

    def stored(self) -> tuple[int | str, ...]:
        """As receipts keep it: without a source that is not there."""
        return tuple(self) if self.source else self[:5]


@dataclass(frozen=True, slots=True)
class Intent:
    """A signal with a size: what would be ordered."""

    action: Action
    quantity: Decimal
    entry_price: Decimal
    cost: Decimal  # cash to set aside, fee and buffer included; 0 for an exit
    buffer: Decimal = ENTRY_BUFFER
    time_in_force: TimeInForce = TimeInForce.GTC
    size_fraction: Decimal | None = None  # of the capital, as the signal said
    is_typed: bool = False  # a person or a client named the size: it is denied, never cut down
    over: Cap | None = None  # the tightest cap that a typed size is above
    rests: bool = False  # at a price of its own, instead of filling at the market's

    @property
    def notional(self) -> Decimal:
        return self.quantity * self.entry_price


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts at the moment of deciding. None = not known, and a gate that needs it refuses."""

    rules: InstrumentRules
    trading_state: TradingState | None
    is_subscribed: bool
    is_symbol_allowed: bool
    is_market_open: bool | None
    account_currency: str
    candles_seen: int | None
    free_cash: Decimal | None
    open_positions: int | None  # open or being opened
    day_pnl: Decimal | None  # today's, realised and not, after fees
    position_quantity: Decimal | None  # signed, in this instrument
    is_entering: bool  # an entry in this instrument is on its way
    is_leaving: bool  # an exit at market of this position is on its way
    session_end: datetime | None = None  # of the session that is on
    risk: RiskFacts = NOTHING_PROVIDED

    def turns(self, action: Action) -> bool:
        """Whether the entry takes the place of an opposite position that is being left. At the
        venue the exit fills first, at the same open."""
        held = self.position_quantity
        if held is None or not held.is_finite() or not held or not self.is_leaving:
            return False
        return action.is_entry and (held > 0) is not (action.direction is Direction.LONG)


@dataclass(frozen=True, slots=True)
class Limits:
    """A subscription's settings, each inherited from its version where it sets none."""

    capital: Decimal
    risk_per_trade: Decimal
    leverage: Decimal
    max_positions: int
    max_daily_loss: Decimal  # a fraction of capital
    warmup_candles: int
    sizing: SizingPolicy = SizingPolicy.RISK  # the version's; nobody sets another
    bounds: Bounds = NO_BOUNDS  # of all other sources, the strictest of each


# A verdict is made thirty times for each subscriber: the constructor of a named tuple would take
# longer than the question.
_new = tuple.__new__
_PASSED, _NOT_APPLICABLE = Status.PASSED, Status.NOT_APPLICABLE


def passed(gate: int, observed: object, limit: object = "", source: str = "") -> Verdict:
    if not isinstance(observed, str):
        observed = plain(observed) if isinstance(observed, Decimal) else str(observed)
    if not isinstance(limit, str):
        limit = plain(limit) if isinstance(limit, Decimal) else str(limit)
    return _new(Verdict, (gate, _PASSED, "", observed, limit, source))


def refused(
    gate: int, code: GateCode, observed: object, limit: object = "", source: str = ""
) -> Verdict:
    return Verdict(gate, Status.REFUSED, code.value, text(observed), text(limit), source)


def answer(
    gate: int, code: GateCode | Literal[""], observed: object, limit: object = "", source: str = ""
) -> Verdict:
    """Refused with the code, or passed where there is none."""
    if code:
        return refused(gate, code, observed, limit, source)
    return passed(gate, observed, limit, source)


def not_applicable(gate: int, why: str) -> Verdict:
    """`why` is the fact that is never provided, or `NO_LIMIT`."""
    return _new(Verdict, (gate, _NOT_APPLICABLE, "", why, "", ""))


def known(gate: int, name: str, value: Told[T]) -> T | Verdict:
    """The fact, or the verdict of a gate that cannot have it."""
    if value is NOT_PROVIDED:
        return not_applicable(gate, name)
    if value is None or (isinstance(value, Decimal) and not value.is_finite()):
        return unknown(gate, name)
    return value


def capital_of(gate: int, name: str, value: Told[Decimal]) -> Decimal | Verdict:
    """An equity above 0, or the verdict of a gate that cannot go on without one."""
    if isinstance(value, Decimal) and value.is_finite() and value > 0:
        return value
    equity = known(gate, name, value)
    if isinstance(equity, Verdict) or equity > 0:
        return equity
    return refused(gate, GateCode.NO_CAPITAL, equity, 0)


def worth(gate: int, intent: Intent) -> Decimal | Verdict:
    """What would be ordered is worth, or the verdict of a gate that cannot tell."""
    if not intent.quantity.is_finite():
        return unknown(gate, "quantity")
    if not intent.entry_price.is_finite():
        return unknown(gate, "entry_price")
    return intent.notional


def unknown(gate: int, fact: str) -> Verdict:
    """The refusal of a gate that lacks a fact; names it."""
    return Verdict(gate, Status.REFUSED, GateCode.FACT_UNKNOWN.value, fact, "")


def missing(**facts: Decimal | None) -> str:
    """The name of the first fact that is absent or no finite number; empty = all are known."""
    for name, value in facts.items():
        if value is None or not value.is_finite():
            return name
    return ""


def text(value: object) -> str:
    """Decimals without exponent or trailing zeros, the rest as they print."""
    return plain(value) if isinstance(value, Decimal) else str(value)


def moment(value: datetime) -> str:
    """`2026-06-01 14:05 UTC`; only times in UTC are told."""
    return value.strftime(MOMENT)
