"""Candles that come late, twice, out of order or not at all; closes that nobody was there for."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.execution import recovery
from apps.execution.models import Fill, Order, Position, Trade
from apps.execution.services import closes
from apps.market.models import Candle
from apps.market.services import clock, cursors
from apps.market.services.candles import record_candles
from apps.market.services.cursors import Half
from apps.risk.models import Decision
from apps.strategies.models import Run, Signal
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World, close, world, write
from trading.candles import Timeframe, boundaries

pytestmark = pytest.mark.django_db

SEED = 20_260_601


@pytest.fixture
def lab() -> World:
    return world()


def test_a_candle_that_comes_twice_with_other_prices_is_not_looked_at_again(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    before = _looked_at()

    write(lab.instrument, ["90"], after - MINUTE)

    assert close(lab.venue, after) == 0
    assert _looked_at() == before
    lab.play("102.5", first=after)
    assert Decision.objects.get().reference_price == Decimal(JUMP)
    assert Fill.objects.get().price == Decimal("102.5")


def test_a_candle_that_comes_after_the_next_one_is_history(lab: World) -> None:
    start = lab.play(*QUIET, first=MONDAY)
    end = write(lab.instrument, ["100"], start + MINUTE)
    close(lab.venue, end)
    looked = Run.objects.filter(status="completed").count()

    write(lab.instrument, [JUMP], start)

    assert close(lab.venue, end) == 0
    assert Run.objects.filter(status="completed").count() == looked
    assert Run.objects.get(candle_close_time=end - MINUTE).reason == "NO_CANDLE"
    assert not Signal.objects.exists()


def test_the_clock_of_the_caller_may_stand_anywhere_inside_the_next_candle(lab: World) -> None:
    after = lab.play(*QUIET, first=MONDAY)
    moment = write(lab.instrument, [JUMP, "103"], after) - MINUTE

    close(lab.venue, moment + timedelta(seconds=59, microseconds=999_999))

    assert Run.objects.latest("candle_close_time").candle_close_time == moment
    assert Signal.objects.get().candle_close_time == moment


def test_after_a_pause_the_latest_close_is_looked_at_and_the_older_are_recorded(
    lab: World,
) -> None:
    start = lab.play(*QUIET, first=MONDAY)
    end = write(lab.instrument, [JUMP, "100", "100", "100", "100", JUMP], start)

    assert close(lab.venue, end) == 6

    missed = Run.objects.filter(status="missed")
    assert {run.reason for run in missed} == {"TOO_LATE"}
    assert sorted(run.candle_close_time for run in missed) == [
        start + minute * MINUTE for minute in range(1, 6)
    ]
    assert Run.objects.get(candle_close_time=end).status == "completed"
    assert Signal.objects.get().candle_close_time == end
    assert Order.objects.get().active_from == end


def test_stops_and_exits_are_honoured_on_the_candles_that_were_missed(lab: World) -> None:
    start = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    assert Position.objects.get().quantity > 0
    end = write(lab.instrument, ["102", ("101", "101", "98", "98"), "98", "98"], start)

    close(lab.venue, end)

    trade = Trade.objects.get()
    assert trade.exit_reason == "stop"
    assert trade.closed_at == start + MINUTE
    assert Run.objects.get(candle_close_time=end - MINUTE).status == "missed"
    call_command("check_ledger")


def test_a_close_that_nobody_took_is_taken_by_the_sweep_while_it_is_the_latest(
    lab: World,
) -> None:
    """The clock was moved, and then its mover died, or found another at work on the last close."""
    after = lab.play(*QUIET, first=MONDAY)
    moment = write(lab.instrument, [JUMP], after)
    clock.advance(lab.venue.code, moment + timedelta(seconds=2))

    assert recovery.sweep().closes == 1

    assert Run.objects.get(candle_close_time=moment).status == "completed"
    assert Order.objects.get().status == "accepted"


def test_closes_without_a_candle_are_recorded(lab: World) -> None:
    start = lab.play(*QUIET, first=MONDAY)

    end = write(lab.instrument, ["100"], start + 3 * MINUTE)
    close(lab.venue, end)

    missed = Run.objects.filter(status="missed").values_list("candle_close_time", "reason")
    assert sorted(missed) == [(start + minute * MINUTE, "NO_CANDLE") for minute in range(1, 4)]


def test_a_slower_strategy_gets_its_latest_close_though_minutes_have_passed() -> None:
    lab = world(timeframe="5m")
    fives = [fakes.candle(MONDAY + index * 5 * MINUTE, price) for index, price in enumerate(QUIET)]
    end = MONDAY + 7 * MINUTE
    close(lab.venue, MONDAY)
    write(lab.instrument, ["100"] * 7, MONDAY)
    record_candles(Timeframe.M5, {lab.instrument.pk: fives[:1]})

    close(lab.venue, end)

    run = Run.objects.get(candle_close_time=MONDAY + 5 * MINUTE)
    assert run.status == "warming_up"


def test_every_close_is_either_looked_at_or_recorded_as_missed() -> None:
    """Candles of two instruments are lost, late or repeated, and the clock comes at random."""
    chance = random.Random(SEED)
    at = fakes.venue()
    traded = [fakes.instrument(at, symbol) for symbol in ("BTC-USD", "ETH-USD")]
    followed = fakes.version(traded)
    close(at, MONDAY)
    written = {one.pk: MONDAY for one in traded}
    minutes = 40
    for minute in range(minutes):
        opened = MONDAY + minute * MINUTE
        is_last = minute == minutes - 1
        for one in traded:
            if is_last or chance.random() < 0.7:
                write(one, [str(100 + chance.randint(0, 5))], opened)
                written[one.pk] = opened
            if chance.random() < 0.2:
                write(one, ["99"], written[one.pk])
            if minute > 3 and chance.random() < 0.1:
                write(one, ["98"], opened - chance.randint(1, 3) * MINUTE)
        if is_last or chance.random() < 0.5:
            close(at, opened + MINUTE + timedelta(seconds=chance.randint(0, 59)))

    # It is followed from the close that was the latest when the venue was first looked at.
    expected = boundaries(MONDAY - MINUTE, MONDAY + minutes * MINUTE, Timeframe.M1)
    for one in traded:
        runs = Run.objects.filter(version=followed, instrument=one)
        assert sorted(run.candle_close_time for run in runs) == list(expected)
    statuses = Counter(Run.objects.values_list("status", "reason"))
    assert {("missed", "NO_CANDLE"), ("missed", "TOO_LATE"), ("completed", "")} <= set(statuses)


def test_an_instrument_that_stopped_long_ago_is_not_paid_for_at_every_close(lab: World) -> None:
    fakes.instrument(lab.venue, "OLD-USD")
    close(lab.venue, MONDAY)
    end = write(lab.instrument, ["100"] * 300, MONDAY)
    with transaction.atomic():
        for half in Half:
            cursors.move_cursors([lab.instrument.pk], Timeframe.M1, half, end)

    with CaptureQueriesContext(connection) as captured:
        assert not closes.due(lab.venue.code, end)

    table = Candle._meta.db_table
    (query,) = [query["sql"] for query in captured if f"FROM {table} " in query["sql"]]
    with transaction.atomic(), connection.cursor() as cursor:
        # So few rows that reading all of them may look cheaper than the index: not with a million.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
        assert _rows_scanned(cursor.fetchone()[0][0]["Plan"]) < 10


def _rows_scanned(plan: dict[str, Any]) -> int:
    below = sum(_rows_scanned(part) for part in plan.get("Plans", []))
    is_scan = plan.get("Relation Name", "").startswith(Candle._meta.db_table)
    rows = plan["Actual Rows"] * plan["Actual Loops"] + plan.get("Rows Removed by Filter", 0)
    return below + (int(rows) if is_scan else 0)


def _looked_at() -> tuple[int, int, int]:
    return Run.objects.count(), Signal.objects.count(), Decision.objects.count()
