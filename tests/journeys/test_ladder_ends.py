"""What else closes a position with a ladder, and what comes after it."""

from decimal import Decimal

import pytest

from apps.execution.models import Order, Position, Trade
from apps.risk import services as risk
from apps.risk.models import Decision
from tests.fakes import MINUTE, MONDAY, World, close, write
from tests.journeys.asking import asking
from tests.journeys.climbing import FIRST, THIRDS, entered, exits, quantity
from trading.gates.values import TradingState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conserved")]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> World:
    return asking(monkeypatch, stop_fraction=0.04, scale_out=THIRDS)


def test_a_signal_to_leave_takes_what_a_rung_at_the_same_close_does_not(lab: World) -> None:
    after = entered(lab)

    lab.play(("100", "104", "98.5", "98.9"), "98.9", first=after)

    assert Decision.objects.get(action="exit_long").outcome == "ordered"
    assert exits() == [(1, 0, Decimal("6.25"), "filled")]
    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price, quantity()) == ("signal", Decimal("98.9"), 0)


def test_a_kill_switch_that_liquidates_comes_before_the_ladder(lab: World) -> None:
    after = entered(lab)
    risk.trip(by="shell:test", reason="drill", now=after, state=TradingState.LIQUIDATING)

    lab.play(FIRST, "100.5", first=after)

    assert exits() == []
    assert Trade.objects.get().exit_reason == "liquidation"


def test_a_kill_switch_leaves_whole_though_a_rung_is_on_its_way(lab: World) -> None:
    after = lab.play(FIRST, first=entered(lab))
    Order.objects.filter(leg="exit").update(status="submitted", active_from=after + 60 * MINUTE)
    risk.trip(by="shell:test", reason="drill", now=after, state=TradingState.LIQUIDATING)

    lab.play("100.5", "100.6", first=after)

    assert (Trade.objects.get().exit_reason, quantity()) == ("liquidation", 0)
    assert exits() == [(1, 0, Decimal("6.25"), "canceled")]


def test_nothing_more_is_entered_once_a_rung_is_taken(lab: World) -> None:
    after = lab.play("98", "98", "100", first=MONDAY)

    for prices in ("100", FIRST):  # each fills 5 of the 12.5
        after = write(lab.instrument, [prices], after, "50")
        close(lab.venue, after)

    entry = Order.objects.get(leg="entry")
    assert (entry.filled_quantity, entry.reason) == (10, "POSITION_LEAVING")
    assert exits() == [(1, 0, Decimal(5), "accepted")]


def test_a_target_closes_what_the_ladder_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = asking(monkeypatch, stop_fraction=0.04, target_fraction=0.05, scale_out=THIRDS)
    after = lab.play(FIRST, "100.5", first=entered(lab))

    lab.play(("100.5", "105", "100.5", "100.6"), first=after)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("target", Decimal("102.75"))


def test_the_next_position_climbs_its_own_ladder_only(lab: World) -> None:
    after = lab.play(("100", "115", "100", "100.5"), "100.5", first=entered(lab))
    after = lab.play("102", "102", first=after)
    assert quantity() > 0

    assert Position.objects.get().trade_sequence == 2
    lab.play(("102", "106.2", "102", "102"), "102", first=after)

    assert [rung for rung, *_ in exits()] == [3, 1]


def test_a_position_without_a_ladder_climbs_not_that_of_the_one_before(lab: World) -> None:
    after = lab.play(("100", "115", "100", "100.5"), "100.5", first=entered(lab))
    after = lab.play("102", first=after)
    Order.objects.filter(leg="entry", status="accepted").update(ladder=None)

    lab.play("102", ("102", "120", "102", "102"), "102", first=after)

    assert quantity() > 0
    assert [rung for rung, *_ in exits()] == [3]
