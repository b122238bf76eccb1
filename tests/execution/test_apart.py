"""What fails at one venue, or in one step, keeps nothing else from being done, and is told."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.brokers.models import Venue
from apps.common.apart import each_apart, in_halves
from apps.execution import pipeline, recovery, tasks
from apps.execution.models import Exit, Order, Position, PriceWatch
from apps.execution.monitoring import look_after_positions
from apps.execution.services import software_stops, watching
from apps.execution.services.flattening import flatten
from apps.market import selectors as market
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World
from trading.exits import ExitReason
from trading.gates.values import TradingState

TO_103 = (*fakes.QUIET, fakes.JUMP, "103")
AT_103 = MONDAY + 6 * MINUTE


class Broken(Exception):
    """A mistake of our own, made again and again."""


class Ended(BaseException):
    """As the end of the process."""


def _broken(*_: object, **__: object) -> Any:
    raise Broken


def _noting(noted: list[str], name: str, raises: type[BaseException] | None) -> Callable[[], str]:
    def step() -> str:
        noted.append(name)
        if raises is not None:
            raise raises(name)
        return name.upper()

    return step


def test_each_is_done_in_order_and_answers() -> None:
    noted: list[str] = []
    assert each_apart(_noting(noted, name, None) for name in "abc") == ["A", "B", "C"]
    assert noted == ["a", "b", "c"]


def test_those_after_one_that_fails_are_done_and_every_error_is_told() -> None:
    noted: list[str] = []
    raises = {"b": Broken, "c": KeyError}

    with pytest.raises(KeyError) as told:
        each_apart(_noting(noted, name, raises.get(name)) for name in "abcd")

    assert noted == ["a", "b", "c", "d"]
    assert isinstance(told.value.__context__, Broken)


def test_the_end_of_the_process_ends_it() -> None:
    noted: list[str] = []
    with pytest.raises(Ended):
        each_apart(_noting(noted, name, Ended if name == "b" else None) for name in "abc")
    assert noted == ["a", "b"]


@pytest.mark.django_db(transaction=True)
def test_what_fails_for_some_is_done_for_all_others() -> None:
    done: list[int] = []
    failed: list[int] = []

    def act(items: Sequence[int]) -> int:
        if {3, 4, 9} & {*items}:
            raise Broken(*items)
        done.extend(items)
        return len(items)

    connection.ensure_connection()
    assert in_halves(act, [1, 2], failed.append) == 2
    with pytest.raises(Broken):
        in_halves(act, range(3, 13), failed.append)

    assert sorted(done) == [1, 2, 5, 6, 7, 8, 10, 11, 12]
    assert failed == [3, 4, 9]


@pytest.mark.django_db
def test_what_has_raised_too_late_is_not_halved() -> None:
    tried: list[int] = []

    def act(items: Sequence[int]) -> int:
        tried.append(len(items))
        raise Broken

    connection.ensure_connection()
    with pytest.raises(Broken):
        in_halves(act, range(8), _broken, until=time.monotonic())

    assert tried == [8]


@pytest.mark.django_db
def test_what_failed_attempts_held_is_let_go() -> None:
    """Their errors stay linked, thousands of them."""
    held: list[weakref.ref[Facts]] = []
    alive: list[int] = []

    class Facts:
        """Of a chunk of people."""

    def act(items: Sequence[int]) -> int:
        facts = Facts()
        held.append(weakref.ref(facts))
        raise Broken

    def fails(_: int) -> None:
        alive.append(sum(each() is not None for each in held))

    connection.ensure_connection()
    with pytest.raises(Broken):
        in_halves(act, range(4), fails)

    assert (len(held), alive) == (7, [0, 0, 0, 0])


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_who_failed_with_the_database() -> None:
    def act(_: Sequence[int]) -> int:
        connection.connection.close()
        raise Broken

    told: list[int] = []
    connection.ensure_connection()
    with pytest.raises(Broken):
        in_halves(act, [1], told.append)

    assert told == []
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_without_the_database_no_halves_are_tried() -> None:
    tried: list[int] = []

    def act(items: Sequence[int]) -> int:
        tried.append(len(items))
        connection.connection.close()
        raise Broken

    connection.ensure_connection()
    with pytest.raises(Broken):
        in_halves(act, range(8), _broken)

    assert tried == [8]
    connection.close()


@pytest.mark.django_db
def test_the_end_of_the_process_leaves_no_halves_to_try() -> None:
    tried: list[int] = []

    def act(items: Sequence[int]) -> int:
        tried.append(len(items))
        raise Ended

    with pytest.raises(Ended):
        in_halves(act, range(8), _broken)

    assert tried == [8]


@pytest.fixture
def lab() -> World:
    """Alice is long at a venue that holds no stops; another venue comes before it."""
    made = fakes.world()
    fakes.venue("another")
    Venue.objects.update(rests_stops=False)
    made.play(*TO_103, first=MONDAY)
    return made


def _at_another(act: Callable[[str, datetime], int]) -> Callable[[str, datetime], int]:
    def broken_there(venue: str, now: datetime) -> int:
        if venue == "another":
            raise Broken
        return act(venue, now)

    return broken_there


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["watch_all", "keep_protected"])
def test_no_step_of_the_monitor_keeps_exits_from_being_sent(
    lab: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(watching if step == "keep_protected" else software_stops, step, _broken)
    assert flatten(Position.objects.all(), ExitReason.MANUAL, by="olga").exits == 1

    with pytest.raises(Broken):
        look_after_positions(timezone.now())

    assert Order.objects.get(leg="exit").status == "accepted"


@pytest.mark.django_db(transaction=True)
def test_one_venue_without_prices_leaves_the_stops_of_another_watched(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Order.objects.get(leg="stop")
    coin = fakes.instrument(Venue.objects.get(pk="another"))
    held = Position.objects.get()
    stop.exit = Exit.objects.create(
        user=held.user, position=held, cause="stop", level=3, sequence=held.trade_sequence,
        decided_at=AT_103,
    )  # fmt: skip
    stop.pk, stop.decision, stop.instrument, stop.client_order_id = None, None, coin, "f" * 32
    stop.save()
    now = fakes.write(lab.instrument, ["99"], AT_103)
    MarketClock.objects.update(now=now)
    real = market.latest_prices

    def prices(ids: Any, at: datetime) -> Any:
        return _broken() if coin.pk in ids else real(ids, at)

    monkeypatch.setattr(market, "latest_prices", prices)

    with pytest.raises(Broken):
        look_after_positions(timezone.now())

    left = Order.objects.get(leg="exit")
    assert (left.instrument, left.status) == (lab.instrument, "accepted")


@pytest.mark.django_db
def test_one_rung_that_fails_keeps_no_other_from_being_climbed(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def climb(found: Any) -> int:
        tried.append(found)
        raise Broken

    monkeypatch.setattr(watching, "climb", climb)
    monkeypatch.setattr(watching, "_keep_spells", lambda *_: [1, 2])

    with pytest.raises(Broken):
        watching.keep_protected(timezone.now())

    assert tried == [1, 2]


@pytest.mark.django_db
def test_one_venue_that_cannot_close_stops_no_other_and_no_other_step(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    risk.trip(
        by="olga", reason="drill", now=AT_103, state=TradingState.HALTED,
        expires_at=timezone.now(),
    )  # fmt: skip
    MarketClock.objects.update(now=fakes.write(lab.instrument, ["99"], AT_103))
    monkeypatch.setattr(pipeline, "close_candles", _at_another(pipeline.close_candles))

    with pytest.raises(Broken):
        recovery.sweep()

    assert Exit.objects.get().cause == "stop", "its candle was taken"
    assert KillSwitch.objects.get().reset_at is not None, "and what came after it was done"


@pytest.mark.django_db
@pytest.mark.logs_errors
def test_the_task_fails_and_says_so(
    lab: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(software_stops, "watch_all", _broken)

    outcome = tasks.look_after_positions.apply()

    assert (outcome.state, type(outcome.result)) == ("FAILURE", Broken)
    assert "Broken" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_who_fails_to_look_has_not_looked(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = PriceWatch.objects.get()
    monkeypatch.setattr(software_stops, "look", _broken)

    with pytest.raises(Broken):
        lab.play("102", first=AT_103)

    assert PriceWatch.objects.get().looked_at == before.looked_at
    assert PriceWatch.objects.get().through == before.through
