"""Positions and double entry. Every fill becomes postings that sum to zero in the quote currency.

Accounts of the journal: cash, holdings (positions at cost), fees, realised (profit) and funding
(both negative = a gain, as income is in double entry), deposits. They sum to zero, always: what
people put in equals cash + cost of holdings + fees - profit - funding.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading.money import AMOUNT_STEP, ONE, ZERO, part_down, part_up, proceeds_down
from trading.signals import Direction, Side


class Account(StrEnum):
    CASH = "cash"
    HOLDINGS = "holdings"
    FEES = "fees"
    REALISED = "realised"
    FUNDING = "funding"
    DEPOSITS = "deposits"


@dataclass(frozen=True, slots=True)
class Posting:
    account: Account
    amount: Decimal  # positive = debit


@dataclass(frozen=True, slots=True)
class PositionState:
    """A position and the round trip it is in.

    `quantity` and `cost` are signed (short: both negative); `cost` excludes fees. The entry and
    exit sums, the fees and the funding (got; negative: paid) cover the current round trip and start
    again when it ends. `settled` and `lost` are the limits' (trading/results.py): what it had
    brought when it last ended but for dust, and what it has lost since, as far as that is counted.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    entry_quantity: Decimal = ZERO
    entry_value: Decimal = ZERO
    exit_quantity: Decimal = ZERO
    exit_value: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    settled: Decimal = ZERO
    lost: Decimal = ZERO
    opened_at: datetime | None = None

    @property
    def average_price(self) -> Decimal | None:
        return self.cost / self.quantity if self.quantity else None


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A trade: from flat to flat. `pnl` is net of the fees of both ways, funding included."""

    direction: Direction
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    fees: Decimal
    funding: Decimal
    pnl: Decimal
    opened_at: datetime
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """What one fill did. `realised` is net of nothing: profit on the closed part before fees."""

    position: PositionState
    realised: Decimal
    cash: Decimal  # signed change of cash, fee included
    postings: tuple[Posting, ...]
    closed: RoundTrip | None


class FillCrossesZero(ValueError):
    """A fill would turn a long into a short at once; it must be split at flat."""


def apply_fill(
    position: PositionState,
    side: Side,
    quantity: Decimal,
    price: Decimal,
    commission: Decimal,
    filled_at: datetime,
) -> Applied:
    """The position, cash and postings after the fill. Buying pays rounded up, selling gets rounded
    down.

    Raises FillCrossesZero when the fill is larger than the opposite position it closes.
    """
    signed = quantity if side is Side.BUY else -quantity
    value = value_of(quantity, price, ONE, AMOUNT_STEP, side is Side.BUY)
    cash = -value - commission if side is Side.BUY else value - commission
    if position.quantity * signed >= 0:
        return _increase(position, signed, value, commission, cash, filled_at)
    if abs(signed) > abs(position.quantity):
        raise FillCrossesZero(f"{side} {quantity} against a position of {position.quantity}")
    return _decrease(position, signed, value, commission, cash, filled_at)


def value_of(
    quantity: Decimal,
    price: Decimal,
    whole: Decimal,
    amount: Decimal,
    buys: bool,  # noqa: FBT001 - compiled as it stands
) -> Decimal:
    """On plain numbers: what a fill is worth before its fee, on the smallest amount. `whole` is
    1."""
    worth = quantity * price
    return part_up(worth, whole, amount) if buys else part_down(worth, whole, amount)


def _increase(
    position: PositionState,
    signed: Decimal,
    value: Decimal,
    commission: Decimal,
    cash: Decimal,
    filled_at: datetime,
) -> Applied:
    cost = value if signed > 0 else -value
    after = replace(
        position,
        quantity=position.quantity + signed,
        cost=position.cost + cost,
        entry_quantity=position.entry_quantity + abs(signed),
        entry_value=position.entry_value + value,
        fees=position.fees + commission,
        opened_at=position.opened_at or filled_at,
    )
    return Applied(after, ZERO, cash, _postings(cash, cost, commission, ZERO), None)


def _decrease(
    position: PositionState,
    signed: Decimal,
    value: Decimal,
    commission: Decimal,
    cash: Decimal,
    filled_at: datetime,
) -> Applied:
    remaining = position.quantity + signed
    released = position.cost
    if remaining:
        released = proceeds_down(position.cost * abs(signed) / abs(position.quantity))
    realised = (value if signed < 0 else -value) - released
    postings = _postings(cash, -released, commission, realised)
    after = replace(
        position,
        quantity=remaining,
        cost=position.cost - released,
        exit_quantity=position.exit_quantity + abs(signed),
        exit_value=position.exit_value + value,
        fees=position.fees + commission,
    )
    if remaining:
        return Applied(after, realised, cash, postings, None)
    return Applied(PositionState(), realised, cash, postings, _round_trip(after, signed, filled_at))


def _round_trip(position: PositionState, signed: Decimal, closed_at: datetime) -> RoundTrip:
    direction = Direction.LONG if signed < 0 else Direction.SHORT
    gross = position.exit_value - position.entry_value
    if direction is Direction.SHORT:
        gross = -gross
    return RoundTrip(
        direction=direction,
        quantity=position.entry_quantity,
        entry_price=position.entry_value / position.entry_quantity,
        exit_price=position.exit_value / position.exit_quantity,
        fees=position.fees,
        funding=position.funding,
        pnl=gross - position.fees + position.funding,
        opened_at=position.opened_at or closed_at,
        closed_at=closed_at,
    )


def break_even_price(position: PositionState, taker_fee: Decimal) -> Decimal:
    """The price at which leaving now, at the taker's fee, ends the round trip at zero: what earlier
    exits of it have earned, every fee and funding are counted. Not rounded. For a position that is
    not flat.
    """
    earned = position.exit_value - position.entry_value
    paid = position.fees - position.funding
    if position.quantity < 0:
        return (-earned - paid) / (abs(position.quantity) * (1 + taker_fee))
    return (paid - earned) / (position.quantity * (1 - taker_fee))


def apply_funding(
    position: PositionState, amount: Decimal
) -> tuple[PositionState, tuple[Posting, ...]]:
    """The position and the postings after it got `amount` (negative: paid it)."""
    after = replace(position, funding=position.funding + amount)
    return after, (Posting(Account.CASH, amount), Posting(Account.FUNDING, -amount))


def deposit(amount: Decimal) -> tuple[Posting, ...]:
    """Money that came in (negative: went out)."""
    return (Posting(Account.CASH, amount), Posting(Account.DEPOSITS, -amount))


def total(postings: Iterable[Posting]) -> Decimal:
    return sum((posting.amount for posting in postings), ZERO)


def _postings(
    cash: Decimal, holdings: Decimal, fees: Decimal, realised: Decimal
) -> tuple[Posting, ...]:
    lines = (
        Posting(Account.CASH, cash),
        Posting(Account.HOLDINGS, holdings),
        Posting(Account.FEES, fees),
        Posting(Account.REALISED, -realised),
    )
    return tuple(line for line in lines if line.amount)
