"""Orders change their status together, each from the one that was seen."""

import pytest
from django.db import transaction

from apps.execution.models import Order, OrderEvent
from apps.execution.services.orders import Step, take_steps
from tests import fakes
from tests.fakes import MONDAY
from tests.journeys.outcome import assert_lives_are_legal
from trading.orders import OrderStatus, TransitionNotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    """An entry that the venue has taken and that waits for the next candle."""
    fakes.world().play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    return Order.objects.get()


def test_a_step_is_taken_from_the_status_that_was_seen_and_from_no_other(order: Order) -> None:
    first = Step(order.pk, "accepted", OrderStatus.CANCELED, "POSITION_CLOSED")
    late = Step(order.pk, "accepted", OrderStatus.EXPIRED, "STALE")

    with transaction.atomic():
        assert take_steps([first], MONDAY) == {order.pk}
        assert take_steps([late], MONDAY) == set()

    order.refresh_from_db()
    assert (order.status, order.reason) == ("canceled", "POSITION_CLOSED")
    assert not OrderEvent.objects.filter(new_status="expired").exists()


def test_a_step_that_is_not_in_the_table_writes_none_of_the_others(order: Order) -> None:
    good = Step(order.pk, "accepted", OrderStatus.CANCELED)
    bad = Step(order.pk, "filled", OrderStatus.ACCEPTED)

    with pytest.raises(TransitionNotAllowed), transaction.atomic():
        take_steps([good, bad], MONDAY)

    order.refresh_from_db()
    assert order.status == "accepted"


def life(order: Order) -> list[tuple[str, str]]:
    steps = OrderEvent.objects.filter(order=order).order_by("id")
    return list(steps.values_list("old_status", "new_status"))[-2:]


def test_two_steps_of_one_order_are_taken_one_after_the_other(order: Order) -> None:
    triggered = Step(order.pk, "accepted", OrderStatus.TRIGGERED)
    ended = Step(order.pk, "triggered", OrderStatus.CANCELED, "OCO_SIBLING_FILLED")

    with transaction.atomic():
        assert take_steps([triggered, ended], MONDAY) == {order.pk}

    order.refresh_from_db()
    assert (order.status, order.reason) == ("canceled", "OCO_SIBLING_FILLED")
    assert life(order) == [("accepted", "triggered"), ("triggered", "canceled")]


def test_of_two_steps_from_the_same_status_only_the_first_is_taken(order: Order) -> None:
    first = Step(order.pk, "accepted", OrderStatus.TRIGGERED)
    second = Step(order.pk, "accepted", OrderStatus.EXPIRED, "SESSION_ENDED")

    with transaction.atomic():
        take_steps([first, second], MONDAY)

    order.refresh_from_db()
    assert order.status == "triggered"
    assert life(order)[-1] == ("accepted", "triggered")


def test_a_stop_limit_that_is_triggered_while_the_target_fills_ends_with_it() -> None:
    """In one candle the venue tells two things of it."""
    world = fakes.world()
    moment = world.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    stop = Order.objects.get(leg="stop")
    Order.objects.filter(pk=stop.pk).update(order_type="stop_limit", limit_price=101)

    world.play(("103", "107", "99", "100"), first=moment)

    stop.refresh_from_db()
    assert Order.objects.get(leg="target").status == "filled"
    assert (stop.status, stop.reason) == ("canceled", "OCO_SIBLING_FILLED")
    assert life(stop) == [("accepted", "triggered"), ("triggered", "canceled")]
    assert_lives_are_legal()
