"""An equity is traded in its exchange's hours, and its closed hours are no holes."""

from datetime import UTC, datetime

import pytest

from apps.execution.models import Fill, Order
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.strategies.models import Run
from tests import fakes
from tests.fakes import JUMP, MINUTE, QUIET, World

pytestmark = pytest.mark.django_db

BELL = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    made = fakes.world()
    Instrument.objects.update(calendar="XNYS", asset_class="equity")
    return made


def test_a_signal_of_the_last_candle_is_denied_because_the_market_has_closed(world: World) -> None:
    world.play(*QUIET, JUMP, first=BELL - 5 * MINUTE)

    decision = Decision.objects.get(action="enter_long")
    assert (decision.outcome, decision.code) == ("denied", "MARKET_CLOSED")
    assert [10, 0, "MARKET_CLOSED", "closed", "open"] in decision.verdicts
    assert not Order.objects.exists()


def test_an_exit_of_the_last_candle_waits_for_the_next_session(world: World) -> None:
    world.play(*QUIET, JUMP, "103", "100.2", first=BELL - 7 * MINUTE)
    exit_order = Order.objects.get(leg="exit")
    assert exit_order.status == "accepted"

    world.play(("99", "101", "99", "100"), first=TUESDAY)

    exit_order.refresh_from_db()
    assert exit_order.status == "filled"
    assert Fill.objects.get(order=exit_order).price == 99


def test_a_night_is_not_a_row_of_missed_candles(world: World) -> None:
    world.play(*QUIET, first=BELL - 4 * MINUTE)
    world.play("100", "100", first=TUESDAY + MINUTE)  # the first minute of the day is missing

    missed = Run.objects.filter(status="missed").values_list("candle_close_time", flat=True)
    assert list(missed) == [TUESDAY + MINUTE]
