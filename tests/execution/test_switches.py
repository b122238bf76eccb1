"""The lattice of kill switches: what reaches what, what ends by itself, what is drained."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from apps.common.errors import Refused
from apps.events.models import Event
from apps.execution import drilling
from apps.execution.models import Exit, Order, Position
from apps.execution.services import drains, exits, halting
from apps.execution.services.orders import Step, take_steps
from apps.market.models import MarketClock
from apps.risk import selectors as risk_rows
from apps.risk import services as risk
from apps.risk.models import TARGETS, KillSwitch
from apps.risk.selectors import COLUMNS, Place, TradingStates
from tests import fakes
from tests.fakes import HOUR, JUMP, MONDAY, QUIET, World, world
from trading.gates.codes import GateCode
from trading.gates.triggers import OF_GATES, Trigger, trigger
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db

A, R, H, L = TradingState
HERE = Place(venue="lab", instrument=1, strategy=2, user=3, account=4, subscription=5)
LOST = trigger(OF_GATES[GateCode.ACCOUNT_DAILY_LOSS], "0.03", "0.03")
SWAN = trigger(OF_GATES[GateCode.BLACK_SWAN], "96", "95")


@pytest.fixture
def lab() -> World:
    return world()


def test_every_scope_reaches_an_order_and_its_rows() -> None:
    assert Place._fields == TARGETS == tuple(COLUMNS)
    assert {"platform", *TARGETS} == set(KillSwitch.Scope.values)


@pytest.mark.parametrize("scope", TARGETS)
def test_the_strictest_that_reaches_a_place_holds_there(scope: str) -> None:
    key = getattr(HERE, scope)
    elsewhere = Place(**{**HERE._asdict(), scope: "other" if scope == "venue" else 99})
    states = TradingStates({(scope, key): H, ("platform", None): R})

    assert states.of(HERE) is H
    assert states.of(elsewhere) is R
    assert TradingStates({(scope, key): R, ("platform", None): L}).of(HERE) is L


def test_the_states_take_one_query_however_many_are_tripped(lab: World) -> None:
    risk.trip(by="olga", reason="a test", now=MONDAY)
    targets: list[dict[str, Any]] = [
        {"user": lab.alice}, {"venue": lab.venue}, {"instrument": lab.instrument},
        {"account": lab.account}, {"subscription": lab.subscription},
        {"strategy": lab.version.strategy},
    ]  # fmt: skip
    for target in targets:
        risk.trip(by="olga", reason="a test", now=MONDAY, **target)

    with CaptureQueriesContext(connection) as asked:
        states = risk_rows.trading_states()

    assert len(asked) == 1
    assert len(states.tripped) == len(TARGETS) + 1


def test_a_scope_is_tripped_once_and_names_one_target(lab: World) -> None:
    columns = {
        "state": 2, "reason": "x", "source": "admin", "tripped_by": "olga", "tripped_at": MONDAY,
    }  # fmt: skip
    KillSwitch.objects.create(scope="venue", venue=lab.venue, **columns)
    for wrong in (
        {"scope": "venue", "venue": lab.venue},
        {"scope": "venue"},
        {"scope": "platform", "venue": lab.venue},
        {"scope": "user", "user": lab.alice, "account": lab.account},
        {"scope": "platform", "cause": "daily_loss"},
        {"scope": "platform", "expires_at": MONDAY},
        {"scope": "platform", "is_own": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            KillSwitch.objects.create(**{**columns, **wrong})
    with pytest.raises(Refused, match="not for user and account"):
        risk.trip(by="olga", reason="x", now=MONDAY, user=lab.alice, account=lab.account)


def test_a_switch_with_an_end_is_reset_then_as_an_act_of_its_own(lab: World) -> None:
    switch = risk.trip(
        by="olga", reason="a pause", now=MONDAY, expires_at=MONDAY + HOUR, user=lab.alice
    )
    forever = risk.trip(by="olga", reason="x", now=MONDAY)

    assert risk.expire(MONDAY + HOUR - timedelta(microseconds=1)) == 0
    assert risk.expire(MONDAY + HOUR) == 1
    assert risk.expire(MONDAY + HOUR) == 0

    switch.refresh_from_db()
    forever.refresh_from_db()
    assert (switch.reset_by, switch.reset_at) == ("expiry", MONDAY + HOUR)
    assert forever.reset_at is None
    assert Event.objects.get(kind="kill_switch.reset").user_id == lab.alice.pk


@pytest.mark.django_db(transaction=True)
def test_what_is_made_stricter_does_not_end_earlier() -> None:
    risk.trip(by="olga", reason="x", now=MONDAY, state=R)
    with pytest.raises(Refused) as refused:
        risk.trip(by="olga", reason="x", now=MONDAY, expires_at=MONDAY + HOUR)
    assert refused.value.code == "EXPIRY_TOO_EARLY"
    assert KillSwitch.objects.get(reset_at=None).state == R


@pytest.mark.django_db(transaction=True)
def test_a_switch_is_made_to_hold_longer_as_strictly(lab: World) -> None:
    risk.trip(by="olga", reason="a pause", now=MONDAY, expires_at=MONDAY + HOUR, user=lab.alice)

    for ends in (MONDAY + HOUR, MONDAY + HOUR / 2):
        with pytest.raises(Refused) as refused:
            risk.trip(by="olga", reason="again", now=MONDAY, expires_at=ends, user=lab.alice)
        assert refused.value.code == "STATE_NOT_STRICTER"
    longer = risk.trip(
        by="olga", reason="longer", now=MONDAY, expires_at=MONDAY + 2 * HOUR, user=lab.alice
    )
    with pytest.raises(Refused, match="HALTED already until 2026-06-01 02:00:00 UTC"):
        risk.trip(by="olga", reason="softer", now=MONDAY, state=R, user=lab.alice)
    for_good = risk.trip(by="olga", reason="for good", now=MONDAY, user=lab.alice)

    assert risk.expire(MONDAY + 3 * HOUR) == 0
    assert risk_rows.trading_states().at("user", lab.alice.pk) is H
    history = KillSwitch.objects.order_by("id").values_list("reason", "expires_at", "reset_reason")
    assert list(history) == [
        ("a pause", MONDAY + HOUR, "made stricter: longer"),
        (longer.reason, MONDAY + 2 * HOUR, "made stricter: for good"),
        (for_good.reason, None, ""),
    ]


@pytest.mark.parametrize("cause", [LOST, SWAN], ids=["its end", "calm"])
def test_a_persons_trip_over_an_automatic_one_outlasts_it(lab: World, cause: Trigger) -> None:
    stopped: Any = getattr(lab, cause.scope)
    automatic = _trips_by_itself(cause, stopped)
    risk.trip(by="olga", reason="mine", now=MONDAY, **{cause.scope: stopped})

    _later(MONDAY + 48 * HOUR)
    risk.clear_calm([lab.instrument.pk], MONDAY + 48 * HOUR, MONDAY + 48 * HOUR)

    automatic.refresh_from_db()
    assert automatic.reset_at is not None
    assert KillSwitch.objects.get(reset_at=None).reason == "mine"
    assert risk_rows.trading_states().at(cause.scope, stopped.pk) is H


def test_an_automatic_trip_stands_beside_a_persons_and_never_takes_it_away(lab: World) -> None:
    risk.trip(by="olga", reason="x", now=MONDAY, state=R, account=lab.account)
    automatic = _trips_by_itself(LOST, lab.account)
    assert risk_rows.trading_states().at("account", lab.account.pk) is H

    _later(MONDAY + 24 * HOUR)

    automatic.refresh_from_db()
    assert automatic.reset_at is not None
    assert risk_rows.trading_states().at("account", lab.account.pk) is R


def test_whose_own_a_switch_is_hears_of_it(lab: World) -> None:
    risk.trip(by="olga", reason="x", now=MONDAY, account=lab.account)
    risk.trip(by="olga", reason="x", now=MONDAY, subscription=lab.subscription)
    risk.trip(by="olga", reason="x", now=MONDAY, venue=lab.venue)

    told = Event.objects.filter(kind="kill_switch.tripped").order_by("id")
    assert list(told.values_list("user_id", flat=True)) == [lab.alice.pk, lab.alice.pk, None]


def test_a_drain_is_done_when_its_positions_are_flat_and_not_before(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    held = Position.objects.get()
    switch = halting.trip(by="olga", reason="x", now=MONDAY, state=L, user=lab.alice)

    found = drains.progress(switch)
    assert (found.positions, found.not_flat, found.is_done) == (1, 1, False)
    assert found.exposure == {"USD": held.quantity * Decimal("102.5")}
    assert switch.drained_at is None

    lab.play("102.6", "102.7", first=after)
    found = halting.drain(switch, MONDAY + HOUR)
    assert (found.positions, found.not_flat, found.is_done) == (1, 0, True)
    assert found.exposure == {}
    assert KillSwitch.objects.get().drained_at == MONDAY + HOUR
    halting.drain(switch, MONDAY + 2 * HOUR)
    assert KillSwitch.objects.get().drained_at == MONDAY + HOUR


def test_an_order_that_was_sent_and_not_answered_keeps_the_drain_open(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Order.objects.update(mode="live")  # no paper venue answers for it
    switch = halting.trip(by="olga", reason="x", now=MONDAY, state=H)

    found = drains.progress(switch)
    assert (found.orders, found.working, found.is_done) == (1, 1, False)
    Order.objects.update(status="filled")
    found = drains.progress(switch)
    assert (found.orders, found.filled, found.working, found.is_done) == (1, 1, 0, True)


def test_the_cost_of_measuring_does_not_depend_on_the_number_of_orders(lab: World) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    of_one = risk.trip(by="olga", reason="x", now=MONDAY, user=bob)
    of_all = risk.trip(by="olga", reason="x", now=MONDAY)

    asked = []
    for switch in (of_one, of_all):
        with CaptureQueriesContext(connection) as captured:
            drains.progress(switch)
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_flattening_twice_writes_one_exit_and_one_that_failed_is_followed_by_another(
    lab: World,
) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    risk.trip(by="olga", reason="x", now=MONDAY, state=L)
    assert (exits.leave(), exits.leave()) == (1, 0)

    order = Order.objects.get(leg="exit")
    with transaction.atomic():
        take_steps([Step(order.pk, "pending", "canceled", "TEST")], after)
    assert exits.leave() == 0  # not twice at one moment of the venue
    lab.play("102.6", "102.7", "102.8", first=after)

    assert list(Exit.objects.order_by("id").values_list("attempt", flat=True)) == [0, 1]
    assert Position.objects.get().quantity == 0


def test_a_drill_measures_each_part_and_changes_nothing(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    events = Event.objects.count()

    drill = drilling.rehearse(H, MONDAY)

    assert (drill.found.orders, drill.found.cancelled, drill.found.is_done) == (1, 1, True)
    assert {"tripping the switch", "cancelling entries"} <= set(drill.seconds)
    assert Order.objects.get().status == "accepted"
    assert not KillSwitch.objects.exists()
    assert Event.objects.count() == events


def _trips_by_itself(cause: Trigger, stopped: models.Model) -> KillSwitch:
    risk.trip_found([risk.Found(cause, stopped.pk)], clock="lab", at=MONDAY, now=MONDAY)
    return KillSwitch.objects.get(cause=cause.cause, reset_at=None)


def _later(now: datetime) -> None:
    MarketClock.objects.update(now=now)
    risk.expire(now)
