"""What stands beside a position from the first fill of its entry on, one cancelling the others: its
stop, its target, and of a short on paper where the venue closes it."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from trading.exits import ProtectiveLeg, liquidation_leg, protective_legs
from trading.instruments import InstrumentRules
from trading.orders import Leg, OrderType
from trading.signals import Direction, ExitPlan, OffsetType, Trail


class Entry(Protocol):
    """What an entry remembers of how its position is to be left; its row has it, and its
    simulation."""

    @property
    def side(self) -> str: ...
    @property
    def order_type(self) -> str: ...
    @property
    def stop_price(self) -> Decimal | None: ...
    @property
    def target_price(self) -> Decimal | None: ...
    @property
    def stop_limit_price(self) -> Decimal | None: ...
    @property
    def stop_trailing_offset(self) -> Decimal | None: ...
    @property
    def stop_trailing_offset_type(self) -> str: ...


class Standing(NamedTuple):
    """One order beside the position; candles that open at `active_from` or later may reach it."""

    leg: ProtectiveLeg
    active_from: datetime


def direction_of(entry: Entry) -> Direction:
    return Direction.LONG if entry.side == "buy" else Direction.SHORT


def beside(
    entry: Entry,
    average: Decimal,
    rules: InstrumentRules,
    opened_at: datetime,
    now: datetime,
    *,
    is_liquidated_by_us: bool,
) -> list[Standing]:
    """The orders of a position that its entry has just opened at `average`."""
    direction = direction_of(entry)
    legs = protective_legs(_plan(entry, direction, rules), direction)
    if direction is Direction.SHORT and is_liquidated_by_us:
        legs = (*legs, liquidation_leg(average, rules))
    return [Standing(leg, _first_reached(leg, entry, opened_at, now)) for leg in legs]


def _first_reached(
    leg: ProtectiveLeg, entry: Entry, opened_at: datetime, now: datetime
) -> datetime:
    """When the first candle opens that may reach this exit.

    Of an entry at market: the candle that opened with it. Where the entry filled somewhere inside
    a candle, that candle may reach its stop, which is taken to have come after; the others begin
    with the next.
    """
    is_plain_stop = leg.leg is not Leg.TARGET and leg.trail is None
    is_at_open = entry.order_type == OrderType.MARKET
    return opened_at if is_at_open or is_plain_stop else now


def grows_from(leg: str, entry: Entry, before: datetime, now: datetime) -> datetime:
    """The same of an exit that stands already and is to cover more of its entry: where that filled
    inside, a better price may have been there before."""
    waits = leg == Leg.TARGET and entry.order_type != OrderType.MARKET
    return now if waits else before


def _plan(entry: Entry, direction: Direction, rules: InstrumentRules) -> ExitPlan:
    # A stop is rounded towards the entry: it never loses more than the size was meant for. The
    # limit of a stop is rounded away from it: it does not refuse what it was to take.
    is_long = direction is Direction.LONG
    nearer = rules.price_up if is_long else rules.price_down
    farther = rules.price_down if is_long else rules.price_up
    trail = None
    if entry.stop_trailing_offset is not None:
        trail = Trail(entry.stop_trailing_offset, OffsetType(entry.stop_trailing_offset_type))
    limit = entry.stop_limit_price
    return ExitPlan(
        stop_price=None if entry.stop_price is None else nearer(entry.stop_price),
        target_price=None if entry.target_price is None else nearer(entry.target_price),
        stop_limit_price=None if limit is None else max(farther(limit), rules.price_increment),
        trail=trail,
    )
