"""Dust, less than the venue takes, is an end: nothing is tried for it, and it keeps nothing from
being entered. What is entered upon it takes it along."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from apps.common.models import Mode
from apps.execution.drain_words import in_words
from apps.execution.models import Exit, NakedSpell, Order, Position, Trade
from apps.execution.monitoring import look_after_positions
from apps.execution.protected import protections
from apps.execution.services import by_hand, drains, halting
from apps.execution.services.flattening import Flattened, flatten
from apps.execution.services.tickets import Ticket
from apps.risk.models import AccountRisk, Decision, KillSwitch
from apps.risk.services.limits import set_limits
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from tests.fakes import MONDAY, QUIET, World, close, world, write
from tests.journeys.asking import asking
from trading.exits import ExitReason
from trading.gates.values import TradingState
from trading.protected import ProtectionState as S
from trading.signals import Action, Side
from trading.standing import Holding

pytestmark = [pytest.mark.django_db]

DUST = Decimal("0.5")  # a tenth of the candle; the venue takes 1 at least


@pytest.fixture
def dusty(monkeypatch: pytest.MonkeyPatch) -> tuple[World, datetime]:
    """Alice's entry was filled by half a unit only, and stopped by a pause; the time."""
    lab = asking(monkeypatch, stop_fraction=0.04, settings={"max_positions": 1})
    lab.instrument.min_quantity = Decimal(1)
    lab.instrument.save()
    moment = lab.play("98", "98", "100", first=MONDAY)
    moment = write(lab.instrument, ["100"], moment, "5")
    close(lab.venue, moment)
    own = StrategySubscription.objects.get(version__strategy__code="asking")
    strategies.pause(own, now=moment)
    moment = lab.play("100", first=moment)
    strategies.resume(own, now=moment)
    assert Position.objects.get().quantity == DUST
    assert not Order.objects.filter(leg="entry", status__in=["accepted", "partially_filled"])
    return lab, moment


@pytest.mark.usefixtures("conserved")
def test_what_is_entered_upon_dust_is_left_with_it(dusty: tuple[World, datetime]) -> None:
    lab, moment = dusty
    moment = lab.play("101.5", "101.5", first=moment)

    assert Decision.objects.latest("id").outcome == "ordered"
    held = Position.objects.get().quantity
    assert held > 10
    stop = Order.objects.get(leg="stop", status="accepted")
    assert stop.quantity == held  # of all of it, at once
    assert Order.objects.filter(leg="stop", reason="POSITION_GREW").count() == 1
    lab.play(("101.5", "101.5", "90", "101.5"), first=moment)

    assert Position.objects.get().quantity == 0
    assert Trade.objects.get().quantity == held


@pytest.fixture
def by_ticket() -> World:
    """Alice trades by hand alone, and may lose 200 a day."""
    lab = world()
    strategies.pause(lab.subscription, now=MONDAY)
    set_limits(lab.alice, Mode.PAPER, {"daily_loss_money": Decimal(200)}, now=MONDAY)
    return lab


def trade(lab: World, side: Side, quantity: str, price: str, first: datetime) -> datetime:
    """At this price, by a ticket of its own; the time of the last close."""
    moment = lab.play(price, first=first)
    ticket = Ticket(lab.account, lab.instrument, side, Decimal(quantity))
    assert by_hand.place(ticket, key=f"{moment}").decision.outcome == "ordered"
    return lab.play(price, first=moment)


