"""A position whose stop is lost climbs rung after rung until something holds, on a paper venue that
refuses what it is told to refuse."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from apps.brokers.models import Venue
from apps.events.models import Event
from apps.execution.models import Exit, NakedSpell, Order, Position, PriceWatch, Trade
from apps.execution.protected import protections
from apps.execution.services import orders, software_stops
from apps.execution.services.watching import keep_protected
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World, world
from trading.protected import ProtectionState as S

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conserved")]

HELD = Decimal("24.5098")
STOP = Decimal("99.96")
AFTER = timedelta(seconds=15)
NEXT = timedelta(seconds=5)
AT_103 = MONDAY + 6 * MINUTE
TAKES_NO_STOPS = ["stop_market", "stop_limit"]


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    made = world()
    made.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    return made


def _lose_the_stop(lab: World, refuses: list[str]) -> datetime:
    """It is gone, and the venue refuses these from now on; when its time is over."""
    assert Order.objects.filter(leg="stop", status="accepted").update(status="canceled") == 1
    Venue.objects.filter(pk=lab.venue.pk).update(paper_refuses=refuses)
    lost = timezone.now()
    assert keep_protected(lost) == 0
    return lost + AFTER


def _climb(lab: World, now: datetime) -> Order:
    """One rung, sent to the venue."""
    assert keep_protected(now) == 1
    orders.submit_pending(lab.venue.code, AT_103)
    return Order.objects.latest("id")


def _state() -> S:
    (found,) = protections(Position.objects.all()).values()
    return found.state


def _tried() -> list[list[str]]:
    return list(NakedSpell.objects.order_by("id").values_list("rungs", flat=True))


def _is_watched_no_more() -> None:
    assert PriceWatch.objects.update(looked_at=Now() - timedelta(minutes=1)) == 1


def test_the_whole_ladder(lab: World) -> None:
    now = _lose_the_stop(lab, TAKES_NO_STOPS)

    again = _climb(lab, now)
    assert (again.order_type, again.trigger_price, again.status, again.reason) == (
        "stop_market", STOP, "rejected", "ORDER_TYPE_NOT_TAKEN",
    )  # fmt: skip
    assert _state() is S.NAKED

    wider = _climb(lab, now + NEXT)
    assert (wider.order_type, wider.status) == ("stop_limit", "rejected")
    assert (wider.trigger_price, wider.limit_price) == (Decimal("99.46"), Decimal("98.96"))
    assert _state() is S.NAKED

    ours = _climb(lab, now + 2 * NEXT)
    assert (ours.held_by_us, ours.status, ours.trigger_price) == (True, "pending", STOP)
    assert _state() is S.NAKED  # nobody has looked yet
    software_stops.watch_all()
    assert _state() is S.SOFTWARE_WATCH
    assert keep_protected(now + 3 * NEXT) == 0

    _is_watched_no_more()
    assert _state() is S.NAKED
    assert keep_protected(now + 4 * NEXT) == 0
    last = _climb(lab, now + 4 * NEXT + AFTER)
    assert (last.order_type, last.reduce_only, last.quantity) == ("market", True, HELD)
    assert _state() is S.EXITING
    assert keep_protected(now + 5 * NEXT + AFTER) == 0
    lab.play("103", first=AT_103)

    assert Trade.objects.get().exit_reason == "unprotected"
    assert _tried() == [["venue_stop", "wider_stop_limit", "software_stop"], ["market"]]
    assert not NakedSpell.objects.filter(ended_at=None).exists()
    assert Event.objects.filter(kind="position.naked").count() == 2  # once for each spell
    levels = Exit.objects.order_by("id").values_list("cause", "level")
    assert list(levels) == [("stop", 1), ("stop", 2), ("stop", 3), ("unprotected", 0)]
    assert not Order.objects.filter(status__in=["accepted", "pending"]).exists()


def test_the_wider_stop_stands_where_the_venue_takes_stop_limits_only(lab: World) -> None:
    now = _lose_the_stop(lab, ["stop_market"])
    _climb(lab, now)
    assert _climb(lab, now + NEXT).status == "accepted"
    assert _state() is S.VENUE_STOP

    lab.play(("103", "103", "99.4", "99.5"), first=AT_103)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("stop", Decimal("99.46"))


def test_no_rung_is_climbed_twice_in_a_round_trip(lab: World) -> None:
    now = _lose_the_stop(lab, [])
    assert _climb(lab, now).status == "accepted"
    keep_protected(now + NEXT)

    second = _lose_the_stop(lab, [])
    assert _climb(lab, second).order_type == "stop_limit"

    assert _tried() == [["venue_stop"], ["wider_stop_limit"]]


def test_a_rung_that_has_not_been_answered_is_waited_for(lab: World) -> None:
    now = _lose_the_stop(lab, TAKES_NO_STOPS)

    assert keep_protected(now) == 1
    assert keep_protected(now + NEXT) == keep_protected(now + 2 * NEXT) == 0

    assert _tried() == [["venue_stop"]]
    Venue.objects.update(paper_refuses=[])  # for the check at the end
    orders.submit_pending(lab.venue.code, AT_103)


def test_a_venue_that_holds_no_stops_is_not_asked_for_one(lab: World) -> None:
    now = _lose_the_stop(lab, [])
    Venue.objects.update(rests_stops=False)

    assert _climb(lab, now).held_by_us

    software_stops.watch_all()  # for the check at the end
    assert _tried() == [["software_stop"]]
