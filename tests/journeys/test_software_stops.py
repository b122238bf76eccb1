"""Where no venue holds a stop we watch the price ourselves, and say so only while somebody does."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from apps.brokers.models import Venue
from apps.execution import pipeline
from apps.execution.models import Exit, Order, Position, PriceWatch, Trade
from apps.execution.monitoring import look_after_positions
from apps.execution.protected import protections
from apps.execution.services import software_stops
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.strategies import services as strategies
from apps.strategies.models import StrategyVersion
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World, world
from tests.journeys.asking import asking
from tests.journeys.climbing import FIRST, THIRDS, entered
from trading.candles import Timeframe
from trading.gates.values import TradingState
from trading.protected import ProtectionState as S

pytestmark = [pytest.mark.django_db]

HELD = Decimal("24.5098")
STOP = Decimal("99.96")
AT_103 = MONDAY + 6 * MINUTE
TO_103 = (*fakes.QUIET, fakes.JUMP, "103")


def _watched_world() -> World:
    made = world()
    Venue.objects.update(rests_stops=False)
    return made


@pytest.fixture
def lab() -> World:
    made = _watched_world()
    made.play(*TO_103, first=MONDAY)
    return made


def _state() -> S:
    (found,) = protections(Position.objects.all()).values()
    return found.state


def _stop() -> Order:
    return Order.objects.get(leg="stop")


@pytest.mark.usefixtures("conserved")
def test_the_stop_is_held_by_us_and_never_sent(lab: World) -> None:
    look_after_positions(timezone.now())

    stop = _stop()
    assert (stop.held_by_us, stop.status, stop.trigger_price) == (True, "pending", STOP)
    assert (stop.quantity, stop.submitted_at) == (HELD, None)
    assert Order.objects.get(leg="target").status == "accepted"  # that one the venue takes
    assert _state() is S.SOFTWARE_WATCH


@pytest.mark.usefixtures("conserved")
def test_a_price_that_reaches_it_is_left_at_market(lab: World) -> None:
    after = lab.play(("103", "103", "99.9", "100"), first=AT_103)

    assert (_stop().status, _stop().reason) == ("canceled", "STOP_REACHED")
    leaving = Order.objects.get(leg="exit")
    assert (leaving.order_type, leaving.reduce_only, leaving.quantity) == ("market", True, HELD)
    assert _state() is S.EXITING
    lab.play("99.5", first=after)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("stop", Decimal("99.5"))
    assert not Order.objects.filter(status__in=["accepted", "pending"]).exists()
    assert Exit.objects.get().cause == "stop"


@pytest.mark.usefixtures("conserved")
def test_a_price_just_above_it_is_not(lab: World) -> None:
    lab.play(("103", "103", "99.97", "103"), first=AT_103)

    assert not Order.objects.filter(leg="exit").exists()
    assert _state() is S.SOFTWARE_WATCH


@pytest.mark.usefixtures("conserved")
def test_a_target_that_fills_lets_it_go(lab: World) -> None:
    lab.play(("103", "107", "103", "106.5"), first=AT_103)

    assert Trade.objects.get().exit_reason == "target"
    assert (_stop().status, _stop().reason) == ("canceled", "POSITION_CLOSED")


@pytest.mark.usefixtures("conserved")
def test_a_price_that_is_told_of_between_candles_is_enough(lab: World) -> None:
    def told(price: str, now: datetime = AT_103) -> int:
        return software_stops.watch_prices(lab.venue.code, {lab.instrument.pk: Decimal(price)}, now)

    assert told("99.97") == 0
    assert told("99.96", AT_103 - 10 * MINUTE) == 0  # it did not stand then
    assert told("99.96") == 1
    assert told("99.96") == 0
    assert Order.objects.filter(leg="exit").count() == 1


@pytest.mark.parametrize("state", list(TradingState))
def test_it_is_left_in_every_trading_state(lab: World, state: TradingState) -> None:
    if state is not TradingState.ACTIVE:
        risk.trip(by="olga", reason="drill", now=AT_103, state=state)
    lab.play("99", "98.5", first=AT_103)

    assert Position.objects.get().quantity == 0


def test_without_a_look_of_late_the_position_is_naked(lab: World) -> None:
    assert _state() is S.SOFTWARE_WATCH
    PriceWatch.objects.update(looked_at=Now() - timedelta(seconds=31))
    assert _state() is S.NAKED

    look_after_positions(timezone.now())
    assert _state() is S.SOFTWARE_WATCH


@pytest.mark.parametrize(("minutes", "state"), [(3, S.SOFTWARE_WATCH), (4, S.NAKED)])
def test_without_prices_of_late_the_position_is_naked(lab: World, minutes: int, state: S) -> None:
    MarketClock.objects.update(now=AT_103 + minutes * MINUTE)
    software_stops.watch_all()

    assert _state() is state


def test_a_quiet_instrument_is_watched_while_its_venue_brings_prices(lab: World) -> None:
    other = fakes.instrument(lab.venue, "ETH-USD")
    after = fakes.write(other, ["50"] * 10, AT_103)
    MarketClock.objects.update(now=after)
    now = timezone.now()

    for later in (0, 15, 30):
        look_after_positions(now + timedelta(seconds=later))

    assert _state() is S.SOFTWARE_WATCH
    assert not Exit.objects.exists()
    MarketClock.objects.update(now=after + 4 * MINUTE)
    look_after_positions(now)
    assert _state() is S.NAKED  # now nothing comes from the venue


def test_a_closed_exchange_owes_no_prices(lab: World) -> None:
    lab.instrument.calendar = "XNYS"  # opens at 14:30; it is shortly after midnight
    lab.instrument.save()
    MarketClock.objects.update(now=AT_103 + 60 * MINUTE)

    assert _state() is S.SOFTWARE_WATCH


def test_its_size_follows_the_position_and_its_trigger_the_ladder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laddered = asking(monkeypatch, stop_fraction=0.04, scale_out=THIRDS)
    Venue.objects.update(rests_stops=False)
    after = laddered.play(FIRST, first=entered(laddered))
    laddered.play("100.5", first=after)

    stop = _stop()
    assert (stop.held_by_us, stop.quantity) == (True, Decimal("6.25"))
    assert stop.trigger_price == 100  # at the entry, after the first rung


def _trailed() -> tuple[World, datetime]:
    """Held at 102.5 with a stop of ours that trails it by 2 %, and when that candle closed."""
    lab = _watched_world()
    StrategyVersion.objects.update(is_active=False)
    follower = strategies.create_version(
        "donchian_breakout",
        "1.0.0",
        timeframe=Timeframe.M1,
        instruments=[lab.instrument],
        parameters={"channel": 3, "exit_channel": 3, "stop_loss": 0, "trail": 0.02},
        capital=Decimal(5_000),
        risk_per_trade=Decimal("0.01"),
    )
    fakes.subscribe(lab.alice, follower, lab.account)
    after = lab.play(*["100"] * 5, "102", "102.5", first=MONDAY)
    assert _stop().trigger_price == Decimal("100.45")
    return lab, after


def test_a_trailing_stop_follows() -> None:
    lab, after = _trailed()

    after = lab.play(("103", "110", "103", "109.5"), first=after)
    assert (_stop().held_by_us, _stop().trigger_price) == (True, Decimal("107.8"))
    lab.play(("109", "109", "107", "108"), "108", first=after)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("trail", 108)


@pytest.mark.parametrize("trigger", ["100.45", None])  # none: 2 % behind the open of its first
def test_a_look_before_the_candle_is_taken_does_not_hide_its_low(trigger: str | None) -> None:
    lab, after = _trailed()
    Order.objects.filter(leg="stop").update(trigger_price=trigger, active_from=after)
    moment = fakes.write(lab.instrument, [("102.5", "104", "100", "104")], after)
    MarketClock.objects.update(now=moment)

    assert software_stops.watch_all() == 0  # its close, 104, is far from the stop
    pipeline.close_candles(lab.venue.code, moment)

    assert (_stop().status, _stop().reason) == ("canceled", "STOP_REACHED")


def test_the_paper_venue_refuses_a_stop_that_is_sent_all_the_same() -> None:
    lab = world()
    Venue.objects.update(paper_refuses=["stop_market"])
    lab.play(*TO_103, first=MONDAY)

    assert (_stop().status, _stop().reason) == ("rejected", "ORDER_TYPE_NOT_TAKEN")
    assert _state() is S.NAKED
