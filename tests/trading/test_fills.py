"""What single fills do, to the last digit."""

from decimal import Decimal

import pytest

from tests.trading.examples import MINUTE, MONDAY, numbers
from trading.ledger import (
    Account,
    Applied,
    FillCrossesZero,
    PositionState,
    Posting,
    RoundTrip,
    apply_fill,
)
from trading.signals import Direction, Side

FLAT = PositionState()


def filled(
    position: PositionState,
    side: Side,
    quantity: str,
    price: str,
    commission: str = "0",
    minute: int = 0,
) -> Applied:
    units, at, fee = numbers(quantity, price, commission)
    return apply_fill(position, side, units, at, fee, MONDAY + minute * MINUTE)


def long_of_three() -> PositionState:
    """3 bought for 100.00 in all: a third has no end."""
    return PositionState(
        quantity=Decimal(3),
        cost=Decimal(100),
        entry_quantity=Decimal(3),
        entry_value=Decimal(100),
        opened_at=MONDAY,
    )


def test_a_buy_moves_cash_into_holdings_and_its_fee_into_fees() -> None:
    applied = filled(FLAT, Side.BUY, quantity="2", price="100", commission="0.40")

    assert applied.postings == (
        Posting(Account.CASH, Decimal("-200.40")),
        Posting(Account.HOLDINGS, Decimal(200)),
        Posting(Account.FEES, Decimal("0.40")),
    )
    assert applied.position.average_price == 100


def test_a_profitable_sale_credits_realised() -> None:
    held = filled(FLAT, Side.BUY, quantity="2", price="100").position

    applied = filled(held, Side.SELL, quantity="1", price="110", commission="0.11")

    assert applied.realised == 10
    assert applied.postings == (
        Posting(Account.CASH, Decimal("109.89")),
        Posting(Account.HOLDINGS, Decimal(-100)),
        Posting(Account.FEES, Decimal("0.11")),
        Posting(Account.REALISED, Decimal(-10)),
    )


def test_a_short_gets_its_cash_first_and_owes_the_quantity() -> None:
    applied = filled(FLAT, Side.SELL, quantity="2", price="100", commission="0.40")

    assert applied.cash == Decimal("199.60")
    assert [applied.position.quantity, applied.position.cost] == numbers("-2", "-200")
    assert applied.position.average_price == 100


def test_a_part_that_does_not_divide_leaves_the_rest_of_the_cost_to_the_last_part() -> None:
    first = filled(long_of_three(), Side.SELL, quantity="1", price="40")
    second = filled(first.position, Side.SELL, quantity="1", price="40")
    third = filled(second.position, Side.SELL, quantity="1", price="40")

    assert first.position.cost == Decimal("66.66666667")
    assert [first.realised, second.realised, third.realised] == numbers(
        "6.66666667", "6.66666667", "6.66666666"
    )


@pytest.mark.parametrize(
    ("side", "closing", "direction", "pnl"),
    [(Side.BUY, Side.SELL, Direction.LONG, "19"), (Side.SELL, Side.BUY, Direction.SHORT, "-21")],
)
def test_a_round_trip_tells_its_direction_prices_fees_and_times(
    side: Side, closing: Side, direction: Direction, pnl: str
) -> None:
    one = filled(FLAT, side, quantity="1", price="99", commission="0.3")
    two = filled(one.position, side, quantity="1", price="101", commission="0.3", minute=1)

    ended = filled(two.position, closing, quantity="2", price="110", commission="0.4", minute=5)

    assert ended.closed == RoundTrip(
        direction=direction,
        quantity=Decimal(2),
        entry_price=Decimal(100),
        exit_price=Decimal(110),
        fees=Decimal(1),
        funding=Decimal(0),
        pnl=Decimal(pnl),
        opened_at=MONDAY,
        closed_at=MONDAY + 5 * MINUTE,
    )


def test_the_next_round_trip_knows_nothing_of_the_last() -> None:
    opened = filled(FLAT, Side.BUY, quantity="1", price="100", commission="1").position
    flat = filled(opened, Side.SELL, quantity="1", price="90", commission="1", minute=1).position

    again = filled(flat, Side.SELL, quantity="1", price="80", minute=2).position

    assert again.opened_at == MONDAY + 2 * MINUTE
    assert [again.fees, again.entry_quantity, again.exit_quantity] == numbers("0", "1", "0")


def test_a_fill_larger_than_what_it_closes_is_refused_in_words() -> None:
    with pytest.raises(FillCrossesZero, match=r"sell 3\.1 against a position of 3"):
        filled(long_of_three(), Side.SELL, quantity="3.1", price="40")
