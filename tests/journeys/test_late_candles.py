"""A candle that comes when later ones have been taken still reaches what protected a position at
its time; it starts no run and fills no entry."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from apps.brokers.models import Venue
from apps.common.models import Mode
from apps.events.models import Event
from apps.execution.models import Fill, Order, OrderEvent, Position, Trade
from apps.execution.services.late_facts import CANDLE_CAME_LATE
from apps.market.models import LateCandle
from apps.market.services.quality import ASKED_FOR
from apps.risk.models import KillSwitch
from apps.risk.services.limits import set_limits
from apps.strategies.models import Run
from tests import fakes
from tests.execution.entries import waiting
from tests.fakes import MINUTE, MONDAY, Prices, World
from tests.journeys.asking import asking
from tests.journeys.climbing import FIRST, THIRDS, entered, stop

pytestmark = pytest.mark.django_db

TO_103 = (*fakes.QUIET, fakes.JUMP, "103")
AT_103 = MONDAY + 6 * MINUTE
# Entered at 103: the stop stands at 99.96, the target at 106.08.
THROUGH_THE_STOP: Prices = ("103", "103", "95", "103")
TO_THE_TARGET: Prices = ("103", "107", "103", "103")


def _held(**columns: Any) -> World:
    lab = fakes.world()
    Venue.objects.update(**columns)
    lab.play(*TO_103, first=MONDAY)
    return lab


def _comes_late(lab: World, prices: Prices, opened: datetime) -> None:
    """After the next one, and before the one that follows."""
    lab.play("103", first=opened + MINUTE)
    fakes.write(lab.instrument, [prices], opened)
    lab.play("103", first=opened + 2 * MINUTE)


def _trade() -> tuple[Any, ...]:
    columns = ("quantity", "exit_reason", "exit_price", "pnl", "opened_at", "closed_at")
    found: tuple[Any, ...] = Trade.objects.values_list(*columns).get()
    return found


def _told() -> list[tuple[str, str]]:
    events = Event.objects.filter(kind="order.met_late").order_by("id")
    return [(event.payload["leg"], event.payload["outcome"]) for event in events]


@pytest.mark.parametrize(
    ("prices", "reason", "price"),
    [(THROUGH_THE_STOP, "stop", "99.96"), (TO_THE_TARGET, "target", "106.08")],
    ids=["stop", "target"],
)
@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.usefixtures("conserved")
def test_the_trade_is_the_one_that_it_would_have_been(
    prices: Prices, reason: str, price: str, *, is_late: bool
) -> None:
    lab = _held()

    if is_late:
        _comes_late(lab, prices, AT_103)
    else:
        lab.play(prices, "103", "103", first=AT_103)

    quantity, *said, pnl, _, closed_at = _trade()
    assert (quantity, said) == (Decimal("24.5098"), [reason, Decimal(price)])
    assert pnl == Trade.objects.get().quantity * (Decimal(price) - 103) - sum(
        Fill.objects.values_list("commission", flat=True)
    )
    assert closed_at == AT_103
    assert _told() == ([(reason, "filled")] if is_late else [])
    assert not Order.objects.filter(status__in=["accepted", "pending"]).exists()


def test_a_stop_of_ours_leaves_at_the_next_open_and_says_why() -> None:
    lab = _held(rests_stops=False)

    _comes_late(lab, THROUGH_THE_STOP, AT_103)

    assert _told() == [("stop", "leaving")]
    steps = OrderEvent.objects.filter(order__leg="stop").order_by("id")
    assert list(steps.values_list("reason", flat=True)) == [CANDLE_CAME_LATE, "STOP_REACHED"]
    assert not Trade.objects.exists()  # the candle at hand had opened before anybody knew
    lab.play("102.9", first=AT_103 + 3 * MINUTE)
    assert _trade()[1:3] == ("stop", Decimal("102.9"))


def test_it_is_met_once() -> None:
    lab = _held()
    mild: Prices = ("103", "103", "101", "103")
    _comes_late(lab, mild, AT_103)
    assert LateCandle.objects.get().met_at is not None

    LateCandle.objects.update(met_at=None)  # whoever was at it died before that was written down
    before = list(Order.objects.order_by("id").values())
    lab.play("103", first=AT_103 + 3 * MINUTE)

    assert list(Order.objects.order_by("id").values()) == before
    assert _told() == []


def test_a_stop_that_has_moved_since_is_not_met_where_it_stands_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = asking(monkeypatch, stop_fraction=0.04, scale_out=THIRDS)
    after = entered(lab)
    low: Prices = ("100.5", "100.5", "99", "100.5")  # between the first stop and the moved one
    after = lab.play(FIRST, first=after)
    lab.play("100.5", "101.4", first=after + MINUTE)
    assert stop() > 99

    fakes.write(lab.instrument, [low], after)
    lab.play("101.4", first=after + 3 * MINUTE)

    assert LateCandle.objects.get().met_at is not None
    assert Position.objects.get().quantity > 0
    assert _told() == []


def test_what_was_entered_after_it_is_not_met() -> None:
    lab = fakes.world()
    lab.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    lab.play("103", first=AT_103)  # the entry waits a candle longer

    fakes.write(lab.instrument, [THROUGH_THE_STOP], AT_103 - MINUTE)
    lab.play("103", first=AT_103 + MINUTE)

    assert Position.objects.get().quantity > 0
    assert Fill.objects.get().filled_at == AT_103


def test_it_fills_no_entry_and_starts_no_run() -> None:
    lab, opened = waiting(order_type="limit", limit_price="100")
    _comes_late(lab, THROUGH_THE_STOP, opened)

    assert LateCandle.objects.get().met_at is not None
    assert not Fill.objects.exists()
    assert Order.objects.get().status == "accepted"
    run = Run.objects.get(candle_close_time=opened + MINUTE)
    assert (run.status, run.reason) == ("missed", "NO_CANDLE")


def test_several_are_met_in_their_order() -> None:
    lab = _held()
    lab.play("103", first=AT_103 + 2 * MINUTE)
    fakes.write(lab.instrument, [TO_THE_TARGET, THROUGH_THE_STOP], AT_103)

    lab.play("103", first=AT_103 + 3 * MINUTE)

    assert _trade()[1] == "target"
    assert set(LateCandle.objects.values_list("met_at", flat=True)) != {None}
    call_command("check_ledger")


def test_one_that_the_venue_is_asked_for_no_more_is_history() -> None:
    lab = _held()
    later = AT_103 + ASKED_FOR
    lab.play("103", first=later)
    fakes.write(lab.instrument, [THROUGH_THE_STOP], AT_103)

    lab.play("103", first=later + MINUTE)

    assert LateCandle.objects.get().met_at is None
    assert Position.objects.get().quantity > 0


def test_a_trailing_stop_follows_it_and_meets_the_next_there() -> None:
    lab = _held()
    Order.objects.filter(leg="stop").update(
        order_type="trailing_stop_market", trailing_offset=2, trailing_offset_type="price",
        trigger_price=Decimal("100"),
    )  # fmt: skip
    Order.objects.filter(leg="target").update(limit_price=Decimal("120"))
    lab.play("101", first=AT_103 + 2 * MINUTE)  # 2 below is no nearer

    up: Prices = ("103", "105", "103", "104")
    fakes.write(lab.instrument, [up, ("104", "104", "102", "103")], AT_103)
    lab.play("103", first=AT_103 + 3 * MINUTE)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("trail", Decimal("103"))
    assert trade.closed_at == AT_103 + MINUTE


@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_what_is_lost_by_it_trips_what_it_would_have_tripped(late: bool) -> None:
    lab = _held()
    set_limits(lab.alice, Mode.PAPER, {"daily_loss_money": Decimal(50)}, now=MONDAY)

    if late:
        _comes_late(lab, THROUGH_THE_STOP, AT_103)
    else:
        lab.play(THROUGH_THE_STOP, "103", "103", first=AT_103)

    assert KillSwitch.objects.get().cause == "daily_loss"
