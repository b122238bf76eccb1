"""What a pass of a candle is given, and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from trading.instruments import InstrumentRules
from trading.matching.amounts import (
    MAX_PARTICIPATION,
    cash_change,
    commission_of,
    locked_after,
    still_reserved,
)
from trading.money import AMOUNT_STEP, ZERO
from trading.orders import FillReport, OrderReport, OrderTicket
from trading.signals import Side

# The venue's reasons, on the reports of a pass.
INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
OCO_SIBLING_FILLED = "OCO_SIBLING_FILLED"
NOTHING_TO_REDUCE = "NOTHING_TO_REDUCE"
POST_ONLY_WOULD_TAKE = "POST_ONLY_WOULD_TAKE"
IOC_UNFILLED = "IOC_UNFILLED"
FOK_UNFILLED = "FOK_UNFILLED"
SESSION_ENDED = "SESSION_ENDED"


@dataclass(slots=True)
class Book:
    """The venue's side of the accounts for one instrument. Matching changes it.

    `free_cash` and `slippage_bps` are by account; `positions` (signed quantity) and `locked` (what
    a short keeps of the cash, not part of what is free) by position id. `reserved` is what an
    order's own reservation adds to the free cash of its account.
    """

    rules: InstrumentRules
    orders: Sequence[OrderTicket]
    free_cash: dict[int, Decimal]
    slippage_bps: dict[int, int]
    positions: dict[int, Decimal]
    reserved: dict[str, Decimal] = field(default_factory=dict)
    participation: Decimal | None = MAX_PARTICIPATION  # None = a candle fills any quantity
    locked: dict[int, Decimal] = field(default_factory=dict)

    def pay(
        self, order: OrderTicket, quantity: Decimal, price: Decimal, *, is_maker: bool
    ) -> Decimal | None:
        """Take the fill's cash and move the position. The commission; None = it cannot be paid."""
        fee = self.rules.maker_fee if is_maker else self.rules.taker_fee
        commission = commission_of(quantity, price, fee, AMOUNT_STEP)
        kept = self.reserved.pop(order.client_order_id, ZERO)
        free = self.free_cash.get(order.account, ZERO) + kept
        stays = still_reserved(kept, order.quantity - quantity, order.quantity)
        held = self.positions.get(order.position, ZERO)
        before = self.locked.get(order.position, ZERO)
        keeps = locked_after(before, held, order.side, quantity, price, self.rules)
        after = free - stays + cash_change(order.side, quantity, price, commission) + before - keeps
        if not order.reduce_only and after < 0:
            self.free_cash[order.account] = free
            return None
        if stays:
            self.reserved[order.client_order_id] = stays
        self.free_cash[order.account] = after
        self.locked[order.position] = keeps
        self.positions[order.position] = held + (quantity if order.side is Side.BUY else -quantity)
        return commission

    def release(self, order: OrderTicket) -> None:
        """What it had set aside is free again."""
        amount = self.reserved.pop(order.client_order_id, None)
        if amount is not None:
            self.free_cash[order.account] = self.free_cash.get(order.account, ZERO) + amount


@dataclass(frozen=True, slots=True)
class Moved:
    """A trailing stop that works on, at a trigger nearer to the market."""

    client_order_id: str
    trigger_price: Decimal


@dataclass(frozen=True, slots=True)
class Matched:
    """`reports` are cancels, rejections, expiries and triggers; a fill speaks for itself. An order
    may have both: a fill, and then the end of what was left of it.
    """

    fills: tuple[FillReport, ...]
    reports: tuple[OrderReport, ...]
    moves: tuple[Moved, ...] = ()
