"""A strategy says to leave and to enter the other way, while somebody else has an exit written into
the running minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from apps.execution.models import Order, Position, Trade
from apps.execution.services.flattening import flatten
from apps.market.models import Instrument
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World
from trading.exits import ExitReason

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conserved")]

LATE = timedelta(milliseconds=50)  # what a clock shows is never the very minute


def play(lab: World, *prices: str, first: datetime) -> datetime:
    moment = first
    for price in prices:
        moment = fakes.write(lab.instrument, [price], moment)
        fakes.close(lab.venue, moment + LATE)
    return moment


@pytest.fixture
def lab() -> World:
    made = fakes.world()
    Instrument.objects.update(
        is_shortable=True, initial_margin=Decimal("0.5"), maintenance_margin=Decimal("0.25")
    )
    return made


def held_long(lab: World) -> datetime:
    after = play(lab, *QUIET, JUMP, "102.5", first=MONDAY)
    assert Position.objects.get().quantity > 0
    return after


@pytest.mark.parametrize("quantity", ["20", "24.5098", "30"])
def test_an_entry_that_turns_fills_when_the_exit_does(lab: World, quantity: str) -> None:
    after = fakes.write(lab.instrument, ["101"], held_long(lab))
    flatten(Position.objects.all(), ExitReason.UNPROTECTED, now=after + LATE)
    fakes.close(lab.venue, after + LATE)

    leaving, entering = Order.objects.get(leg="exit"), Order.objects.get(leg="entry", side="sell")
    assert entering.active_from == leaving.active_from == after + LATE
    Order.objects.filter(pk=entering.pk).update(quantity=Decimal(quantity))

    after = play(lab, "101", first=after)  # has opened before both
    assert set(
        Order.objects.filter(side="sell", leg__in=["exit", "entry"]).values_list(
            "status", flat=True
        )
    ) == {"accepted"}
    play(lab, "101", first=after)

    assert (Trade.objects.get().exit_reason, Trade.objects.get().closed_at) == (
        "unprotected",
        after,
    )
    position = Position.objects.get()
    assert (position.quantity, position.opened_at) == (-Decimal(quantity), after)
    standing = Order.objects.filter(status="accepted")
    assert set(standing.values_list("leg", "side")) == {
        ("stop", "buy"), ("target", "buy"), ("liquidation", "buy"),
    }  # fmt: skip


def test_an_entry_that_meets_what_has_not_left_holds_nobody_up(lab: World) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    after = play(lab, *QUIET, JUMP, "102.5", first=MONDAY)
    alices = Position.objects.filter(user=lab.alice)
    after = fakes.write(lab.instrument, ["101"], after)
    flatten(alices, ExitReason.UNPROTECTED, now=after + LATE)
    fakes.close(lab.venue, after + LATE)
    Order.objects.filter(user=lab.alice, leg="entry", side="sell").update(active_from=after)

    play(lab, "101", "101", first=after)

    assert {row.user.email: row.quantity > 0 for row in Position.objects.all()} == {
        "alice@example.com": False, "bob@example.com": False,
    }  # fmt: skip
