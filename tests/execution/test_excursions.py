"""How far a trade went is known with the candle that closed it, once."""

from decimal import Decimal

import pytest

from apps.execution.models import Trade
from apps.execution.services.closes import Close
from apps.execution.services.excursions import measure
from apps.market.models import Candle
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.candles import Timeframe

pytestmark = pytest.mark.django_db

ENTRY = ("103", "104", "102", "103")  # filled at its open
LOW = ("103", "103", "101.5", "102")
EXIT = ("102", "108", "102", "107")  # the target, 4 % above the reference price, is reached


@pytest.fixture
def world() -> World:
    return fakes.world()


def test_lows_and_highs_between_entry_and_exit_count_and_no_others(world: World) -> None:
    world.play(*QUIET, JUMP, ENTRY, LOW, EXIT, ("107", "120", "90", "107"), first=MONDAY)

    trade = Trade.objects.get()
    assert trade.entry_price == 103
    assert trade.mae == Decimal("1.5") * trade.quantity
    assert trade.mfe == 5 * trade.quantity


def test_a_trade_without_candles_stays_unknown_and_is_measured_when_they_are_there(
    world: World,
) -> None:
    closed = world.play(*QUIET, JUMP, ENTRY, EXIT, first=MONDAY)
    Trade.objects.update(mae=None, mfe=None)
    kept = list(Candle.objects.all())
    Candle.objects.all().delete()
    close = Close(world.venue.code, closed, Timeframe.M1, instruments_of(world), frozenset())

    assert measure(close) == 0
    assert Trade.objects.get().mae is None

    Candle.objects.bulk_create(kept)
    assert measure(close) == 1
    assert measure(close) == 0
    assert Trade.objects.get().mae == Trade.objects.get().quantity


def test_the_candle_in_which_it_opened_counts(world: World) -> None:
    closed = world.play(*QUIET, JUMP, ENTRY, EXIT, first=MONDAY)
    Trade.objects.update(mae=None, mfe=None, opened_at=MONDAY + MINUTE / 2)
    close = Close(world.venue.code, closed, Timeframe.M1, instruments_of(world), frozenset())

    assert measure(close) == 1
    assert Trade.objects.get().mae == 3 * Trade.objects.get().quantity, "from the minute it is in"


def instruments_of(world: World) -> dict[Timeframe, list[int]]:
    return {Timeframe.M1: [world.instrument.pk]}
