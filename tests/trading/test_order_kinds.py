"""Stop-limit and trailing stops on hand-made candles. Every rule is tried on both sides."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.examples import BTC, MINUTE, MONDAY, book, candle, order, target, told, trailing
from trading.matching import OCO_SIBLING_FILLED, Matched, fill_price, match_inside
from trading.orders import OrderStatus, OrderTicket, OrderType
from trading.signals import OffsetType, Side

BUY, SELL = Side.BUY, Side.SELL


def stop_limit(side: Side, trigger: str, limit: str) -> OrderTicket:
    return order(
        "s", side, "1", order_type=OrderType.STOP_LIMIT,
        trigger_price=Decimal(trigger), limit_price=Decimal(limit), reduce_only=True,
    )  # fmt: skip


def inside(ticket: OrderTicket, prices: str, bps: int = 0) -> Matched:
    held = "1" if ticket.side is SELL else "-1"
    return match_inside(book(ticket, held=held, slippage_bps=bps), candle(prices))


def prices_of(matched: Matched) -> list[Decimal]:
    return [fill.price for fill in matched.fills]


# Stop-limit


@pytest.mark.parametrize(
    ("side", "prices", "expected"),
    [
        (SELL, "100 101 97 99", "98"),  # triggered inside, at a price that its limit allows
        (SELL, "97.5 98 97 97.5", "97.5"),  # a gap that stays within the limit
        (SELL, "96 97.2 95 97", "97"),  # a gap beyond it: the price comes back up to the limit
        (BUY, "100 103 99 101", "102"),
        (BUY, "102.5 103 102 103", "102.5"),
        (BUY, "104 105 102.8 103", "103"),
    ],
)
def test_a_stop_limit_fills_once_triggered_and_never_beyond_its_limit(
    side: Side, prices: str, expected: str
) -> None:
    ticket = stop_limit(side, *(("98", "97") if side is SELL else ("102", "103")))

    assert prices_of(inside(ticket, prices)) == [Decimal(expected)]


@pytest.mark.parametrize(
    ("ticket", "prices"),
    [(stop_limit(SELL, "98", "97"), "96 96.9 95 96"), (stop_limit(BUY, "102", "103"), "104")],
)
def test_a_gap_beyond_the_limit_leaves_a_stop_limit_triggered_and_resting(
    ticket: OrderTicket, prices: str
) -> None:
    matched = inside(ticket, prices)

    assert not matched.fills
    assert told(matched) == [(ticket.client_order_id, OrderStatus.TRIGGERED, "")]


@pytest.mark.parametrize(
    ("ticket", "prices", "expected"),
    [
        (stop_limit(SELL, "98", "97"), "96 97 95 96", "97"),
        (stop_limit(BUY, "102", "103"), "104 105 103 104", "103"),
    ],
)
def test_once_triggered_it_is_a_resting_limit_and_needs_its_trigger_no_more(
    ticket: OrderTicket, prices: str, expected: str
) -> None:
    resting = replace(ticket, is_triggered=True)

    (fill,) = inside(resting, prices).fills

    assert (fill.price, fill.is_maker) == (Decimal(expected), True)


def test_a_limit_above_the_trigger_of_a_sale_fills_only_where_the_close_proves_it() -> None:
    ticket = stop_limit(SELL, "98", "99")

    assert prices_of(inside(ticket, "100 101 97 99.5")) == [Decimal(99)]
    assert told(inside(ticket, "100 101 97 98.5"))[0][1] is OrderStatus.TRIGGERED


def test_slippage_pushes_a_stop_limit_to_its_limit_at_most() -> None:
    assert prices_of(inside(stop_limit(SELL, "98", "97.95"), "100 101 97 99", 10)) == [
        Decimal("97.95")
    ]


def test_an_untouched_stop_limit_says_nothing() -> None:
    assert inside(stop_limit(SELL, "98", "97"), "100 101 98.01 100") == Matched((), ())


# Trailing stop

FOLLOWS_UP = trailing("t", SELL, "1", "2", trigger_price=Decimal(97))
FOLLOWS_DOWN = trailing("t", BUY, "1", "2", trigger_price=Decimal(103))


@pytest.mark.parametrize(
    ("ticket", "prices", "expected"),
    [
        (FOLLOWS_UP, "100 101 97 100", "97"),  # the trigger that the candle found
        (FOLLOWS_UP, "95 101 94 100", "95"),  # a gap through it
        (FOLLOWS_UP, "100 105 99 102", "103"),  # the close lies below what the high gave: crossed
        (FOLLOWS_DOWN, "100 103 99 100", "103"),
        (FOLLOWS_DOWN, "105 106 99 100", "105"),
        (FOLLOWS_DOWN, "100 101 95 98", "97"),
    ],
)
def test_a_trailing_stop_fills_at_its_trigger_the_open_of_a_gap_or_where_it_followed_to(
    ticket: OrderTicket, prices: str, expected: str
) -> None:
    assert prices_of(inside(ticket, prices)) == [Decimal(expected)]


@pytest.mark.parametrize(
    ("ticket", "prices", "expected"),
    [
        (FOLLOWS_UP, "100 105 99 104", "103"),
        (FOLLOWS_DOWN, "100 101 95 96", "97"),
        # The low may have come before the high: nothing proves that 100 was crossed afterwards.
        (FOLLOWS_UP, "100 102 97.5 101", "100"),
    ],
)
def test_it_follows_the_best_price_of_a_candle_that_it_survived(
    ticket: OrderTicket, prices: str, expected: str
) -> None:
    matched = inside(ticket, prices)

    assert not matched.fills
    assert [moved.trigger_price for moved in matched.moves] == [Decimal(expected)]


@pytest.mark.parametrize("ticket", [FOLLOWS_UP, FOLLOWS_DOWN])
def test_it_does_not_step_back(ticket: OrderTicket) -> None:
    near = replace(ticket, trigger_price=Decimal("99.5" if ticket.side is SELL else "100.5"))

    assert inside(near, "100 100.4 99.6 100") == Matched((), (), ())


def test_without_a_trigger_it_begins_at_its_offset_from_the_open() -> None:
    fresh = trailing("t", SELL, "1", "2")

    assert prices_of(inside(fresh, "100 100.5 98 99")) == [Decimal(98)]


def test_an_offset_in_basis_points_is_a_part_of_the_best_price() -> None:
    one_percent = replace(FOLLOWS_UP, trailing_offset=Decimal(100))
    ticket = replace(one_percent, trailing_offset_type=OffsetType.BASIS_POINTS)

    assert inside(ticket, "100 105 100 104.5").moves[0].trigger_price == Decimal("103.95")


def test_an_offset_finer_than_the_increment_keeps_one_increment_away() -> None:
    ticket = replace(FOLLOWS_UP, trailing_offset=Decimal("0.0001"))

    assert inside(ticket, "100 101 100 101").moves[0].trigger_price == Decimal("100.99")


def test_slippage_counts_against_a_trailing_stop() -> None:
    assert fill_price(FOLLOWS_UP, candle("100 101 97 100"), BTC, 10) == Decimal("96.90")


def test_a_target_on_the_way_to_the_best_price_comes_before_what_followed_that_price() -> None:
    legs = [FOLLOWS_UP, target("t", SELL, "1", "104")]

    matched = match_inside(book(*legs, held="1"), candle("100 105 99 101"))

    assert prices_of(matched) == [Decimal(104)]
    assert told(matched) == [(FOLLOWS_UP.client_order_id, OrderStatus.CANCELED, OCO_SIBLING_FILLED)]


def test_a_trailing_stop_is_followed_from_candle_to_candle() -> None:
    ticket, on = FOLLOWS_UP, book(FOLLOWS_UP, held="1")
    triggers = []
    for index, prices in enumerate(["100 101 99 101", "101 104 101 104", "104 104 102.5 103"]):
        matched = match_inside(
            replace(on, orders=[ticket]), candle(prices, MONDAY + index * MINUTE)
        )
        for moved in matched.moves:
            ticket = replace(ticket, trigger_price=moved.trigger_price)
        triggers.append(ticket.trigger_price)

    assert triggers == [Decimal(99), Decimal(102), Decimal(102)]
