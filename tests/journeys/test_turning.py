"""A strategy says to leave and to enter the other way, while somebody else has an exit written into
the running minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from apps.execution.models import Order, Position, Trade
from apps.execution.services import by_hand
from apps.execution.services.flattening import flatten
from apps.execution.services.tickets import Ticket
from apps.market.models import Instrument
from apps.risk.models import CoolDown, Decision
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World
from trading.exits import ExitReason
from trading.gates.sources import COOL_DOWN
from trading.signals import Side

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


def test_what_is_turned_is_only_left_once_its_owner_closes_it(lab: World) -> None:
    after = play(lab, "101", first=held_long(lab))
    assert Order.objects.get(leg="entry", side="sell").status == "accepted"

    assert flatten(Position.objects.all(), ExitReason.MANUAL, by="alice").leaving == 1
    play(lab, "101", "101", first=after)

    assert Order.objects.get(leg="entry", side="sell").reason == "POSITION_LEAVING"
    assert (Trade.objects.get().exit_reason, Position.objects.get().quantity) == ("signal", 0)


def test_another_strategy_does_not_enter_while_an_exit_by_hand_is_on_its_way(lab: World) -> None:
    """Of a part, by a ticket: a strategy that jumps with the next close would buy it back."""
    after = play(lab, *QUIET, first=MONDAY)
    bought = Ticket(lab.account, lab.instrument, Side.BUY, Decimal(20))
    by_hand.place(bought, key="bought")
    after = play(lab, "100", "100", first=after)
    sold = by_hand.place(replace(bought, side=Side.SELL, quantity=Decimal(5)), key="sold")

    after = fakes.write(lab.instrument, [JUMP], after)
    sold_at = CoolDown.objects.get().until - COOL_DOWN
    assert sold_at == sold.decision.decided_at
    fakes.close(lab.venue, after + LATE)

    entry = Decision.objects.get(subscription=lab.subscription, action="enter_long")
    assert (entry.outcome, entry.code) == ("denied", "COOLDOWN_ACTIVE")


def test_what_was_closed_by_hand_is_not_turned_by_its_strategy(lab: World) -> None:
    after = held_long(lab)
    flatten(Position.objects.all(), ExitReason.MANUAL, by="alice", now=after + 20 * LATE)

    play(lab, "101", "101", "101", first=after)

    turn = Decision.objects.get(action="enter_short")
    assert (turn.outcome, turn.code) == ("denied", "COOLDOWN_ACTIVE")
    assert (Trade.objects.get().exit_reason, Position.objects.get().quantity) == ("manual", 0)
