"""The life of an order: one table says what may follow what. Also the words spoken with a venue."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading.money import ZERO
from trading.order_kinds import OrderType, TimeInForce
from trading.signals import OffsetType, Side

__all__ = [
    "ENDED", "OPEN", "TRANSITIONS", "WORKING", "FillReport", "Leg", "OrderReport", "OrderStatus",
    "OrderTicket", "OrderType", "TimeInForce", "TransitionNotAllowed", "advance",
    "client_order_id", "sources_of", "status_after_fill",
]  # fmt: skip

_NAMESPACE = uuid.UUID("6f1d3a52-7f0c-4d6b-9f43-4a0f5f0b8f11")


class Leg(StrEnum):
    """Which of the orders of one decision this is."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"
    LIQUIDATION = "liquidation"
    EXIT = "exit"


PROTECTIVE = frozenset({Leg.STOP, Leg.TARGET, Leg.LIQUIDATION})
"""They stand at the venue beside a position, and cover all of it."""


class OrderStatus(StrEnum):
    PENDING = "pending"  # written, not sent
    SUBMITTED = "submitted"  # marked before the call; the answer may be unknown
    ACCEPTED = "accepted"
    TRIGGERED = "triggered"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    FILLED = "filled"
    CANCELED = "canceled"
    REPLACED = "replaced"
    EXPIRED = "expired"
    REJECTED = "rejected"
    LOST = "lost"


S = OrderStatus
_FILLS = frozenset({S.PARTIALLY_FILLED, S.FILLED})
_ENDS = frozenset({S.CANCELED, S.EXPIRED, S.LOST})

TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    S.PENDING: frozenset({S.SUBMITTED, S.CANCELED, S.EXPIRED}),
    S.SUBMITTED: _FILLS | _ENDS | {S.ACCEPTED, S.TRIGGERED, S.REJECTED, S.PENDING_CANCEL},
    S.ACCEPTED: _FILLS | _ENDS | {S.TRIGGERED, S.PENDING_CANCEL, S.PENDING_REPLACE, S.REJECTED},
    S.TRIGGERED: _FILLS | _ENDS | {S.PENDING_CANCEL, S.PENDING_REPLACE, S.REJECTED},
    S.PARTIALLY_FILLED: _FILLS | _ENDS | {S.PENDING_CANCEL, S.PENDING_REPLACE},
    # A venue may refuse the cancel (back to working) or fill first.
    S.PENDING_CANCEL: _FILLS | _ENDS | {S.ACCEPTED, S.TRIGGERED},
    S.PENDING_REPLACE: _FILLS | _ENDS | {S.ACCEPTED, S.TRIGGERED, S.REPLACED},
    # A fill can overtake our cancel, the venue's clock, or the end of our search.
    S.CANCELED: _FILLS,
    S.EXPIRED: _FILLS,
    S.LOST: _FILLS | {S.ACCEPTED, S.CANCELED, S.EXPIRED, S.REJECTED},
    S.FILLED: frozenset(),
    S.REPLACED: frozenset(),
    S.REJECTED: frozenset(),
}

WORKING = frozenset(
    {S.SUBMITTED, S.ACCEPTED, S.TRIGGERED, S.PARTIALLY_FILLED, S.PENDING_CANCEL, S.PENDING_REPLACE}
)
OPEN = WORKING | {S.PENDING}
ENDED = frozenset(S) - OPEN


class TransitionNotAllowed(Exception):
    """The life of an order has no such step."""

    def __init__(self, old: OrderStatus, new: OrderStatus) -> None:
        super().__init__(f"An order that is {old} cannot become {new}.")
        self.old = old
        self.new = new


def advance(old: OrderStatus, new: OrderStatus) -> OrderStatus:
    """`new`, if the table allows it. Raises TransitionNotAllowed."""
    if new not in TRANSITIONS[old]:
        raise TransitionNotAllowed(old, new)
    return new


def sources_of(new: OrderStatus) -> frozenset[OrderStatus]:
    """Every status from which `new` may follow: the condition of a bulk compare-and-swap."""
    return frozenset(old for old, following in TRANSITIONS.items() if new in following)


def status_after_fill(quantity: Decimal, filled: Decimal) -> OrderStatus:
    return S.FILLED if filled >= quantity else S.PARTIALLY_FILLED


def client_order_id(origin: str, leg: Leg) -> str:
    """32 lower-case hex digits, the same for the same origin (`decision:7`, `exit:9`) and leg: our
    name for the order at every venue, minted before it is sent.
    """
    return uuid.uuid5(_NAMESPACE, f"{origin}:{leg}").hex


@dataclass(frozen=True, slots=True)
class OrderTicket:
    """An order as it is handed to a venue. `account` and `position` are our ids, opaque to the
    venue."""

    client_order_id: str
    account: int
    position: int  # the subscription: orders of one position share what there is to close
    side: Side
    order_type: OrderType
    quantity: Decimal
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    reduce_only: bool = False
    oco_group: str = ""  # when one of the group fills, the venue cancels the others
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time: datetime | None = None  # of DAY: the end of its session
    post_only: bool = False
    takes_all: bool = False  # for all the money that is free as it fills; `quantity` is an estimate
    trailing_offset: Decimal | None = None  # how far behind the best price a trailing stop stays
    trailing_offset_type: OffsetType = OffsetType.PRICE
    filled: Decimal = ZERO  # what it has done so far; `quantity` is what is left
    is_triggered: bool = False  # its trigger was reached on an earlier candle
    active_from: datetime | None = None  # since when it is at the venue; None = only now


@dataclass(frozen=True, slots=True)
class OrderReport:
    """What a venue says of an order."""

    client_order_id: str
    venue_order_id: str
    status: OrderStatus
    code: str = ""  # the venue's reason, for REJECTED and CANCELED


@dataclass(frozen=True, slots=True)
class FillReport:
    """One execution. `commission` is in quote currency, positive when paid."""

    client_order_id: str
    venue_trade_id: str
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal
    filled_at: datetime
    is_maker: bool = False