@pytest.mark.usefixtures("conserved")
def test_a_gain_before_it_hides_no_loss_upon_dust(by_ticket: World) -> None:
    """A crumb is kept of either round trip: the first wins 500, the second loses 250."""
    lab, account = by_ticket, AccountRisk.objects
    moment = lab.play(*QUIET, first=MONDAY)
    moment = trade(lab, Side.BUY, "25", "100", moment)
    moment = trade(lab, Side.SELL, "24.9999", "120", moment)
    first = Position.objects.get()
    assert (account.get().lost_today, account.get().consecutive_losses) == (0, 0)
    assert first.settled == first.exit_value - Decimal("2499.99") - first.fees

    moment = trade(lab, Side.BUY, "20", "120", moment)
    assert account.get().lost_today == 0
    moment = trade(lab, Side.SELL, "20", "107.5", moment)

    held, kept = Position.objects.get(), account.get()
    assert held.quantity == Decimal("0.0001")
    assert held.settled > 0  # of the whole
    dearer = held.cost - first.cost  # what the crumb costs by now
    assert kept.lost_today == 250 + held.fees - first.fees - dearer
    assert kept.lost_today == first.settled - held.settled
    assert kept.consecutive_losses == 1
    assert KillSwitch.objects.get().cause == "daily_loss"  # Alice's own limit is reached


@pytest.mark.parametrize("out", ["24.9999", "20"])
def test_what_stood_before_it_was_kept_is_counted_by_the_migration(
    by_ticket: World, out: str
) -> None:
    moment = trade(by_ticket, Side.BUY, "25", "100", MONDAY)
    trade(by_ticket, Side.SELL, out, "98", moment)
    kept = Position.objects.values("settled", "lost").get()
    assert any(kept.values())

    Position.objects.update(settled=0, lost=0)
    with connection.cursor() as cursor:
        cursor.execute(import_module("apps.execution.migrations.0013_settled_at_dust").COUNT)

    assert Position.objects.values("settled", "lost").get() == kept


def test_an_entry_the_other_way_waits_for_it(dusty: tuple[World, datetime]) -> None:
    """It cannot be turned by one order; on paper its exit is taken, so it is for one candle."""
    lab, moment = dusty
    lab.instrument.is_shortable = True
    lab.instrument.save()
    moment = lab.play("98.5", "98.5", first=moment)

    assert Position.objects.get().quantity < 0
    assert Trade.objects.get().quantity == DUST


def test_nothing_is_tried_for_it(dusty: tuple[World, datetime]) -> None:
    Order.objects.filter(leg="stop").update(status="canceled")
    Position.objects.update(mode="live")
    before = Order.objects.count()

    for _ in range(3):
        assert flatten(Position.objects.all(), ExitReason.MANUAL) == Flattened(dust=1)
        assert look_after_positions(timezone.now()).repaired == 0

    (found,) = protections(Position.objects.all()).values()
    assert (found.state, found.is_alarming) == (S.DUST, False)
    assert (Order.objects.count(), Exit.objects.count()) == (before, 0)
    assert not NakedSpell.objects.exists()


@pytest.mark.parametrize(("mode", "not_flat"), [("live", 0), ("paper", 1)])
def test_no_drain_waits_for_what_no_exit_can_close(
    dusty: tuple[World, datetime], mode: str, not_flat: int
) -> None:
    Position.objects.update(mode=mode)

    switch = halting.trip(
        by="olga", reason="drill", now=timezone.now(), state=TradingState.LIQUIDATING
    )

    found = drains.progress(switch)
    assert (found.positions, found.not_flat, found.dust) == (not_flat, not_flat, 1 - not_flat)
    assert (found.open_positions, found.is_done) == (1, not not_flat)
    assert (KillSwitch.objects.get().drained_at is not None) is not not_flat
    assert ("too small to be sold: 1." in in_words(found)) is not not_flat


@pytest.mark.parametrize(
    ("action", "is_dust", "is_stuck", "counted"),
    [
        (Action.ENTER_LONG, False, False, 1),
        (Action.ENTER_LONG, True, False, 0),
        (Action.ENTER_SHORT, True, True, 1),  # one order would cross zero
        (Action.EXIT_LONG, True, False, 1),
        (Action.EXIT_LONG, True, True, 0),  # the venue would refuse it each time
    ],
)
def test_what_dust_counts_for(action: Action, is_dust: bool, is_stuck: bool, counted: int) -> None:
    held = Holding(Decimal(1), Decimal(100), is_dust=is_dust, is_stuck=is_stuck)
    assert held.counted(action) == counted
