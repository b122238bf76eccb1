"""What holds for every order of every kind, whatever the candles."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import BTC, MINUTE, MONDAY, book, candle, order
from trading.candles import Candle
from trading.matching import (
    MAX_PARTICIPATION,
    Book,
    Matched,
    match_at_open,
    match_inside,
    refusal,
)
from trading.orders import FillReport, OrderStatus, OrderTicket, OrderType, TimeInForce
from trading.signals import OffsetType, Side

PRICES = st.integers(1, 500).map(Decimal)
UNITS = st.integers(1, 5_000).map(lambda thousandths: Decimal(thousandths) / 1_000)


@st.composite
def paths(draw: st.DrawFn) -> list[Candle]:
    found = []
    for index in range(draw(st.integers(1, 8))):
        four = draw(st.lists(PRICES, min_size=4, max_size=4))
        volume = str(draw(st.integers(0, 60)))
        words = f"{four[0]} {max(four)} {min(four)} {four[1]}"
        found.append(candle(words, MONDAY + index * MINUTE, volume))
    return found


@st.composite
def tickets(draw: st.DrawFn, name: str = "a") -> OrderTicket:
    """Any order that the venue takes."""
    kind = draw(st.sampled_from(OrderType))
    force = draw(st.sampled_from(TimeInForce))
    ticket = order(
        name,
        draw(st.sampled_from(Side)),
        str(draw(UNITS)),
        order_type=kind,
        limit_price=draw(PRICES) if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT) else None,
        trigger_price=draw(PRICES) if "stop" in kind.value else None,
        reduce_only=draw(st.booleans()),
        time_in_force=force,
        expire_time=MONDAY + 3 * MINUTE if force is TimeInForce.DAY else None,
        post_only=kind is OrderType.LIMIT and draw(st.booleans()),
    )
    if kind is OrderType.TRAILING_STOP_MARKET:
        offset_type = draw(st.sampled_from(OffsetType))
        ticket = replace(ticket, trailing_offset=draw(PRICES), trailing_offset_type=offset_type)
    return ticket


TICKETS = tickets().filter(lambda ticket: refusal(ticket) is None)
HELD = st.integers(-5_000, 5_000).map(lambda thousandths: str(Decimal(thousandths) / 1_000))


class Played:
    """One order, candle after candle, as a venue goes on with it."""

    def __init__(self, ticket: OrderTicket, candles: list[Candle], on: Book) -> None:
        self.fills: list[tuple[Candle, FillReport]] = []
        self.triggers = [ticket.trigger_price]
        self.end: OrderStatus | None = None
        for passed in candles:
            for match in (match_at_open, match_inside):
                if self.end is None:
                    ticket = self._after(
                        ticket, passed, match(replace(on, orders=[ticket]), passed)
                    )
            ticket = replace(ticket, active_from=MONDAY)

    def _after(self, ticket: OrderTicket, passed: Candle, matched: Matched) -> OrderTicket:
        for fill in matched.fills:
            self.fills.append((passed, fill))
            left = ticket.quantity - fill.quantity
            ticket = replace(
                ticket, quantity=left, filled=ticket.filled + fill.quantity, is_triggered=True
            )
            self.end = None if left else OrderStatus.FILLED
        for moved in matched.moves:
            self.triggers.append(moved.trigger_price)
            ticket = replace(ticket, trigger_price=moved.trigger_price)
        for report in matched.reports:
            if report.status is OrderStatus.TRIGGERED:
                ticket = replace(ticket, is_triggered=True)
            else:
                assert self.end is None
                self.end = report.status
        return ticket

    @property
    def filled(self) -> Decimal:
        return sum((fill.quantity for _, fill in self.fills), Decimal(0))


@given(ticket=TICKETS, candles=paths(), held=HELD, bps=st.integers(0, 300))
def test_no_price_is_beyond_a_limit_nor_outside_what_the_market_gave(
    ticket: OrderTicket, candles: list[Candle], held: str, bps: int
) -> None:
    for passed, fill in Played(ticket, candles, book(held=held, slippage_bps=bps)).fills:
        buys = fill.side is Side.BUY
        assert fill.price > 0
        assert fill.price % BTC.price_increment == 0
        if ticket.limit_price is not None:
            assert fill.price <= ticket.limit_price if buys else fill.price >= ticket.limit_price
        assert fill.price >= passed.low if buys else fill.price <= passed.high


@given(ticket=TICKETS, candles=paths(), held=HELD)
def test_the_fills_never_come_to_more_than_the_order_and_each_only_to_its_share(
    ticket: OrderTicket, candles: list[Candle], held: str
) -> None:
    played = Played(ticket, candles, book(held=held))

    assert played.filled <= ticket.quantity
    assert (played.end is OrderStatus.FILLED) is (played.filled == ticket.quantity)
    for passed, fill in played.fills:
        assert fill.quantity > 0
        if not ticket.reduce_only:
            assert fill.quantity <= passed.volume * MAX_PARTICIPATION


@given(ticket=TICKETS, candles=paths(), held=HELD)
def test_fill_or_kill_fills_all_or_nothing_and_both_kinds_of_at_once_end_with_one_candle(
    ticket: OrderTicket, candles: list[Candle], held: str
) -> None:
    played = Played(ticket, candles, book(held=held))

    if ticket.time_in_force is TimeInForce.FOK:
        assert played.filled in (0, ticket.quantity)
    if ticket.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        assert played.end is not None
        assert {passed.open_time for passed, _ in played.fills} <= {MONDAY}


@given(ticket=TICKETS, candles=paths(), held=HELD)
def test_reduce_only_never_flips_a_position_nor_adds_to_it(
    ticket: OrderTicket, candles: list[Candle], held: str
) -> None:
    on = book(held=held)
    before = on.positions[1]

    Played(replace(ticket, reduce_only=True), candles, on)

    after = on.positions[1]
    assert 0 <= after <= before if before >= 0 else before <= after <= 0


@given(ticket=TICKETS, candles=paths())
def test_a_trailing_stop_only_ever_tightens(ticket: OrderTicket, candles: list[Candle]) -> None:
    triggers = [item for item in Played(ticket, candles, book()).triggers if item is not None]

    assert triggers == sorted(triggers, reverse=ticket.side is Side.BUY)


@given(ticket=TICKETS, candles=paths(), held=HELD, cash=st.integers(0, 600))
def test_no_order_that_opens_is_paid_with_money_that_is_not_there(
    ticket: OrderTicket, candles: list[Candle], held: str, cash: int
) -> None:
    on = book(held=held, cash=str(cash), rules=BTC)

    Played(replace(ticket, reduce_only=False), candles, on)

    assert on.free_cash[1] >= 0


@given(ticket=TICKETS, candles=paths(), held=HELD)
def test_a_day_order_trades_on_no_candle_that_closes_after_its_session(
    ticket: OrderTicket, candles: list[Candle], held: str
) -> None:
    for passed, _ in Played(ticket, candles, book(held=held)).fills:
        assert ticket.expire_time is None or passed.close_time <= ticket.expire_time


@given(ticket=TICKETS, opened=PRICES)
def test_post_only_never_takes(ticket: OrderTicket, opened: Decimal) -> None:
    for _, fill in Played(ticket, [candle(str(opened))], book()).fills:
        assert fill.is_maker or not ticket.post_only
