"""Orders change their status together, each from the one that was seen."""

import pytest
from django.db import transaction

from apps.execution.models import Order, OrderEvent
from apps.execution.services.orders import Step, take_steps
from tests import fakes
from tests.fakes import MONDAY
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
