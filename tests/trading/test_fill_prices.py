"""Which price a candle gives an order, if any. Every rule is tried on a long and mirrored."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import BTC, candle, order, stop, target
from trading.matching import fill_price
from trading.orders import OrderTicket, OrderType
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL
QUIET = candle("100 101 99 100")


def price(ticket: OrderTicket, prices: str, slippage_bps: int = 0) -> Decimal | None:
    return fill_price(ticket, candle(prices), BTC, slippage_bps)


@pytest.mark.parametrize(
    ("side", "expected"),
    [(BUY, "100.06"), (SELL, "99.95")],  # 5 bps of 100.005 is 0.0500025
)
def test_a_market_order_pays_the_open_and_the_slippage_rounded_against_it(
    side: Side, expected: str
) -> None:
    assert price(order("a", side, "1"), "100.005 102 98 101", 5) == Decimal(expected)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_without_slippage_a_market_order_fills_at_the_open(side: Side) -> None:
    assert price(order("a", side, "1"), "100 102 98 101") == 100


@pytest.mark.parametrize(
    ("side", "prices", "expected"),
    [
        (SELL, "100 101 98 99", "98"),  # touched
        (SELL, "100 101 97 99", "98"),  # run through
        (SELL, "95 96 94 95", "95"),  # gap
        (SELL, "98 99 97 98", "98"),  # opens exactly at it
        (BUY, "100 102 99 101", "102"),
        (BUY, "100 103 99 101", "102"),
        (BUY, "105 106 104 105", "105"),
        (BUY, "102 103 101 102", "102"),
    ],
)
def test_a_stop_fills_at_its_trigger_or_at_the_open_of_a_gap_through_it(
    side: Side, prices: str, expected: str
) -> None:
    trigger = "98" if side is SELL else "102"

    assert price(stop("a", side, "1", trigger), prices) == Decimal(expected)


@pytest.mark.parametrize(
    ("side", "trigger", "expected"), [(SELL, "98", "97.90"), (BUY, "102", "102.11")]
)
def test_a_stop_slips_against_us_from_where_it_was_reached(
    side: Side, trigger: str, expected: str
) -> None:
    assert price(stop("a", side, "1", trigger), "100 103 97 100", 10) == Decimal(expected)


@pytest.mark.parametrize(
    ("side", "prices", "expected"),
    [
        (SELL, "100 104 99 101", "104"),  # touched
        (SELL, "100 105 99 101", "104"),
        (SELL, "106 107 105 106", "106"),  # the gap gives the better price
        (BUY, "100 101 96 99", "96"),
        (BUY, "100 101 95 99", "96"),
        (BUY, "94 95 93 94", "94"),
    ],
)
def test_a_limit_fills_at_its_limit_or_at_the_better_open_and_never_slips(
    side: Side, prices: str, expected: str
) -> None:
    limit = "104" if side is SELL else "96"

    assert price(target("a", side, "1", limit), prices, 50) == Decimal(expected)


@pytest.mark.parametrize(
    ("side", "opened", "expected"), [(SELL, "104.009", "104"), (BUY, "95.991", "96")]
)
def test_a_better_open_between_two_increments_is_rounded_against_us(
    side: Side, opened: str, expected: str
) -> None:
    limit = "104" if side is SELL else "96"

    assert price(target("a", side, "1", limit), opened) == Decimal(expected)


@pytest.mark.parametrize(
    ("side", "opened", "limit"), [(SELL, "104.009", "104.005"), (BUY, "95.991", "95.995")]
)
def test_rounding_never_goes_beyond_a_limit(side: Side, opened: str, limit: str) -> None:
    assert price(target("a", side, "1", limit), opened) == Decimal(limit)


@pytest.mark.parametrize(
    "ticket",
    [
        stop("a", SELL, "1", "98.99"),
        stop("a", BUY, "1", "101.01"),
        target("a", SELL, "1", "101.01"),
        target("a", BUY, "1", "98.99"),
    ],
)
def test_what_the_candle_does_not_reach_does_not_fill(ticket: OrderTicket) -> None:
    assert fill_price(ticket, QUIET, BTC, 5) is None


@pytest.mark.parametrize("kind", [OrderType.STOP_MARKET, OrderType.LIMIT])
def test_an_order_that_names_no_price_to_wait_for_never_fills(kind: OrderType) -> None:
    assert fill_price(order("a", SELL, "1", order_type=kind), QUIET, BTC, 0) is None


def test_nothing_is_ever_sold_for_nothing() -> None:
    dust = candle("0.01")

    assert fill_price(order("a", SELL, "1"), dust, BTC, 5) == Decimal("0.01")
    assert fill_price(order("a", SELL, "1"), dust, BTC, 30_000) == Decimal("0.01")


CENTS = st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100)
TICKETS = st.one_of(
    st.builds(order, st.just("a"), st.sampled_from(Side), st.just("1")),
    st.builds(stop, st.just("a"), st.sampled_from(Side), st.just("1"), CENTS.map(str)),
    st.builds(target, st.just("a"), st.sampled_from(Side), st.just("1"), CENTS.map(str)),
)


@given(ticket=TICKETS, four=st.tuples(CENTS, CENTS, CENTS, CENTS), bps=st.integers(0, 500))
def test_every_price_is_on_the_increment_positive_and_no_better_than_the_market(
    ticket: OrderTicket, four: tuple[Decimal, Decimal, Decimal, Decimal], bps: int
) -> None:
    opened, closed = four[:2]
    passed = candle(f"{opened} {max(four)} {min(four)} {closed}")

    paid = fill_price(ticket, passed, BTC, bps)

    if paid is None:
        return
    assert paid > 0
    assert paid % BTC.price_increment == 0
    assert paid >= passed.low if ticket.side is BUY else paid <= passed.high
