"""The loop behind simulated clocks, and the process that runs it."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet

from apps.execution import pipeline
from apps.execution.feeding import FeedLoop
from apps.execution.feeds_apart import FeedsApart
from apps.execution.management.commands.feed import tell_of_thread
from apps.execution.models import Position
from apps.market import selectors as market
from apps.market.models import Candle, CandleCursor, Feed, MarketClock
from apps.market.services import clock
from apps.risk.models import Decision
from apps.strategies.models import Run
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World, write
from tests.journeys.processes import Child
from trading.candles import Timeframe

PATIENCE_SECONDS = 30.0
AS_FAST_AS_POSSIBLE = 0.0


@pytest.fixture
def lab(db: None) -> World:
    """A world whose recording ends with a jump, on which the strategy enters."""
    made = fakes.world()
    record(made, *QUIET, JUMP, "102")
    return made


def record(lab: World, *prices: str, first: datetime = MONDAY) -> None:
    write(lab.instrument, prices, first)
    clock.simulate(lab.venue.code, feed=Feed.REPLAY, seconds_per_candle=AS_FAST_AS_POSSIBLE, seed=1)


def play(until: Callable[[list[str]], bool], *venues: str) -> list[str]:
    """Run the loop until its lines, or the world, are as wanted. What it said."""
    lines: list[str] = []
    deadline = time.monotonic() + PATIENCE_SECONDS

    def stops_within(seconds: float) -> bool:
        assert time.monotonic() < deadline, lines
        time.sleep(min(seconds, 0.05))
        return until(lines)

    FeedLoop(lines.append, stops_within, venues).run()
    return lines


def looks() -> QuerySet[Run]:
    """What strategies looked at. (The recording has no candle of the close it begins at.)"""
    return Run.objects.exclude(status=Run.Status.MISSED)


def has_ended(lines: list[str]) -> bool:
    return any(line.startswith("recording ended") for line in lines)


def now() -> datetime:
    return market.market_now("lab")


def test_a_recording_is_played_to_its_end_candle_by_candle(lab: World) -> None:
    fakes.past(lab.instrument, MONDAY - MINUTE)
    said = play(has_ended)

    assert said == ["feed ready: lab", "recording ended: lab at 2026-06-01 00:06"]
    assert now() == MONDAY + 6 * MINUTE
    assert looks().count() == 6
    assert Decision.objects.get().subscription == lab.subscription
    assert Position.objects.get().quantity > 0


def test_once_plays_one_candle_of_each_venue(lab: World) -> None:
    other = fakes.venue("other")
    write(fakes.instrument(other), ["1", "1"], MONDAY)
    clock.simulate("other", feed=Feed.REPLAY, seconds_per_candle=60)

    call_command("feed", "--once", stdout=StringIO())

    assert now() == market.market_now("other") == MONDAY + MINUTE
    assert looks().count() == 1


def test_only_the_named_venue_is_played(lab: World) -> None:
    call_command("feed", "--once", "--venue", "elsewhere", stdout=StringIO())

    assert now() == MONDAY


def test_a_clock_that_was_moved_before_a_crash_is_caught_up_with_first(lab: World) -> None:
    call_command("feed", "--once", stdout=StringIO())
    clock.advance("lab", MONDAY + 2 * MINUTE)  # and killed before the pipeline

    play(bool)

    assert CandleCursor.objects.get().closed_through >= MONDAY + 2 * MINUTE
    assert set(looks().values_list("candle_close_time", flat=True)) >= {
        MONDAY + MINUTE, MONDAY + 2 * MINUTE,
    }  # fmt: skip


def test_a_recording_goes_on_when_more_of_it_is_stored(lab: World) -> None:
    play(has_ended)
    lines_before: list[str] = []

    def until(lines: list[str]) -> bool:
        if has_ended(lines) and not lines_before:
            lines_before.extend(lines)
            write(lab.instrument, ["103"], MONDAY + 6 * MINUTE)
        return now() == MONDAY + 7 * MINUTE

    said = play(until)

    assert said == lines_before  # the end was told once, however often it was met


def test_a_synthetic_market_is_made_kept_and_charted(lab: World) -> None:
    clock.simulate("lab", feed=Feed.SYNTHETIC, seconds_per_candle=AS_FAST_AS_POSSIBLE, seed=5)
    Candle.objects.all().delete()

    play(lambda _: now() >= MONDAY + 15 * MINUTE)

    kept = Candle.objects.filter(instrument=lab.instrument)
    assert kept.filter(timeframe=Timeframe.M1).count() == 15
    assert kept.filter(timeframe=Timeframe.M5).count() == 3
    assert kept.filter(timeframe=Timeframe.M15).count() == 1
    assert looks().count() == 15


def test_a_venue_that_cannot_be_played_is_told_once_and_the_others_go_on(lab: World) -> None:
    broken = fakes.venue("broken")
    MarketClock.objects.filter(venue=broken).update(feed="radio", seconds_per_candle=0)

    said = play(has_ended)

    assert said.count("feed refused: broken: No feed 'radio' is known (venue broken).") == 1
    assert now() == MONDAY + 6 * MINUTE


def test_a_venue_that_gets_a_feed_later_is_played_without_a_restart(lab: World) -> None:
    MarketClock.objects.update(feed="")

    def until(lines: list[str]) -> bool:
        if lines == ["feed ready: nothing to play yet"]:
            MarketClock.objects.update(feed=Feed.REPLAY)
        return has_ended(lines)

    assert "feed ready: lab" in play(until)


def test_the_pace_is_kept(lab: World) -> None:
    MarketClock.objects.update(seconds_per_candle=0.2)
    started = time.monotonic()

    play(lambda _: now() == MONDAY + 3 * MINUTE)

    assert time.monotonic() - started >= 2 * 0.2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cut_off", ["between candles", "inside a candle"])
def test_a_database_that_goes_away_is_waited_for_and_nothing_is_left_out(
    cut_off: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = fakes.world()
    record(lab, *QUIET, JUMP, "102")
    close_candles = pipeline.close_candles
    cuts: list[datetime] = []

    def cut_once(moment: datetime) -> None:
        if moment == MONDAY + 2 * MINUTE and not cuts:
            cuts.append(moment)
            with connection.cursor() as cursor, other_connection() as other:
                cursor.execute("SELECT pg_backend_pid()")
                other.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())

    def interrupted(venue: str, moment: datetime, *, wait: bool) -> int:
        if cut_off == "inside a candle":  # the clock has moved, the pipeline has not begun
            cut_once(moment)
        return close_candles(venue, moment, wait=wait)

    def until(lines: list[str]) -> bool:
        if cut_off == "between candles" and not cuts:
            cut_once(now())
            return False
        return has_ended(lines)

    monkeypatch.setattr(pipeline, "close_candles", interrupted)
    said = play(until)

    assert cuts
    assert [line.partition(":")[0] for line in said] == [
        "feed ready", "feed waits for the database", "recording ended",
    ]  # fmt: skip
    assert looks().count() == 6
    assert Decision.objects.count() == 1


@pytest.mark.logs_errors
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", ["another", "lab"])
def test_a_venue_that_fails_with_every_candle_keeps_no_other_from_being_played(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lab = fakes.world()
    record(lab, *QUIET)
    another = fakes.venue("another")
    write(fakes.instrument(another), QUIET, MONDAY)
    clock.simulate("another", feed=Feed.REPLAY, seconds_per_candle=AS_FAST_AS_POSSIBLE)
    close_candles = pipeline.close_candles

    def fail(venue: str, moment: datetime, *, wait: bool) -> int:
        if venue == broken:
            raise ZeroDivisionError("one venue's")
        return close_candles(venue, moment, wait=wait)

    monkeypatch.setattr(pipeline, "close_candles", fail)
    monkeypatch.setattr(threading, "excepthook", tell_of_thread)
    said: list[str] = []
    failed = f"feed {broken} failed and begins again"
    (whole,) = {"lab", "another"} - {broken}

    def is_over(_: float) -> bool:
        ended = any(line.startswith(f"recording ended: {whole}") for line in said)
        return ended and caplog.messages.count(failed) > 1

    FeedsApart(said.append).run(is_over)

    assert market.market_now(whole) == MONDAY + len(QUIET) * MINUTE
    assert "ZeroDivisionError: one venue's" in caplog.text


@contextmanager
def other_connection() -> Iterator[psycopg.Connection]:
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    chosen = {name: parameters[name] for name in names if parameters.get(name)}
    with psycopg.connect(**chosen, autocommit=True) as other:
        yield other


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_at_once_and_well_when_it_is_told_to(
    child_environment: Mapping[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    lab = fakes.world()
    record(lab, *QUIET)
    MarketClock.objects.update(seconds_per_candle=3600)
    feed = Child("feed", (sys.executable, "manage.py", "feed"), child_environment, tmp_path)
    try:
        feed.wait_for_line("feed ready: lab")
        told = time.monotonic()
        feed.process.send_signal(number)

        assert feed.process.wait(timeout=PATIENCE_SECONDS) == 0
        assert time.monotonic() - told < 5
    finally:
        feed.end()
