"""The orders and the money of one simulated account: what the rows are to the platform.

Each step does what the service of the same name does with rows, by the same rules of the core
(matching, ledger, protection, reservations). That both come to the same is proved by running both
on the same candles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from trading.exit_plans import Ladder
from trading.exits import ExitReason
from trading.instruments import InstrumentRules
from trading.ledger import PositionState, RoundTrip, apply_funding
from trading.margin import funding_payment, locked
from trading.matching import Book, refusal
from trading.money import ZERO
from trading.orders import Leg, OrderTicket
from trading.results import Result

ACCOUNT = 1


@dataclass(slots=True)
class Placed:
    """An order that works. `left` of it is in its ticket; the rest is what an entry remembers."""

    number: int
    ticket: OrderTicket
    leg: Leg
    instrument: int
    decision: int
    reference_price: Decimal = ZERO  # of an entry: what it was sized at
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    stop_limit_price: Decimal | None = None
    stop_trailing_offset: Decimal | None = None
    stop_trailing_offset_type: str = ""
    ladder: Ladder | None = None
    rung: int = 0  # of an exit that takes a part

    @property
    def side(self) -> str:
        return self.ticket.side.value

    @property
    def order_type(self) -> str:
        return self.ticket.order_type.value


@dataclass(slots=True)
class Climb:
    """A position with a ladder: the entry that opened it, and how far it has got. `tries` are when
    exits of each rung were sent."""

    decision: int
    ladder: Ladder
    entered_inside: bool
    last_fill: datetime
    done: int = 0
    tries: dict[int, list[datetime]] = field(default_factory=dict)


@dataclass(slots=True)
class Closed:
    """A round trip with what closed it."""

    instrument: int
    trip: RoundTrip
    reason: ExitReason


@dataclass(slots=True)
class Account:
    rules: dict[int, InstrumentRules]
    cash: Decimal
    slippage_bps: int
    participation: Decimal | None = None
    positions: dict[int, PositionState] = field(default_factory=dict)
    working: dict[str, Placed] = field(default_factory=dict)
    reserved: dict[str, Decimal] = field(default_factory=dict)
    realised: dict[date, Decimal] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)  # that count, as they came
    closed: list[Closed] = field(default_factory=list)
    climbs: dict[int, Climb] = field(default_factory=dict)
    numbers: int = 0

    def position(self, instrument: int) -> PositionState:
        return self.positions.get(instrument) or PositionState()

    def free_cash(self) -> Decimal:
        kept = sum(
            (
                locked(state.cost, self.rules[instrument].initial_margin)
                for instrument, state in self.positions.items()
            ),
            ZERO,
        )
        return self.cash - sum(self.reserved.values(), ZERO) - kept

    def place(self, order: Placed, *, reserve: Decimal = ZERO) -> None:
        """Send it: the venue takes it, or refuses it on sight."""
        if refusal(order.ticket) is not None:
            return
        self.working[order.ticket.client_order_id] = order
        if reserve:
            self.reserved[order.ticket.client_order_id] = reserve

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def end(self, names: Iterable[str]) -> None:
        for name in list(names):
            self.working.pop(name, None)
            self.reserved.pop(name, None)

    def at_the_venue(self, instrument: int, orders: Sequence[Placed], free: Decimal) -> Book:
        """The venue's side of it for one instrument; `free` is shared by all of one pass."""
        state, rules = self.position(instrument), self.rules[instrument]
        return Book(
            rules=rules,
            orders=[order.ticket for order in orders],
            free_cash={ACCOUNT: free},
            slippage_bps={ACCOUNT: self.slippage_bps},
            positions={instrument: state.quantity},
            reserved=dict(self.reserved),
            locked={instrument: locked(state.cost, rules.initial_margin)},
            participation=self.participation,
        )

    def charge_funding(
        self, instrument: int, price: Decimal, rate: Decimal, due: datetime, now: datetime
    ) -> None:
        state = self.position(instrument)
        if not state.quantity or state.opened_at is None or state.opened_at >= due:
            return
        amount = funding_payment(state.quantity, price, rate)
        self.positions[instrument], _ = apply_funding(state, amount)
        self.cash += amount
        self.add_realised(now.date(), amount)

    def add_realised(self, day: date, amount: Decimal) -> None:
        self.realised[day] = self.realised.get(day, ZERO) + amount
