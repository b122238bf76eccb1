"""How long an order works, and who may take."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.examples import (
    BTC,
    MINUTE,
    MONDAY,
    THIN,
    book,
    candle,
    ended,
    limit,
    market,
    numbers,
    order,
    quantities,
    told,
)
from trading.matching import (
    FOK_UNFILLED,
    IOC_UNFILLED,
    POST_ONLY_WOULD_TAKE,
    SESSION_ENDED,
    match_at_open,
    match_inside,
)
from trading.orders import OrderStatus, TimeInForce
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL
IOC, FOK, DAY = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.DAY


# Time in force


def test_immediate_or_cancel_takes_what_there_is_and_ends() -> None:
    for ticket, run in [
        (market("2.5", time_in_force=IOC), match_at_open),
        (limit("2.5", "100", time_in_force=IOC), match_inside),
    ]:
        matched = run(book(ticket), candle("100", volume=THIN))

        assert quantities(matched) == numbers("1")
        assert told(matched) == ended(ticket, IOC_UNFILLED)


@pytest.mark.parametrize(("force", "code"), [(IOC, IOC_UNFILLED), (FOK, FOK_UNFILLED)])
def test_at_once_is_at_the_open_not_later_in_the_candle(force: TimeInForce, code: str) -> None:
    ticket = limit("1", "99", time_in_force=force)

    matched = match_inside(book(ticket), candle("100 101 98 100"))

    assert not matched.fills
    assert told(matched) == ended(ticket, code)


def test_fill_or_kill_is_all_or_nothing() -> None:
    for ticket, run in [
        (market("1.001", time_in_force=FOK), match_at_open),
        (limit("1.001", "100", time_in_force=FOK), match_inside),
    ]:
        killed = run(book(ticket), candle("100", volume=THIN))
        assert (killed.fills, told(killed)) == ((), ended(ticket, FOK_UNFILLED))

        whole = run(book(replace(ticket, quantity=Decimal(1))), candle("100", volume=THIN))
        assert (quantities(whole), told(whole)) == (numbers("1"), [])


def test_fill_or_kill_does_not_shrink_to_what_there_is_to_reduce() -> None:
    ticket = order("x", SELL, "2", reduce_only=True, time_in_force=FOK)

    assert told(match_at_open(book(ticket, held="1"), candle("100"))) == ended(ticket, FOK_UNFILLED)


def test_a_day_order_works_until_the_candle_that_closes_with_the_session() -> None:
    ticket = limit("1", "99", time_in_force=DAY, expire_time=MONDAY + MINUTE)
    reaching = "100 101 98 100"

    assert len(match_inside(book(ticket), candle(reaching)).fills) == 1
    late = match_inside(book(ticket), candle(reaching, MONDAY + MINUTE))
    assert (late.fills, told(late)) == (
        (),
        ended(ticket, SESSION_ENDED, OrderStatus.EXPIRED),
    )


# Post-only, and who pays which fee


def test_post_only_is_rejected_where_it_would_take() -> None:
    ticket = limit("1", "100", post_only=True)

    matched = match_inside(book(ticket), candle("100"))

    assert told(matched) == ended(ticket, POST_ONLY_WOULD_TAKE, OrderStatus.REJECTED)


def test_post_only_that_stood_there_first_gets_its_own_price_even_in_a_gap() -> None:
    ticket = limit("1", "100", post_only=True, active_from=MONDAY - MINUTE)

    (fill,) = match_inside(book(ticket), candle("95")).fills

    assert (fill.price, fill.is_maker) == (Decimal(100), True)


def test_a_limit_that_takes_as_it_arrives_pays_the_takers_fee() -> None:
    arriving = limit("1", "100")
    standing = replace(arriving, active_from=MONDAY - MINUTE)

    (taker,) = match_inside(book(arriving, rules=BTC), candle("99")).fills
    (maker,) = match_inside(book(standing, rules=BTC), candle("99")).fills

    assert (taker.is_maker, taker.commission) == (False, Decimal("0.198"))
    assert (maker.is_maker, maker.commission) == (True, Decimal("0.099"))
