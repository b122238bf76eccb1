"""What every adapter must say of orders that are more than a market order, a stop or a target."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contracts.stages import Stage, asked, fills_of, holding, only
from tests.trading.examples import order, stop, target, trailing
from trading.orders import OrderStatus, OrderTicket, OrderType, TimeInForce
from trading.signals import Side

BUY, SELL = Side.BUY, Side.SELL
THIN = "10"


def in_parts(stage: Stage) -> OrderTicket:
    """A market order for more than one thin candle gives, after the first."""
    bought = order("parts", BUY, "5")
    stage.broker.submit([bought])
    stage.trade("100", THIN)
    return bought


def quantity_of(stage: Stage, ticket: OrderTicket) -> Decimal:
    return sum((fill.quantity for fill in fills_of(stage, ticket)), Decimal(0))


def test_an_order_filled_in_part_says_so_and_goes_on(stage: Stage) -> None:
    bought = in_parts(stage)

    assert asked(stage, bought).status is OrderStatus.PARTIALLY_FILLED
    assert 0 < quantity_of(stage, bought) < 5
    stage.trade("101")

    assert asked(stage, bought).status is OrderStatus.FILLED
    assert quantity_of(stage, bought) == 5


def test_the_cancel_of_an_order_filled_in_part_keeps_its_fills_and_ends_the_rest(
    stage: Stage,
) -> None:
    bought = in_parts(stage)
    before = fills_of(stage, bought)

    report = only(stage.broker.cancel([bought.client_order_id]))
    stage.trade("100")

    assert report.status is OrderStatus.CANCELED
    assert fills_of(stage, bought) == before


def test_an_order_filled_in_part_that_is_sent_again_does_not_begin_again(stage: Stage) -> None:
    bought = in_parts(stage)

    stage.broker.submit([bought])
    stage.trade("100")

    assert quantity_of(stage, bought) == 5


@pytest.mark.parametrize(
    "ticket",
    [
        order("a", BUY, "0"),
        order("a", BUY, "1", order_type=OrderType.LIMIT),
        order("a", BUY, "1", post_only=True),
        stop("a", SELL, "1", "90", time_in_force=TimeInForce.FOK),
    ],
)
def test_an_order_that_cannot_work_is_rejected_with_a_reason_and_never_trades(
    stage: Stage, ticket: OrderTicket
) -> None:
    report = only(stage.broker.submit([ticket]))
    stage.trade("100 101 80 100")

    assert report.status is OrderStatus.REJECTED
    assert report.code
    assert asked(stage, ticket) == report
    assert not fills_of(stage, ticket)


def test_a_post_only_order_never_takes(stage: Stage) -> None:
    ticket = target("a", BUY, "1", "100", reduce_only=False, post_only=True)

    stage.broker.submit([ticket])
    stage.trade("99")

    assert asked(stage, ticket).status is OrderStatus.REJECTED
    assert not fills_of(stage, ticket)


def test_fill_or_kill_leaves_nothing_behind(stage: Stage) -> None:
    ticket = order("a", BUY, "5", time_in_force=TimeInForce.FOK)

    stage.broker.submit([ticket])
    stage.trade("100", THIN)
    stage.trade("100")

    assert asked(stage, ticket).status is OrderStatus.CANCELED
    assert not fills_of(stage, ticket)


def test_a_stop_limit_that_was_jumped_over_is_triggered_and_waits_at_its_limit(
    stage: Stage,
) -> None:
    if not stage.broker.capabilities.rests_stops:
        pytest.skip("this venue has no resting stops")
    holding(stage, "1")
    plain = stop("a", SELL, "1", "95")
    ticket = replace(plain, order_type=OrderType.STOP_LIMIT, limit_price=Decimal(94))
    stage.broker.submit([ticket])

    stage.trade("90")
    assert asked(stage, ticket).status is OrderStatus.TRIGGERED
    stage.trade("93 96 93 96")

    assert [fill.price for fill in fills_of(stage, ticket)] == [94]


def test_a_trailing_stop_follows_the_best_price_and_fills_behind_it(stage: Stage) -> None:
    if not stage.broker.capabilities.rests_stops:
        pytest.skip("this venue has no resting stops")
    holding(stage, "1")
    ticket = trailing("a", SELL, "1", "5")
    stage.broker.submit([ticket])

    for prices in ("100 110 100 109", "109 109 106 107", "107 107 104 104"):
        stage.trade(prices)

    assert [fill.price for fill in fills_of(stage, ticket)] == [105]
