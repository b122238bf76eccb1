"""What stands beside the open positions is what is to stand there, and a command proves it."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.execution.models import Order, OrderEvent, Position
from apps.execution.protected import protections
from tests import fakes
from tests.fakes import MONDAY, World, world
from tests.journeys.asking import asking
from tests.journeys.climbing import FIRST, THIRDS, entered
from trading.protected import ProtectionState

pytestmark = pytest.mark.django_db

HELD = Decimal("24.5098")


@pytest.fixture
def lab() -> World:
    made = world()
    made.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    return made


def _check() -> list[str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("check_protection", stdout=out, stderr=err)
    except CommandError as failed:
        return [*err.getvalue().splitlines(), str(failed)]
    return out.getvalue().splitlines()


def _stops() -> Any:
    return Order.objects.filter(leg="stop")


def _state() -> ProtectionState:
    (found,) = protections(Position.objects.all()).values()
    return found.state


def test_a_position_with_its_stop_passes(lab: World) -> None:
    assert _state() is ProtectionState.VENUE_STOP
    assert _check() == ["1 open positions: each has the stops that it is to have."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "canceled"}, "naked (held 24.5098, stops for 0)"),
        ({"quantity": 20}, "too_little (held 24.5098, stops for 20)"),
        ({"quantity": 30}, "too_much (held 24.5098, stops for 30)"),
        ({"side": "buy"}, "wrong_side (held 24.5098, stops for 0)"),
    ],
)
def test_each_difference_is_named(lab: World, change: dict[str, Any], said: str) -> None:
    _stops().update(**change)
    position = Position.objects.get()

    found = _check()

    assert found[0] == f"position {position.pk}: {said}"
    assert found[-1].startswith("Positions are not protected: ")


def test_an_order_that_is_left_beside_a_flat_position_is_too_much(lab: World) -> None:
    lab.play("90", first=MONDAY + 6 * fakes.MINUTE)
    assert Position.objects.get().quantity == 0
    assert _check() == ["0 open positions: each has the stops that it is to have."]
    Order.objects.filter(leg="target").update(status="accepted")

    assert f"too_much (held 0, stops for {HELD})" in _check()[0]


def test_a_plan_without_a_stop_is_naked_by_choice(lab: World) -> None:
    _stops().update(status="canceled")
    Order.objects.filter(leg="entry").update(stop_price=None)

    (found,) = protections(Position.objects.all()).values()

    assert (found.state, found.is_by_choice) == (ProtectionState.NAKED, True)
    assert len(_check()) == 1


def test_an_entry_the_other_way_round_says_nothing_of_this_position(lab: World) -> None:
    _stops().update(status="canceled")
    Order.objects.filter(leg="entry").update(stop_price=None, side="sell")

    (found,) = protections(Position.objects.all()).values()

    assert found.is_alarming


def test_what_is_too_small_for_the_venue_is_dust(lab: World) -> None:
    _stops().update(status="canceled")
    lab.instrument.min_quantity = Decimal(25)
    lab.instrument.save()

    assert _state() is ProtectionState.DUST
    assert len(_check()) == 1


def test_the_number_of_queries_does_not_grow_with_the_positions(
    django_assert_num_queries: Any,
) -> None:
    at = fakes.venue()
    traded = fakes.instrument(at)
    followed = fakes.version([traded])
    for name in ("alice", "bob", "carol"):
        owner = fakes.user(name)
        fakes.subscribe(owner, followed, fakes.account(owner, at))
    moment = MONDAY
    for price in (*fakes.QUIET, fakes.JUMP, "103"):
        moment = fakes.write(traded, [price], moment)
        fakes.close(at, moment)
    assert Position.objects.exclude(quantity=0).count() == 3

    with django_assert_num_queries(3):
        assert len(protections(Position.objects.all())) == 3


def test_a_rung_of_a_ladder_leaves_stops_of_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laddered = asking(monkeypatch, stop_fraction=0.04, scale_out=THIRDS)
    after = laddered.play(FIRST, first=entered(laddered))
    laddered.play("100.5", first=after)

    assert Position.objects.get().quantity == Decimal("6.25")
    assert _stops().get().quantity == Decimal("6.25")
    assert OrderEvent.objects.filter(order__leg="stop", reason="QUANTITY_FITTED").count() == 1
    assert len(_check()) == 1
