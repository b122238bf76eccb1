"""Somebody holds a lock and does not let go. Nobody else's exits wait for it, and those of the
account that is held leave as soon as it is free: none is lost by having been left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread, Timer

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.brokers.models import BrokerAccount, Venue
from apps.common.locks import transaction_lock
from apps.execution.models import Order, Position
from apps.execution.monitoring import look_after_positions
from apps.execution.services import closes, orders, software_stops
from apps.execution.services.flattening import Flattened, flatten
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.services.switches import LOCK
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World
from tests.journeys.processes import wait_until
from trading.exits import ExitReason
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db(transaction=True)

TO_103 = (*fakes.QUIET, fakes.JUMP, "103")
AT_103 = MONDAY + 6 * MINUTE
PATIENCE_SECONDS = 60.0  # of a busy machine; the others would wait for ever


@pytest.fixture
def lab() -> World:
    """Alice and Bob hold the same, and only we hold their stops, at 99.96."""
    made = fakes.world()
    bob = fakes.user("bob")
    fakes.subscribe(bob, made.version, fakes.account(bob, made.venue, name="Bob's"))
    Venue.objects.update(rests_stops=False)
    made.play(*TO_103, first=MONDAY)
    assert Position.objects.exclude(quantity=0).count() == 2
    return made


@contextmanager
def held(take: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Somebody has taken a lock; yields how he lets go."""
    has_it, may_go = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                take()
                has_it.set()
                may_go.wait(PATIENCE_SECONDS)
        finally:
            connection.close()

    holder = Thread(target=hold)

    def let_go() -> None:
        may_go.set()
        holder.join()

    holder.start()
    assert has_it.wait(10)
    try:
        yield let_go
    finally:
        let_go()


def _alices_account() -> None:
    list(BrokerAccount.objects.exclude(name="Bob's").select_for_update())


def _bobs_account() -> None:
    list(BrokerAccount.objects.filter(name="Bob's").select_for_update())


def _exits() -> dict[str, str]:
    """By whom."""
    found = Order.objects.filter(leg="exit").values_list("user__email", "status")
    return {email.partition("@")[0]: status for email, status in found}


def _reach_the_stops(lab: World) -> None:
    MarketClock.objects.update(now=fakes.write(lab.instrument, ["99"], AT_103))


def _look() -> None:
    look_after_positions(timezone.now())


def test_the_monitor_leaves_out_who_is_held_and_takes_them_with_its_next_look(lab: World) -> None:
    _reach_the_stops(lab)

    with held(_bobs_account) as let_go:
        _look()
        assert _exits() == {"alice": "accepted"}
        let_go()

    _look()
    assert _exits() == {"alice": "accepted", "bob": "accepted"}


def test_exits_leave_while_somebody_has_the_lock_of_the_switches(lab: World) -> None:
    _reach_the_stops(lab)

    with held(lambda: transaction_lock(LOCK)):
        _look()

    assert _exits() == {"alice": "accepted", "bob": "accepted"}


def test_a_switch_that_liquidates_closes_who_is_free_and_the_other_soon_after(lab: World) -> None:
    risk.trip(by="olga", reason="a test", now=timezone.now(), state=TradingState.LIQUIDATING)

    with held(_bobs_account) as let_go:
        _look()
        assert _exits() == {"alice": "accepted"}
        let_go()

    _look()
    assert _exits() == {"alice": "accepted", "bob": "accepted"}


def test_a_candle_that_reached_a_stop_waits_for_who_is_held(lab: World) -> None:
    """The next candle is far above the stop: who was left out now would never leave."""
    moment = fakes.write(lab.instrument, ["99"], AT_103)
    MarketClock.objects.update(now=moment)

    with held(_bobs_account) as let_go:
        watcher = Thread(target=_watch_candles, args=[lab, moment])
        watcher.start()
        _wait_for(lambda: _exits().get("alice") is not None)
        assert "bob" not in _exits()
        let_go()
        watcher.join(PATIENCE_SECONDS)

    assert set(_exits()) == {"alice", "bob"}
    lab.play("103", first=moment)
    assert not Position.objects.exclude(quantity=0).exists()


def test_who_flattens_all_closes_who_is_free_and_waits_for_the_other(lab: World) -> None:
    done: list[Flattened] = []

    def flatten_all() -> None:
        try:
            done.append(flatten(Position.objects.all(), ExitReason.MANUAL, by="olga"))
        finally:
            connection.close()

    with held(_bobs_account) as let_go:
        flattener = Thread(target=flatten_all)
        flattener.start()
        _wait_for(lambda: set(_exits()) == {"alice"})
        let_go()
        flattener.join(PATIENCE_SECONDS)

    assert done == [Flattened(exits=2)]


def test_an_exit_that_somebody_is_at_is_sent_with_the_next_round(lab: World) -> None:
    flatten(Position.objects.all(), ExitReason.MANUAL, by="olga")
    bobs = Order.objects.filter(leg="exit", user__email__startswith="bob")

    with held(lambda: list(bobs.select_for_update())) as let_go:
        assert orders.submit_exits(lab.venue.code, AT_103) == 1
        let_go()

    assert _exits() == {"alice": "accepted", "bob": "pending"}
    assert orders.submit_exits(lab.venue.code, AT_103) == 1
    assert _exits() == {"alice": "accepted", "bob": "accepted"}


def test_who_is_held_for_too_long_keeps_nobody_from_being_waited_for(lab: World) -> None:
    moment = fakes.write(lab.instrument, ["99"], AT_103)
    MarketClock.objects.update(now=moment)
    (close,) = closes.due(lab.venue.code, moment).unmet
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")

    with held(_alices_account) as alices, held(_bobs_account) as bobs:
        Timer(0.3, bobs).start()
        with pytest.raises(OperationalError, match="lock timeout"):
            software_stops.watch_candles(close)
        alices()

    connection.close()  # with its setting
    assert _exits() == {"bob": "pending"}


def _watch_candles(lab: World, moment: datetime) -> None:
    try:
        for close in closes.due(lab.venue.code, moment).unmet:
            software_stops.watch_candles(close)
    finally:
        connection.close()


def _wait_for(condition: Callable[[], bool]) -> None:
    wait_until(condition, "only Alice's is written", seconds=15)
