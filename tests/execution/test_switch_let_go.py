"""What becomes of the exits of a LIQUIDATING switch that is let go before they have filled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from apps.execution import recovery
from apps.execution.models import Exit, Order, Position, Trade
from apps.execution.protected import protections
from apps.execution.rows import read_orders
from apps.execution.services import by_hand, exits, flattening, halting, leaving, software_stops
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.fills import record_fills
from apps.execution.services.flattening import Flattened, flatten
from apps.execution.services.orders import Step, submit_pending, take_steps
from apps.execution.services.tickets import Ticket
from apps.market import selectors as market
from apps.market.models import Instrument, MarketClock
from apps.risk import services as risk
from apps.risk.models import Decision, KillSwitch
from tests import fakes
from tests.fakes import DROP, JUMP, MINUTE, MONDAY, QUIET, World
from trading.exits import ExitReason
from trading.gates.values import TradingState
from trading.orders import FillReport
from trading.protected import ProtectionState
from trading.signals import Side
from trading.strategies import sma_crossover

pytestmark = pytest.mark.django_db

L = TradingState.LIQUIDATING
NOW = MONDAY + 6 * MINUTE


@pytest.fixture
def lab() -> World:
    """Alice holds 24.5098."""
    made = fakes.world()
    assert made.play(*QUIET, JUMP, "102.5", first=MONDAY) == NOW
    return made


def trip() -> KillSwitch:
    return halting.trip(by="olga", reason="wrong button", now=timezone.now(), state=L)


def let_go(switch: KillSwitch) -> int:
    return halting.reset_one(switch, by="otto", reason="a mistake", now=timezone.now())


def exit_orders() -> list[tuple[str, str]]:
    return list(Order.objects.filter(leg="exit").order_by("id").values_list("status", "reason"))


@transaction.atomic
def sold(lab: World, quantity: Decimal) -> None:
    lock_accounts([lab.account.pk])
    (order,) = read_orders(leg="exit")
    fill = FillReport(
        order.client_order_id, "v-1", Side.SELL, quantity, Decimal("102.5"), Decimal(0), NOW
    )
    record_fills([order], [fill], (), {lab.instrument.pk: lab.instrument.rules}, NOW)


def protection() -> ProtectionState:
    (found,) = protections(Position.objects.all()).values()
    return found.state


@pytest.mark.parametrize("status", ["pending", "submitted", "accepted"])
def test_exits_on_their_way_are_withdrawn_and_the_stop_protects_again(
    lab: World, status: str
) -> None:
    switch = trip()
    advance(status)
    assert protection() is ProtectionState.EXITING

    assert let_go(switch) == 1

    assert exit_orders() == [("canceled", "SWITCH_RESET")]
    assert protection() is ProtectionState.VENUE_STOP
    recovery.sweep()
    lab.play("102.6", "102.7", first=NOW)
    assert not Trade.objects.exists()
    lab.play(("101", "101", "90", "90"), first=NOW + 2 * MINUTE)
    assert Trade.objects.get().exit_reason == "stop"


def test_what_is_left_of_an_exit_that_was_partly_filled_stays_and_its_stop_covers_it(
    lab: World,
) -> None:
    switch = trip()
    submit_pending("lab", NOW)
    sold(lab, Decimal(10))  # as a real venue may tell; on paper an exit leaves whole
    left = Position.objects.get().quantity
    assert left == Decimal("14.5098")

    let_go(switch)

    assert exit_orders() == [("canceled", "SWITCH_RESET")]
    assert protection() is ProtectionState.VENUE_STOP
    lab.play("102.6", first=NOW + MINUTE)
    assert Position.objects.get().quantity == left
    stop = Order.objects.get(leg="stop")
    assert stop.quantity - stop.filled_quantity == left


def test_the_end_of_a_switch_withdraws_them_before_the_next_candle(lab: World) -> None:
    ends = timezone.now() + timedelta(hours=1)
    halting.trip(by="olga", reason="x", now=timezone.now(), state=L, expires_at=ends)
    submit_pending("lab", NOW)
    risk.expire(ends)  # and whoever did it has died

    lab.play("102.6", first=NOW)

    assert exit_orders() == [("canceled", "SWITCH_RESET")]
    assert Position.objects.get().quantity > 0


def test_the_sweep_withdraws_them_though_no_candle_comes(lab: World) -> None:
    switch = trip()
    risk.reset_one(switch, by="otto", reason="a mistake", now=timezone.now())

    recovery.sweep()

    assert exit_orders() == [("canceled", "SWITCH_RESET")]


def test_another_switch_that_says_so_keeps_them(lab: World) -> None:
    switch = trip()
    hers = halting.trip(by="olga", reason="x", now=timezone.now(), state=L, user=lab.alice)

    assert let_go(switch) == 0
    assert exit_orders() == [("pending", "")]
    assert let_go(hers) == 1


@pytest.mark.parametrize("by", ["alice@example.com", "olga@example.com: she called"])
def test_what_a_person_asked_for_is_not_withdrawn(lab: World, by: str) -> None:
    flatten(Position.objects.all(), ExitReason.MANUAL, by=by)
    switch = trip()
    assert let_go(switch) == 0
    lab.play("102.6", "102.6", first=NOW)
    assert Trade.objects.get().exit_reason == "manual"


def test_what_a_person_asked_for_after_the_switch_is_not_withdrawn_either(lab: World) -> None:
    switch = trip()
    asked = flatten(Position.objects.all(), ExitReason.MANUAL, by="alice@example.com")
    assert asked == Flattened(leaving=1)

    assert let_go(switch) == 0

    lab.play("102.6", "102.6", first=NOW)
    assert Position.objects.get().quantity == 0
    assert Exit.objects.get().by == "alice@example.com"


def test_what_the_strategy_said_meanwhile_is_not_withdrawn(lab: World) -> None:
    after = lab.play("102", first=NOW)
    fakes.write(lab.instrument, [("102", "102", "101.5", "101.5")], after)
    switch = trip()
    Order.objects.filter(leg="exit").update(active_from=after + MINUTE)  # it came late
    fakes.close(lab.venue, after + MINUTE)
    said = Decision.objects.get(action="exit_long")
    assert said.code == "EXIT_ALREADY_WORKING"

    assert let_go(switch) == 0

    lab.play("101.4", first=after + MINUTE)
    assert Position.objects.get().quantity == 0


def test_the_stop_of_ours_that_was_reached_meanwhile_is_not_lost(lab: World) -> None:
    Order.objects.filter(leg="stop").update(held_by_us=True, status="pending")
    Order.objects.filter(leg="target").update(status="canceled")
    switch = trip()
    fakes.write(lab.instrument, [DROP], NOW - MINUTE / 2)
    assert software_stops.watch_prices("lab", {lab.instrument.pk: Decimal(DROP)}, NOW) == 1

    assert let_go(switch) == 0
    lab.play("102.6", "102.6", first=NOW)
    assert Position.objects.get().quantity == 0


def test_tripped_again_at_the_same_moment_it_closes_as_the_first_time(lab: World) -> None:
    for _ in range(5):  # a mistake made often is no refusal of the venue
        let_go(trip())
    trip()

    assert exit_orders()[-1] == ("pending", "")
    lab.play("102.6", "102.6", first=NOW)
    assert Trade.objects.get().exit_reason == "liquidation"
    assert list(Exit.objects.order_by("id").values_list("attempt", flat=True)) == [0, 1, 2, 3, 4, 5]


def test_a_reset_in_the_middle_stops_the_chunks_after_it(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    after = lab.play("95", "95", "95", "95", "98", "98.1", first=NOW)
    assert Position.objects.exclude(quantity=0).count() == 2
    switch = risk.trip(by="olga", reason="x", now=after, state=L)
    monkeypatch.setattr(flattening, "CHUNK", 1)
    write = leaving.write_exits

    def then_reset(*args: object) -> None:
        write(*args)  # type: ignore[arg-type]
        KillSwitch.objects.filter(pk=switch.pk).update(reset_at=after)

    monkeypatch.setattr(flattening, "write_exits", then_reset)

    assert exits.leave() == 1
    assert Order.objects.filter(leg="exit", exit__isnull=False).count() == 1


def advance(status: str) -> None:
    """The exit on its way as far as this."""
    steps = {"pending": [], "submitted": ["submitted"], "accepted": ["submitted", "accepted"]}
    old = "pending"
    for new in steps[status]:
        with transaction.atomic():
            order = Order.objects.get(leg="exit")
            take_steps([Step(order.pk, old, new)], market.market_now("lab"))
        old = new


def test_what_was_sold_by_ticket_meanwhile_is_sold(lab: World) -> None:
    by_hand.place(Ticket(lab.account, lab.instrument, Side.BUY, quantity=Decimal(20)), key="one")
    after = lab.play("102.5", first=NOW)
    switch = trip()

    sale = Ticket(lab.account, lab.instrument, Side.SELL, quantity=Decimal(20))
    assert by_hand.place(sale, key="two").decision.code == "EXIT_ALREADY_WORKING"
    assert let_go(switch) == 1  # the strategy's
    lab.play("102.5", "102.5", first=after)

    left = dict(Position.objects.values_list("subscription__is_by_hand", "quantity"))
    assert left == {True: 0, False: Decimal("24.5098")}


def test_what_was_to_turn_a_position_does_not_wait_for_it_to_be_left(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Instrument.objects.update(is_shortable=True, initial_margin=1)
    both = sma_crossover._turn
    monkeypatch.setattr(
        sma_crossover, "_turn", lambda *said: [one for one in both(*said) if one.action.is_entry]
    )
    MarketClock.objects.update(now=NOW + timedelta(milliseconds=50))  # the next candle has begun
    trip()
    risk.reset(by="otto", reason="a mistake", now=timezone.now())  # and dies before it withdraws
    monkeypatch.setattr(exits, "withdraw", lambda: 0)
    turned = lab.play("101", first=NOW)
    monkeypatch.undo()
    assert Order.objects.filter(leg="entry", side="sell", status="accepted").exists()

    recovery.sweep()
    lab.play("101", "101", first=turned)

    assert Order.objects.get(leg="entry", side="sell").reason == "POSITION_LEAVING"
    assert not Position.objects.filter(quantity__lt=0).exists()
