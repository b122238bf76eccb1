"""What a person orders or closes at a venue that keeps the wall's time begins when they say it,
wherever its clock stands: it meets no candle that had opened before."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.execution.models import Exit, Fill, Order, Position
from apps.execution.services import by_hand, flattening
from apps.execution.services.accounts import lock_free, lock_people
from apps.execution.services.by_hand import Receipt
from apps.execution.services.flattening import flatten
from apps.execution.services.tickets import Ticket
from apps.market.models import MarketClock
from apps.risk.models import CoolDown
from tests import fakes
from tests.fakes import HOUR, MINUTE, MONDAY, QUIET, World
from trading.exits import ExitReason
from trading.signals import Side

pytestmark = pytest.mark.django_db

CLOSED = MONDAY + 4 * MINUTE
HELD = CLOSED + MINUTE
MID_CANDLE = timedelta(seconds=40)
Wall = Callable[[datetime], None]
Leave = Callable[[World], None]


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    lab = fakes.world()
    lab.play(*QUIET, first=MONDAY)
    fakes.keep_the_walls_time(lab.venue)
    return lab


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Sets the wall clock."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(CLOSED)
    return set_to


@pytest.fixture
def holding(lab: World, wall: Wall) -> World:
    """Alice has bought by hand."""
    place(lab, Side.BUY)
    lab.play("100", first=CLOSED)
    assert Position.objects.get().quantity == 20
    return lab


def ticket(lab: World, side: Side) -> Ticket:
    return Ticket(lab.account, lab.instrument, side, Decimal(20))


def place(lab: World, side: Side) -> Receipt:
    return by_hand.place(ticket(lab, side), key=side.value)


def sell(lab: World) -> None:
    assert place(lab, Side.SELL).decision.outcome == "ordered"


def close_on_its_page(lab: World) -> None:
    client = Client()
    client.force_login(lab.alice)
    answer = client.post(f"/positions/{Position.objects.get().pk}/", {"confirm": "BTC-USD"})
    assert answer.status_code == 302


ways = pytest.mark.parametrize("leave", [sell, close_on_its_page])


def test_what_is_bought_meets_no_candle_that_had_opened_before(lab: World, wall: Wall) -> None:
    wall(CLOSED + MID_CANDLE)

    receipt = place(lab, Side.BUY)

    assert (receipt.decision.outcome, receipt.decision.decided_at) == ("ordered", CLOSED)
    assert receipt.orders[0].active_from == CLOSED + MID_CANDLE
    fakes.write(lab.instrument, ["101", "104"], CLOSED)
    fakes.close(lab.venue, CLOSED + 2 * MINUTE)
    assert [fill.price for fill in Fill.objects.all()] == [104]


@pytest.mark.parametrize("ask", [place, lambda lab, side: by_hand.what_if(ticket(lab, side))])
def test_at_a_price_that_has_grown_old_by_the_wall_nothing_is_bought(
    lab: World, wall: Wall, ask: Callable[[World, Side], Receipt]
) -> None:
    wall(CLOSED + 2 * MINUTE)
    assert by_hand.what_if(ticket(lab, Side.BUY)).is_ordered
    wall(CLOSED + 3 * HOUR)

    decision = ask(lab, Side.BUY).decision

    assert (decision.outcome, decision.code) == ("denied", "STALE_MARKET_DATA")
    assert decision.decided_at == CLOSED
    assert not Order.objects.exists()


@ways
@pytest.mark.parametrize("later", [MID_CANDLE, 3 * HOUR + MID_CANDLE])
def test_what_is_left_meets_none_either_and_always_leaves(
    holding: World, wall: Wall, leave: Leave, later: timedelta
) -> None:
    said_at = HELD + later
    wall(said_at)

    leave(holding)

    order = Order.objects.get(leg="exit")
    assert order.active_from == said_at
    assert CoolDown.objects.get().until == said_at + HOUR
    assert MarketClock.objects.get().now == HELD
    running = said_at - MID_CANDLE
    for opened in sorted({HELD, running}):
        holding.play("90", first=opened)
    holding.play("104", first=running + MINUTE)
    assert Fill.objects.get(order=order).price == 104
    assert Position.objects.get().quantity == 0


def test_an_exit_by_hand_is_decided_on_the_clock_of_its_venue(holding: World, wall: Wall) -> None:
    wall(HELD + MID_CANDLE)
    close_on_its_page(holding)
    assert Exit.objects.get().decided_at == HELD


@ways
def test_who_waits_for_the_locks_acts_after_that(
    holding: World, wall: Wall, leave: Leave, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall(HELD + MID_CANDLE)
    locked_at = HELD + MINUTE + MID_CANDLE

    def lock_late(people: Iterable[int]) -> None:
        wall(locked_at)
        lock_people(people)

    def free_late(accounts: Iterable[int]) -> set[int]:
        wall(locked_at)
        return set(lock_free(accounts))

    monkeypatch.setattr(by_hand, "lock_people", lock_late)
    monkeypatch.setattr(flattening, "lock_free", free_late)

    leave(holding)

    assert Order.objects.get(leg="exit").active_from == locked_at


def test_what_the_platform_closes_begins_on_the_clock(holding: World, wall: Wall) -> None:
    wall(HELD + MID_CANDLE)

    flatten(Position.objects.all(), ExitReason.LIQUIDATION)

    assert Order.objects.get(leg="exit").active_from == HELD


@ways
def test_the_wall_is_nothing_to_a_simulated_clock(lab: World, wall: Wall, leave: Leave) -> None:
    fakes.keep_own_time(lab.venue)
    wall(CLOSED + timedelta(days=9))

    bought = place(lab, Side.BUY)
    lab.play("100", first=CLOSED)
    leave(lab)

    assert bought.orders[0].active_from == CLOSED
    assert Order.objects.get(leg="exit").active_from == HELD
