"""Stops fill and exits leave with every candle, whatever becomes of what is decided about it; and
what was not decided is, in its order, as soon as it can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from django.db import InterfaceError, connection

from apps.events.models import Event
from apps.execution import recovery
from apps.execution.models import Fill, Order, Position, Trade
from apps.execution.rows import OrderRow
from apps.execution.services import (
    black_swans,
    cancelling,
    closes,
    excursions,
    exits,
    fan_out,
    funding,
    ladders,
    measuring,
    paper,
    regimes,
    software_stops,
)
from apps.execution.services.fills import record_fills
from apps.market.models import CandleCursor, MarketClock
from apps.risk.models import Decision
from apps.strategies import services as runs
from apps.strategies.models import Run
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from tests.journeys.outcome import assert_sound

pytestmark = pytest.mark.django_db(transaction=True)

JUMPED = MONDAY + 5 * MINUTE  # the strategy says to enter
HELD = JUMPED + MINUTE  # Alice is long at 103, her stop stands at 99.96


class Broken(Exception):
    """A mistake of our own, made again and again."""


def broken(*_: object, **__: object) -> Any:
    raise Broken


@pytest.fixture
def lab() -> World:
    return fakes.world()


@contextmanager
def failing(module: ModuleType, name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, broken)
        yield


def fail(lab: World, *prices: fakes.Prices, first: datetime) -> datetime:
    """As `play`, where each close raises."""
    moment = first
    for price in prices:
        moment = fakes.write(lab.instrument, [price], moment)
        with pytest.raises(Broken):
            fakes.close(lab.venue, moment)
    return moment


def cursor() -> tuple[datetime, datetime]:
    return CandleCursor.objects.values_list("closed_through", "decided_through").get()


def assert_stopped() -> None:
    assert Position.objects.get().quantity == 0
    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.closed_at) == ("stop", HELD)


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (fan_out, "look_around"),
        (measuring, "_measure"),
        (black_swans, "watch"),
        (closes, "record_misses"),
        (regimes, "record"),
        (runs, "look_and_record"),
    ],
)
def test_a_stop_fills_though_nothing_can_be_decided(
    lab: World, module: ModuleType, name: str
) -> None:
    lab.play(*QUIET, JUMP, "103", first=MONDAY)

    with failing(module, name):
        end = fail(lab, ("100.5", "100.5", "90", "90"), first=HELD)
        assert cursor() == (end, HELD)
        end = fail(lab, "90", first=end)

    assert_stopped()
    assert cursor()[0] == end


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (cancelling, "cancel_stopped_entries"),
        (cancelling, "expire_ended"),
        (funding, "charge"),
        (excursions, "measure"),
        (exits, "leave"),
        (software_stops, "watch_candles"),
        (ladders, "climb"),
    ],
)
def test_nothing_beside_it_keeps_a_stop_from_filling(
    lab: World, module: ModuleType, name: str
) -> None:
    """What fails is tried again with this candle until the next has come."""
    lab.play(*QUIET, JUMP, "103", first=MONDAY)

    with failing(module, name):
        end = fail(lab, ("100.5", "100.5", "90", "90"), first=HELD)
        assert_stopped()
        assert cursor() == (HELD, end), "it is decided, and met again"
        last = fail(lab, "90", first=end)
        assert cursor() == (end, last)

    assert fakes.close(lab.venue, last) == 1
    assert cursor() == (last, last)
    assert_sound()


def test_who_has_lost_the_session_of_its_lock_does_nothing_more(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else may hold it by now."""
    lab.play(*QUIET, JUMP, "103", first=MONDAY)
    end = fakes.write(lab.instrument, [("100.5", "100.5", "90", "90"), "90"], HELD)
    left: list[datetime] = []

    def lost(_: closes.Close) -> int:
        connection.close()
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(funding, "charge", lost)
        patch.setattr(exits, "leave", lambda close: left.append(close.time))
        with pytest.raises(InterfaceError):
            fakes.close(lab.venue, end)

    assert left == []
    assert_stopped()
    assert cursor() == (HELD, HELD)
    assert fakes.close(lab.venue, end) == 2


