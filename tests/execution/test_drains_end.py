"""Drains that somebody watches, or ends; and rehearsals of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.events.models import Event
from apps.execution import draining, drilling, pipeline
from apps.execution.models import Order, Position
from apps.execution.services import cancelling, drains, exits, halting
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db

L = TradingState.LIQUIDATING
ADMIN = "/admin/risk/killswitch/"


@pytest.fixture
def lab() -> World:
    """Alice holds 24.5098."""
    made = fakes.world()
    made.play(*QUIET, JUMP, "102.5", first=MONDAY)
    return made


def trip() -> KillSwitch:
    return halting.trip(by="olga", reason="x", now=timezone.now(), state=L)


def test_another_venue_that_fails_does_not_end_the_drain(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.venue("zeta")
    take = pipeline.close_candles

    asked: list[str] = []

    def broken(venue: str, *args: Any, **options: Any) -> int:
        if venue == "zeta":
            asked.append(venue)
            raise RuntimeError(venue)
        return take(venue, *args, **options)

    def next_candle(_: float) -> None:
        clock = MarketClock.objects.get(venue_id="lab")
        fakes.write(lab.instrument, ["102.4"], clock.now)
        MarketClock.objects.filter(venue_id="lab").update(now=clock.now + MINUTE)

    monkeypatch.setattr(pipeline, "close_candles", broken)
    monkeypatch.setattr("apps.execution.draining.time.sleep", next_candle)
    looks: list[drains.Progress] = []

    with pytest.raises(RuntimeError, match="zeta"):  # when all is over
        draining.watch(trip(), 60, looks.append)

    assert looks[-1].is_done
    assert len(asked) == min(len(looks) - 1, draining.MOST_FAILURES)
    assert Position.objects.get().quantity == 0


def test_what_goes_on_failing_is_left_out(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def broken(venue: str, *_: Any) -> int:
        asked.append(venue)
        raise RuntimeError(venue)

    monkeypatch.setattr(pipeline, "close_candles", broken)
    monkeypatch.setattr("apps.execution.draining.time.sleep", lambda _: None)
    looks: list[drains.Progress] = []

    with pytest.raises(RuntimeError, match="lab"):
        draining.watch(trip(), 3, looks.append)

    assert asked == ["lab"] * draining.MOST_FAILURES
    assert len(looks) == 8  # one at once, and seven rounds of half a second
    assert not looks[-1].is_done


def test_a_reset_ends_the_drain_that_is_watched(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset(_: float) -> None:
        halting.reset(by="otto", reason="a mistake", now=timezone.now())

    monkeypatch.setattr("apps.execution.draining.time.sleep", reset)

    with pytest.raises(CommandError, match="RESET_MEANWHILE: otto has reset it: a mistake"):
        call_command("kill_switch", "trip", "--close-positions", "--yes", "--reason", "x")

    switch = KillSwitch.objects.get()
    assert switch.drained_at is None
    assert not Event.objects.filter(kind="kill_switch.drained").exists()
    assert Position.objects.get().quantity > 0


def test_what_was_reset_is_not_measured_by_what_is_held_later(client: Client) -> None:
    lab = fakes.world()
    client.force_login(fakes.user("root", is_staff=True, is_superuser=True))
    switch = trip()
    halting.reset(by="otto", reason="over", now=timezone.now())
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    halting.drain(switch, timezone.now())  # by who has read it before the reset

    page = client.get(f"{ADMIN}{switch.pk}/change/").content.decode()
    assert "Positions it had to close: 0. Done at " in page
    assert "Not done" not in page
    assert not Order.objects.filter(leg="exit").exists()
    assert KillSwitch.objects.get().position_ids == []


@pytest.mark.parametrize("right", ["trip_killswitch", "reset_killswitch"])
def test_one_right_is_enough_to_see_and_to_act(lab: World, client: Client, right: str) -> None:
    switch = risk.trip(by="otto", reason="x", now=MONDAY, venue=lab.venue)
    olga = fakes.user("olga", is_staff=True)
    olga.user_permissions.add(Permission.objects.get(codename=right))
    client.force_login(olga)
    assert client.get(f"{ADMIN}{switch.pk}/change/").status_code == 200

    if right == "trip_killswitch":
        said = {"scope": "platform", "state": "2", "reason": "x", "confirm": "platform"}
        shown = client.post(f"{ADMIN}add/", said, follow=True)
    else:
        said = {"action": "reset", "_selected_action": [switch.pk]}  # type: ignore[dict-item]
        shown = client.post(ADMIN, {**said, "reason": "x", "confirm": "RESET"}, follow=True)

    assert shown.status_code == 200
    standing = KillSwitch.objects.filter(reset_at=None).values_list("scope", flat=True)
    assert list(standing.order_by("id")) == (
        ["venue", "platform"] if right == "trip_killswitch" else []
    )


def test_who_has_no_right_over_them_sees_none(client: Client) -> None:
    client.force_login(fakes.user("olga", is_staff=True))
    assert client.get(ADMIN).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_drill_holds_the_lock_of_submissions_for_the_trip_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fakes.world().play(*QUIET, JUMP, "102.5", first=MONDAY)
    before = _everything()
    seen: dict[str, int] = {}
    for module, name in (
        (drains, "note"), (cancelling, "cancel_halted_entries"), (exits, "leave_by"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, _noting(seen, name, getattr(module, name)))

    drilling.rehearse(L, timezone.now())

    assert seen == {"note": 1, "cancel_halted_entries": 0, "leave_by": 0}
    assert _everything() == before


def _everything() -> tuple[list[tuple[Any, ...]], int, int]:
    orders = Order.objects.order_by("id").values_list("id", "status")
    return list(orders), KillSwitch.objects.count(), Event.objects.count()


def _noting(seen: dict[str, int], name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    """How many advisory locks this connection holds when it is begun."""

    def noted(*args: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                "AND pid = pg_backend_pid() AND mode = 'ExclusiveLock'"
            )
            (seen[name],) = cursor.fetchone()
        return act(*args)

    return noted
