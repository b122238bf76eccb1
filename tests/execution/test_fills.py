"""Fills move positions once, however they are told."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import transaction

from apps.execution.models import Fill, Order, OrderEvent, Position
from apps.execution.rows import read_orders
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.fills import record_fills
from tests.fakes import JUMP, MONDAY, QUIET, World, world
from trading.orders import FillReport, OrderReport, OrderStatus
from trading.signals import Side

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    lab = world()
    lab.play(*QUIET, JUMP, first=MONDAY)
    return lab


def _report(quantity: str, trade_id: str, price: str = "102") -> FillReport:
    order = Order.objects.get(leg="entry")
    return FillReport(
        order.client_order_id,
        trade_id,
        Side.BUY,
        Decimal(quantity),
        Decimal(price),
        Decimal("0.01"),
        MONDAY,
    )


@transaction.atomic
def _record(lab: World, *fills: FillReport, ended: OrderStatus | None = None) -> int:
    lock_accounts([lab.account.pk])
    orders = read_orders(leg="entry")
    reports = [OrderReport(order.client_order_id, "", ended) for order in orders if ended]
    return record_fills(orders, fills, reports, {lab.instrument.pk: lab.instrument.rules}, _now())


def _now() -> datetime:
    return MONDAY.replace(minute=6)


def test_a_fill_told_twice_counts_once(lab: World) -> None:
    assert _record(lab, _report("1", "t-1")) == 1
    assert _record(lab, _report("1", "t-1")) == 0

    assert Position.objects.get().quantity == 1
    assert Fill.objects.count() == 1
    assert Order.objects.get(leg="entry").status == "partially_filled"
    call_command("check_ledger")


def test_two_fills_of_one_order_in_one_batch_both_count(lab: World) -> None:
    _record(lab, _report("1", "t-1"), _report("2", "t-2", "103"))

    order = Order.objects.get(leg="entry")
    assert (order.status, order.filled_quantity) == ("partially_filled", 3)
    assert Position.objects.get().cost == Decimal("308")
    call_command("check_ledger")


def test_a_fill_and_a_cancel_told_together_leave_a_cancelled_order_with_its_fill(
    lab: World,
) -> None:
    _record(lab, _report("1", "t-1"), ended=OrderStatus.CANCELED)

    order = Order.objects.get(leg="entry")
    assert (order.status, order.filled_quantity) == ("canceled", 1)
    steps = OrderEvent.objects.filter(order=order).order_by("id").values_list("new_status")
    assert [new for (new,) in steps][-2:] == ["partially_filled", "canceled"]
    assert Position.objects.get().quantity == 1
    call_command("check_ledger")  # the reservation was given back


def test_a_fill_that_overtakes_our_cancel_still_counts(lab: World) -> None:
    _record(lab, ended=OrderStatus.CANCELED)
    _record(lab, _report("1", "t-1"))

    assert Order.objects.get(leg="entry").status == "partially_filled"
    assert Position.objects.get().quantity == 1
    call_command("check_ledger")