@pytest.mark.logs_errors
def test_what_could_not_be_decided_is_before_anything_later(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.play(*QUIET, first=MONDAY)
    decided: list[datetime] = []
    decide = closes.record_misses

    def noting(close: closes.Close) -> None:
        decided.append(close.time)
        decide(close)

    monkeypatch.setattr(closes, "record_misses", noting)
    with failing(fan_out, "look_around"):
        later = fail(lab, JUMP, "102.5", "102.5", first=JUMPED - MINUTE)
    assert decided == [JUMPED] * 3

    decided.clear()
    lab.play("102.4", first=later)

    assert decided == [JUMPED + minute * MINUTE for minute in range(4)]
    assert Run.objects.get(candle_close_time=later).reason == "TOO_LATE"
    entry, leaving = Decision.objects.order_by("pk")
    assert entry.signal.candle_close_time == JUMPED
    assert leaving.signal.candle_close_time == later + MINUTE
    assert_sound()


@pytest.mark.logs_errors
def test_what_is_decided_late_is_not_filled_from_a_candle_that_is_over(lab: World) -> None:
    lab.play(*QUIET, first=MONDAY)
    with failing(fan_out, "look_around"):
        late = fail(lab, JUMP, first=JUMPED - MINUTE)

    now = lab.play("102.4", first=late)

    order = Order.objects.get()
    assert (order.status, order.active_from, now) == ("accepted", now, late + MINUTE)
    lab.play("102.3", first=now)
    assert Fill.objects.get().filled_at == now
    assert Fill.objects.get().price == Decimal("102.3")


@pytest.mark.logs_errors
def test_nor_from_one_that_orders_have_yet_to_meet(lab: World) -> None:
    """The sweep decides it when the clock stands at the next close, and that is taken only then."""
    lab.play(*QUIET, first=MONDAY)
    with failing(fan_out, "look_around"):
        late = fail(lab, JUMP, first=JUMPED - MINUTE)
    now = fakes.write(lab.instrument, ["102.4"], late)
    MarketClock.objects.update(now=now)

    assert recovery.redrive_undecided() == 1
    fakes.close(lab.venue, now)

    assert Order.objects.get().active_from == now
    assert not Fill.objects.exists()
    lab.play("102.3", first=now)
    assert Fill.objects.get().filled_at == now


@pytest.mark.logs_errors
def test_taken_again_before_the_next_candle_it_is_in_time(lab: World) -> None:
    lab.play(*QUIET, first=MONDAY)
    with failing(fan_out, "look_around"):
        moment = fail(lab, JUMP, first=JUMPED - MINUTE)

    assert recovery.sweep().closes == 1

    assert Order.objects.get().active_from == moment
    lab.play("103", first=moment)
    assert Fill.objects.get().filled_at == moment


def test_one_version_that_cannot_be_decided_keeps_no_other_from_it(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = fakes.version([lab.instrument], "2.0.0")
    bob = fakes.user("bob")
    fakes.subscribe(bob, rival, fakes.account(bob, lab.venue))
    lab.play(*QUIET, first=MONDAY)
    decide = fan_out.fan_out

    def of_rival_only(version_id: int, moment: datetime, **how: Any) -> int:
        return decide(version_id, moment, **how) if version_id == rival.pk else broken()

    monkeypatch.setattr(fan_out, "fan_out", of_rival_only)

    fail(lab, JUMP, first=JUMPED - MINUTE)

    order = Order.objects.get()
    assert (order.user, order.status) == (bob, "accepted")


def test_closes_that_were_missed_meet_orders_though_the_first_cannot_be_decided(
    lab: World,
) -> None:
    start = lab.play(*QUIET, JUMP, "103", first=MONDAY)
    end = fakes.write(lab.instrument, ["102", ("101", "101", "90", "90"), "90"], start)

    with failing(measuring, "_measure"), pytest.raises(Broken):
        fakes.close(lab.venue, end)

    assert Trade.objects.get().closed_at == start + MINUTE
    assert cursor() == (end, start)
    assert fakes.close(lab.venue, end) == 3
    assert cursor() == (end, end)


@pytest.mark.logs_errors
def test_one_account_that_cannot_be_matched_keeps_no_other_from_it(
    lab: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    others = [fakes.user(name) for name in ("bob", "carl", "dora")]
    for owner in others:
        fakes.subscribe(owner, lab.version, fakes.account(owner, lab.venue))
    lab.play(*QUIET, JUMP, "103", first=MONDAY)

    def record_others(found: Sequence[OrderRow], *rest: Any) -> int:
        if lab.account.pk in {row.account_id for row in found}:
            raise Broken
        return record_fills(found, *rest)

    # Her strategy says to leave meanwhile: that is written beside them.
    hers = Order.objects.filter(account=lab.account).exclude(leg="exit").order_by("pk")
    before = list(hers.values())
    with monkeypatch.context() as patch:
        patch.setattr(f"{paper.__name__}.record_fills", record_others)
        end = fail(lab, ("100.5", "100.5", "90", "90"), first=HELD)
        assert cursor() == (HELD, end), "hers is tried again until the next candle has come"
        with pytest.raises(Broken):
            recovery.sweep()
        end = fail(lab, "90", first=end)
        assert cursor()[0] == end - MINUTE

    assert list(Trade.objects.values_list("user", "closed_at").order_by("user")) == [
        (owner.pk, HELD) for owner in others
    ]
    assert list(hers.values()) == before
    assert f"the orders of account {lab.account.pk} could not meet the candle" in caplog.text

    passed = Event.objects.get(kind="candles.passed_over")
    assert (passed.happened_at, passed.payload["accounts"]) == (end - MINUTE, [lab.account.pk])

    assert fakes.close(lab.venue, end) == 1
    assert Trade.objects.get(user=lab.alice).closed_at == end - MINUTE
    assert_sound()
