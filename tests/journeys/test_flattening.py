"""Positions are closed on somebody's word: all of what is held, once, whatever else goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.brokers.models import Venue
from apps.execution import recovery
from apps.execution.models import Exit, Order, Position, Trade
from apps.execution.services import (
    closes,
    exits,
    fan_out,
    flattening,
    leaving,
    orders,
    software_stops,
)
from apps.execution.services.flattening import Flattened, flatten
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import services as runs
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World, world
from tests.journeys.dying import deaths_until_done
from trading import gates
from trading.candles import Timeframe
from trading.exit_policy import MOST_ATTEMPTS
from trading.exits import ExitReason
from trading.gates import CATALOGUE, Gate
from trading.gates.codes import GateCode
from trading.gates.values import TradingState, refused

PEOPLE = ("alice", "bob", "carol")
HELD_UNTIL = ("100",) * 4 + ("102", "102.5")
REASON = "olga@example.com: asked for"


def _flatten(**scope: Any) -> Flattened:
    return flatten(Position.objects.filter(**scope), ExitReason.MANUAL, by=REASON)


def _crowd() -> World:
    """Alice, and two who follow the same."""
    lab = world()
    for name in PEOPLE[1:]:
        owner = fakes.user(name)
        fakes.subscribe(owner, lab.version, fakes.account(owner, lab.venue))
    return lab


def _held(lab: World) -> int:
    lab.play(*HELD_UNTIL, first=MONDAY)
    return Position.objects.exclude(quantity=0).count()


@pytest.mark.django_db
@pytest.mark.usefixtures("conserved")
def test_a_position_is_closed_at_the_next_open_and_says_who_asked() -> None:
    lab = world()
    after = lab.play(*HELD_UNTIL, first=MONDAY)

    assert _flatten(user=lab.alice) == Flattened(exits=1)
    recovery.sweep()  # sends what waits
    lab.play("102", first=after)

    assert (Trade.objects.get().exit_reason, Exit.objects.get().by) == ("manual", REASON)
    assert Position.objects.get().quantity == 0
    assert not Order.objects.filter(status="accepted").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["user", "account", "subscription", "strategy", "position"])
def test_a_scope_closes_its_own_positions_only(scope: str) -> None:
    lab = _crowd()
    assert _held(lab) == 3
    own = Position.objects.get(user=lab.alice)
    scopes: dict[str, dict[str, Any]] = {
        "user": {"user": lab.alice},
        "account": {"account": lab.account},
        "subscription": {"subscription": lab.subscription},
        "strategy": {"subscription__version__strategy": lab.version.strategy},
        "position": {"pk": own.pk},
    }

    _flatten(**scopes[scope])

    theirs = set(Exit.objects.values_list("position__user__email", flat=True))
    everybody = {f"{name}@example.com" for name in PEOPLE}
    assert theirs == (everybody if scope == "strategy" else {"alice@example.com"})


@pytest.mark.django_db
def test_the_command_closes_a_scope_once_it_is_confirmed() -> None:
    lab = _crowd()
    assert _held(lab) == 3
    own = Position.objects.get(user=lab.alice)

    for scope, count in {
        "platform": 3,
        "strategy:sma_crossover": 3,
        "strategy:etf_rotation": 0,
        "venue:lab": 3,
        "instrument:lab:BTC-USD": 3,
        "user:alice@example.com": 1,
        "user: Alice@Example.com": 1,
        f"account:{own.account_id}": 1,
        f"subscription:{own.subscription_id}": 1,
        f"position:{own.pk}": 1,
    }.items():
        assert _command(scope) == f"{count} open positions; --yes closes them."
    assert not Exit.objects.exists()

    assert _command("user:alice@example.com", "--yes").startswith("Exits written: 1;")
    assert _command("platform", "--yes") == "Exits written: 2; on their way already: 1."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("", "UNKNOWN_SCOPE"),
        ("planet:9", "UNKNOWN_SCOPE"),
        ("user:", "UNKNOWN_USER"),
        ("user:alcie@example.com", "UNKNOWN_USER"),
        ("strategy:none", "UNKNOWN_STRATEGY"),
        ("venue:none", "UNKNOWN_VENUE"),
        ("instrument:lab:none", "UNKNOWN_INSTRUMENT"),
        ("account:x", "UNKNOWN_ACCOUNT"),
        ("account:99999999999999999999", "UNKNOWN_ACCOUNT"),
        ("subscription:0", "UNKNOWN_SUBSCRIPTION"),
        ("position:0", "UNKNOWN_POSITION"),
        ("position:99999999999999999999", "UNKNOWN_POSITION"),
    ],
)
def test_a_scope_that_names_nothing_is_no_success(scope: str, code: str) -> None:
    world()
    with pytest.raises(CommandError, match=f"^{code}: "):
        _command(scope, "--yes")


def _command(scope: str, *more: str) -> str:
    out = StringIO()
    call_command("flatten", scope, "--reason", "drill", *more, stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db(transaction=True)
def test_it_is_resumed_where_it_was_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flattening, "CHUNK", 1)
    lab = _crowd()
    assert _held(lab) == 3
    real, seen = leaving.write_exits, []

    def dies(*args: object) -> None:
        seen.append(args)
        if len(seen) == 2:
            raise KeyboardInterrupt
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(flattening, "write_exits", dies)
    with pytest.raises(KeyboardInterrupt):
        _flatten()
    assert Exit.objects.count() == 1

    monkeypatch.setattr(flattening, "write_exits", real)
    assert _flatten() == Flattened(exits=2, leaving=1)
    assert _flatten() == Flattened(leaving=3)
    assert Exit.objects.count() == Order.objects.filter(leg="exit").count() == 3


@pytest.mark.django_db(transaction=True)
def test_whoever_dies_after_any_commit_of_it_is_followed_by_another_who_does_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flattening, "CHUNK", 1)
    lab = _crowd()
    assert _held(lab) == 3

    assert deaths_until_done(_flatten) >= 3

    orders_written = Order.objects.filter(leg="exit")
    assert Exit.objects.count() == orders_written.count() == 3
    assert orders_written.values("subscription").distinct().count() == 3


@pytest.mark.django_db
def test_an_exit_that_the_venue_refuses_is_tried_so_often_and_then_after_rests() -> None:
    lab = world()
    moment = lab.play(*HELD_UNTIL, first=MONDAY)
    for attempt in range(MOST_ATTEMPTS):
        assert _flatten() == Flattened(exits=1)
        Order.objects.filter(leg="exit").update(status="rejected", reason="NO_LIQUIDITY")
        assert _flatten() == Flattened(leaving=1)  # not twice at one moment
        moment += MINUTE
        MarketClock.objects.update(now=moment)
        assert Exit.objects.filter(attempt=attempt).exists()

    last = moment - MINUTE
    for rest in (5, 10, 20, 40, 60, 60):
        MarketClock.objects.update(now=last + rest * MINUTE - timedelta(seconds=1))
        assert _flatten() == Flattened(resting=1)
        last += rest * MINUTE
        MarketClock.objects.update(now=last)
        assert _flatten() == Flattened(exits=1)
        Order.objects.filter(leg="exit").update(status="rejected", reason="NO_LIQUIDITY")
    assert Exit.objects.count() == MOST_ATTEMPTS + 6
    assert Position.objects.get().quantity > 0


@pytest.mark.django_db
def test_dust_is_not_sent_to_a_venue_that_does_not_take_it() -> None:
    lab = world()
    lab.play(*HELD_UNTIL, first=MONDAY)
    lab.instrument.min_quantity = Decimal(1000)
    lab.instrument.save()
    Position.objects.update(mode="live")

    assert _flatten() == Flattened(dust=1)
    assert not Exit.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("conserved")
def test_the_paper_venue_takes_dust_that_staff_closes() -> None:
    lab = world()
    after = lab.play(*HELD_UNTIL, first=MONDAY)
    lab.instrument.min_quantity = Decimal(1000)
    lab.instrument.save()

    assert _flatten() == Flattened(exits=1)
    recovery.sweep()
    lab.play("102", first=after)

    assert Position.objects.get().quantity == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_signal_a_switch_a_stop_of_ours_and_staff_at_once_write_one_order(turn: int) -> None:
    """Each in a transaction and on a connection of its own, all let go at the same moment."""
    lab = world()
    Venue.objects.update(rests_stops=False)
    after = lab.play(*HELD_UNTIL[:-1], "102", "102", first=MONDAY)
    position = Position.objects.exclude(quantity=0).get()
    risk.trip(by="olga", reason="drill", now=after, state=TradingState.LIQUIDATING)
    moment = fakes.write(lab.instrument, ["95"], after)
    MarketClock.objects.update(now=moment)
    (close,) = closes.due(lab.venue.code, moment).unmet
    ids = [lab.instrument.pk]
    runs.look_and_record(lab.venue.code, Timeframe.M1, moment, ids, still_holding={})

    acts: list[Callable[[], object]] = [
        lambda: fan_out.fan_out(lab.version.pk, moment),
        lambda: exits.leave(close),
        lambda: software_stops.watch_prices(lab.venue.code, {ids[0]: Decimal(95)}, moment),
        lambda: flatten(Position.objects.filter(pk=position.pk), ExitReason.MANUAL, by=REASON),
        lambda: flatten(Position.objects.all(), ExitReason.MANUAL, by="somebody else"),
    ]
    _at_once(acts[turn:] + acts[:turn])

    on_its_way = Order.objects.filter(leg="exit", status="pending")
    assert [order.quantity for order in on_its_way] == [position.quantity]
    assert Decision.objects.filter(action="exit_long").count() == 1
    orders.submit_pending(lab.venue.code, moment)
    lab.play("95", first=moment)
    assert Position.objects.get(pk=position.pk).quantity == 0
    assert Trade.objects.count() == 1


def _at_once(acts: list[Callable[[], object]]) -> None:
    barrier, failed = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=20)
            act()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failed


@pytest.mark.django_db
@pytest.mark.parametrize("gate", CATALOGUE, ids=lambda gate: gate.title)
def test_an_exit_passes_every_gate_that_refuses_entries(
    monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    """The gate refuses whatever it is asked, in the very lists that the pipeline asks; a gate that
    is new is here by itself."""
    lab = world()
    after = lab.play(*HELD_UNTIL[:-1], "102", "102", first=MONDAY)
    code = GateCode.FACT_UNKNOWN
    refusing = [
        each._replace(question=lambda *_: refused(gate.number, code, "a test"))
        if each.number == gate.number
        else each
        for each in CATALOGUE
    ]
    for asked in ("_QUESTIONS", "_ENTRY_QUESTIONS"):
        monkeypatch.setattr(gates, asked, tuple(each.question for each in refusing))

    lab.play("101.5", "101.4", first=after)

    made = Decision.objects.get(action="exit_long")
    assert (made.outcome, made.code) == ("ordered", "")
    assert Trade.objects.get().exit_reason == "signal"
    lab.play("98", "104", "104", first=after + 2 * MINUTE)
    last = Decision.objects.filter(action="enter_long").latest("id")
    assert (last.outcome, last.code) == ("denied", code.value)  # it does refuse
