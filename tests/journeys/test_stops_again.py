"""A stop that was lost and written again does all that the first one did: it grows with its entry,
moves with its ladder, and goes with its position."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.brokers.models import Venue
from apps.execution.models import Order, Position, Trade
from apps.execution.services import orders, software_stops
from apps.execution.services.watching import keep_protected
from tests.execution.entries import QUANTITY, minute, waiting
from tests.fakes import World
from tests.journeys.asking import asking
from tests.journeys.climbing import FIRST, HELD, THIRDS, entered

pytestmark = pytest.mark.django_db

AFTER = timedelta(seconds=15)
TEN = "100"  # of this volume an order takes 10
# Opens below the limit of an entry, then reaches its stop at 99.96 and the wider one.
THROUGH_BOTH = ("101", "101", "98", "98")


def _written_again(lab: World, now: datetime, *, refuses: list[str]) -> Order:
    """The stop that stands once the first was lost, where the venue refuses these."""
    Order.objects.filter(leg="stop", status="accepted").update(status="canceled")
    Venue.objects.update(paper_refuses=refuses)
    lost = timezone.now()
    for look in range(4):
        keep_protected(lost + look * AFTER)
        orders.submit_pending(lab.venue.code, now)
    return Order.objects.exclude(status__in=["canceled", "rejected"]).filter(leg="stop").get()


@pytest.mark.parametrize(
    ("refuses", "left_at"), [([], "99.96"), (["stop_market"], "99.46")], ids=["same", "wider"]
)
def test_it_covers_what_its_entry_fills_in_the_candle_that_reaches_it(
    refuses: list[str], left_at: str
) -> None:
    lab, opened = waiting(order_type="limit", limit_price="102")
    opened = minute(lab, ("102.5", "102.5", "101.9", "102"), opened, TEN)
    assert Position.objects.get().quantity == 10
    again = _written_again(lab, opened, refuses=refuses)

    minute(lab, THROUGH_BOTH, opened)

    trade = Trade.objects.get()
    assert (trade.quantity, trade.exit_reason) == (Decimal(QUANTITY), "stop")
    assert trade.exit_price == Decimal(left_at)
    again.refresh_from_db()
    assert (again.status, again.filled_quantity) == ("filled", Decimal(QUANTITY))
    assert Position.objects.get().quantity == 0
    call_command("check_protection")


def test_one_that_is_held_by_us_grows_with_its_entry() -> None:
    lab, opened = waiting(order_type="limit", limit_price="102")
    opened = minute(lab, ("102.5", "102.5", "101.9", "102"), opened, TEN)
    again = _written_again(lab, opened, refuses=["stop_market", "stop_limit"])
    assert again.held_by_us

    minute(lab, ("101", "101", "100.5", "101"), opened)

    again.refresh_from_db()
    assert Position.objects.get().quantity == again.quantity == Decimal(QUANTITY)
    software_stops.watch_all()
    call_command("check_protection")


def test_it_moves_with_its_ladder_and_is_written_a_second_time_where_it_had_moved_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = asking(monkeypatch, stop_fraction=0.04, scale_out=THIRDS)
    after = entered(lab)
    again = _written_again(lab, after, refuses=[])
    assert (again.trigger_price, again.quantity) == (96, HELD)

    after = lab.play(FIRST, "100.5", "101.4", "102.4", "103.4", "103.9", first=after)

    again.refresh_from_db()
    assert again.trigger_price == Decimal("100.9")
    second = _written_again(lab, after, refuses=["stop_limit"])
    assert (second.held_by_us, second.trigger_price) == (True, Decimal("100.9"))
