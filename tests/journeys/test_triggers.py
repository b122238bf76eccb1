"""Switches that trip by themselves: at a close, without anybody asking, and how they clear."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.common.models import Mode
from apps.events.models import Event
from apps.execution import recovery
from apps.execution.models import Balance, Order, Position
from apps.execution.services import by_hand, days, halting
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.tickets import Ticket
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.models import AccountRisk, Decision, KillSwitch
from apps.risk.services import Found
from apps.risk.services.limits import set_limits
from apps.strategies.models import Run, StrategyVersion
from tests import fakes
from tests.fakes import HOUR, JUMP, MINUTE, MONDAY, QUIET, World, world
from trading.gates.codes import GateCode
from trading.gates.triggers import OF_GATES, trigger
from trading.gates.values import TradingState
from trading.signals import Side

pytestmark = pytest.mark.django_db

TUESDAY = MONDAY + timedelta(days=1)
FIRST_HOUR = MONDAY + HOUR
# Of 100,000: less than the fee of one entry of about 2,500.
TWO = Decimal("0.00002")
HELD = (*QUIET, JUMP, "102.5")  # the entry fills at the last one's open
Set = Callable[..., None]


@pytest.fixture
def lab() -> World:
    return world()


@pytest.fixture
def automatic(settings: Settings) -> Set:
    """Only what a test names trips; with the number that it gives."""

    def name(**values: Decimal | int) -> None:
        off = {key: value for key, value in settings.AUTOMATIC.items() if "MINUTES" in key}
        given = {f"AUTOMATIC_{key.upper()}": Decimal(value) for key, value in values.items()}
        zeros = dict.fromkeys(settings.AUTOMATIC, Decimal(0))
        settings.AUTOMATIC = {**zeros, **off, **given}

    return name


def test_a_days_loss_trips_at_a_close_without_a_signal(lab: World, automatic: Set) -> None:
    automatic(daily_loss=TWO)
    after = lab.play(*HELD, first=MONDAY)

    switch = KillSwitch.objects.get()
    assert not Decision.objects.filter(decided_at=after).exists()
    assert (switch.account, switch.state) == (lab.account, TradingState.HALTED)
    assert (switch.source, switch.cause, switch.tripped_by) == (
        "automatic", "daily_loss", "automatic",
    )  # fmt: skip
    assert (switch.market_time, switch.expires_at, switch.clock) == (after, TUESDAY, lab.venue)
    assert switch.reason.endswith("\u00a0% today; it stops at 0.002\u00a0%.")
    assert switch.drained_at == switch.tripped_at > after  # by the wall
    told = Event.objects.filter(kind__startswith="kill_switch").order_by("id")
    assert [(one.kind, one.user_id) for one in told] == [
        ("kill_switch.tripped", lab.alice.pk), ("kill_switch.drained", lab.alice.pk),
    ]  # fmt: skip
    assert told[0].payload["cause"] == "daily_loss"


def test_it_clears_at_midnight_of_the_venues_clock(lab: World, automatic: Set) -> None:
    automatic(daily_loss=TWO)
    lab.play(*HELD, first=MONDAY)
    late = TUESDAY - MINUTE
    MarketClock.objects.update(now=late)
    recovery.sweep()
    assert KillSwitch.objects.get().reset_at is None  # though the wall's midnight is long gone

    MarketClock.objects.update(now=TUESDAY)
    recovery.sweep()

    switch = KillSwitch.objects.get()
    assert switch.reset_by == "expiry"
    assert Event.objects.get(kind="kill_switch.reset").happened_at == switch.reset_at


def test_the_close_at_midnight_is_of_the_new_day(lab: World, automatic: Set) -> None:
    """The only one that a strategy of whole days has."""
    automatic()
    before = TUESDAY - 5 * MINUTE
    fakes.write(lab.instrument, ["100"], before - MINUTE)
    halting.trip_found([_daily_loss(lab)], clock="lab", at=before)
    lab.play(*QUIET, first=before)
    assert KillSwitch.objects.get().reset_at is None

    assert lab.play(JUMP, first=TUESDAY - MINUTE) == TUESDAY

    assert KillSwitch.objects.get().reset_by == "expiry"
    assert Decision.objects.get(decided_at=TUESDAY).outcome == "ordered"


def test_it_trips_once_however_often_a_loss_is_seen(lab: World, automatic: Set) -> None:
    automatic(daily_loss=TWO, weekly_loss=TWO)
    lab.play(*HELD, "102.5", "102.4", first=MONDAY)

    tripped = KillSwitch.objects.order_by("cause")
    assert [(one.cause, one.expires_at) for one in tripped] == [
        ("daily_loss", TUESDAY), ("weekly_loss", MONDAY + timedelta(days=7)),
    ]  # fmt: skip


def test_a_withdrawal_trips_nothing(lab: World, automatic: Set) -> None:
    automatic(daily_loss="0.03", weekly_loss="0.1", drawdown="0.2", balance_jump="0.5")
    after = lab.play(*HELD, first=MONDAY)
    _withdraw(lab.account, Decimal(90_000))

    lab.play("102.5", "102.6", first=after)

    assert Position.objects.exclude(quantity=0).exists()
    assert not KillSwitch.objects.exists()


def test_money_that_goes_without_a_withdrawal_trips_until_somebody_resets_it(
    lab: World, automatic: Set
) -> None:
    automatic(balance_jump="0.5")
    after = lab.play(*HELD, first=MONDAY)
    Balance.objects.update(cash=Decimal(45_000))

    after = lab.play("102.5", "102.6", first=after)

    switch = KillSwitch.objects.get(cause="balance_jump")
    assert (switch.account, switch.expires_at) == (lab.account, None)
    assert "changed by 52.49\u00a0%, and no money came or went" in switch.reason
    risk.reset_one(switch, by="olga", reason="a bank's error", now=after)
    lab.play("102.5", "102.6", first=after)
    assert not KillSwitch.objects.filter(cause="balance_jump", reset_at=None).exists()


def test_a_persons_switch_stays_when_an_automatic_one_clears(lab: World, automatic: Set) -> None:
    automatic(daily_loss=TWO)
    risk.trip(by="olga", reason="odd", now=MONDAY, account=lab.account,
              state=TradingState.REDUCING)  # fmt: skip
    lab.play(*QUIET, first=MONDAY)
    KillSwitch.objects.update(reset_at=MONDAY)
    lab.play(JUMP, "102.5", first=MONDAY + 4 * MINUTE)
    KillSwitch.objects.filter(tripped_by="olga").update(reset_at=None)
    assert KillSwitch.objects.filter(reset_at=None).count() == 2

    MarketClock.objects.update(now=TUESDAY)
    recovery.sweep()

    assert KillSwitch.objects.get(reset_at=None).tripped_by == "olga"


def test_the_highest_equity_begins_anew_when_a_drawdown_is_reset(
    lab: World, automatic: Set
) -> None:
    automatic(drawdown=TWO)
    after = lab.play(*HELD, first=MONDAY)
    switch = KillSwitch.objects.get()
    assert (switch.cause, switch.expires_at) == ("max_drawdown", None)

    risk.reset_one(switch, by="olga", reason="we go on", now=after)
    lab.play("102.5", first=after)

    assert not KillSwitch.objects.filter(reset_at=None).exists()
    assert AccountRisk.objects.get().peak_equity < 100_000


def test_a_close_raises_the_highest_equity(lab: World) -> None:
    lab.play(*HELD, "103.5", first=MONDAY)

    assert AccountRisk.objects.get().peak_equity > 100_000


def test_what_a_person_loses_on_paper_stops_no_live_account(lab: World, automatic: Set) -> None:
    automatic()
    set_limits(lab.alice, Mode.PAPER, {"daily_loss_money": Decimal(5)}, now=MONDAY)
    after = lab.play(*HELD, first=MONDAY)
    AccountRisk.objects.update(lost_today=5)

    lab.play("102.5", first=after)

    switch = KillSwitch.objects.get()
    assert (switch.cause, switch.account, switch.user) == ("daily_loss", lab.account, None)


def test_trades_lost_in_a_row_reduce_until_somebody_resets_it(lab: World, automatic: Set) -> None:
    automatic(consecutive_losses=5)
    after = lab.play(*HELD, first=MONDAY)
    AccountRisk.objects.update(consecutive_losses=5)

    after = lab.play("102.5", first=after)

    switch = KillSwitch.objects.get()
    assert (switch.cause, switch.state) == ("consecutive_losses", TradingState.REDUCING)
    risk.reset_one(switch, by="olga", reason="we go on", now=after)
    lab.play("102.5", first=after)
    assert AccountRisk.objects.get().consecutive_losses == 0
    assert not KillSwitch.objects.filter(reset_at=None).exists()


def test_a_decision_that_meets_a_limit_trips_though_nothing_is_held(
    lab: World, automatic: Set
) -> None:
    automatic(consecutive_losses=5)
    after = lab.play(*QUIET, first=MONDAY)
    AccountRisk.objects.update(consecutive_losses=5)

    lab.play(JUMP, first=after)

    assert Decision.objects.get().code == GateCode.CONSECUTIVE_LOSSES
    assert KillSwitch.objects.get().cause == "consecutive_losses"


class Died(BaseException):
    """Between the receipts and the trip."""


def _die(*_: object, **__: object) -> int:
    raise Died


def _losing(lab: World, automatic: Set) -> datetime:
    """Whoever is asked next meets a limit, and a close finds nothing: nothing is held."""
    automatic(consecutive_losses=5)
    after = lab.play(*QUIET, first=MONDAY)
    AccountRisk.objects.update(consecutive_losses=5)
    return after


@pytest.mark.django_db(transaction=True)
def test_a_trip_is_made_by_who_comes_after_a_crash(
    lab: World, automatic: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = _losing(lab, automatic)
    with monkeypatch.context() as patch:
        patch.setattr(halting, "trip_found", _die)
        with pytest.raises(Died):
            lab.play(JUMP, first=after)
    assert Decision.objects.get().code == GateCode.CONSECUTIVE_LOSSES
    assert not KillSwitch.objects.exists()

    recovery.sweep()

    switch = KillSwitch.objects.get()
    assert (switch.cause, switch.account) == ("consecutive_losses", lab.account)


@pytest.mark.django_db(transaction=True)
def test_a_trip_for_a_ticket_is_made_when_it_is_sent_again(
    lab: World, automatic: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    _losing(lab, automatic)
    ticket = Ticket(lab.account, lab.instrument, Side.BUY, Decimal(20))
    with monkeypatch.context() as patch:
        patch.setattr(halting, "trip_found", _die)
        with pytest.raises(Died):
            by_hand.place(ticket, key="one")
    assert not KillSwitch.objects.exists()

    assert not by_hand.place(ticket, key="one").is_new

    assert KillSwitch.objects.get().cause == "consecutive_losses"


def test_what_was_reset_is_not_tripped_again_by_an_old_receipt(lab: World, automatic: Set) -> None:
    after = _losing(lab, automatic)
    lab.play(JUMP, first=after)
    risk.reset_one(KillSwitch.objects.get(), by="olga", reason="we go on", now=after)

    recovery.redrive(Run.objects.get(signals__isnull=False), by=1)

    assert not KillSwitch.objects.filter(reset_at=None).exists()


def test_nor_is_what_stood_when_the_receipt_was_written(lab: World, automatic: Set) -> None:
    _losing(lab, automatic)
    ticket = Ticket(lab.account, lab.instrument, Side.BUY, Decimal(20))
    for key in ("one", "two"):
        by_hand.place(ticket, key=key)
    risk.reset_one(KillSwitch.objects.get(), by="olga", reason="we go on", now=timezone.now())

    assert not by_hand.place(ticket, key="two").is_new

    assert not KillSwitch.objects.filter(reset_at=None).exists()


def test_a_black_swan_stops_the_instrument_for_everybody(lab: World, automatic: Set) -> None:
    automatic(black_swan=95)
    _hours(lab, wild=True)
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))

    after = lab.play(*QUIET, JUMP, first=FIRST_HOUR - 5 * MINUTE)

    switch = KillSwitch.objects.get()
    assert (switch.instrument, switch.cause, switch.expires_at) == (
        lab.instrument, "black_swan", None,
    )  # fmt: skip
    assert (switch.market_time, switch.state) == (FIRST_HOUR, TradingState.HALTED)
    assert "percentile 100; it is stopped above 95" in switch.reason
    lab.play("100", "100", "100", "104", first=after)
    entries = Decision.objects.filter(action="enter_long")
    assert set(entries.values_list("decided_at", "code")) == {
        (FIRST_HOUR, GateCode.TRADING_HALTED),
        (FIRST_HOUR + 4 * MINUTE, GateCode.TRADING_HALTED),
    }


@pytest.mark.parametrize(("limit", "tripped"), [(0, 0), (95, 1), (100, 1)])
def test_a_black_swan_trips_above_the_operators_limit_or_the_hard_one(
    lab: World, automatic: Set, limit: int, tripped: int
) -> None:
    """0 = never; no setting lifts the hard 95."""
    automatic(black_swan=limit)
    _hours(lab, wild=True)

    lab.play("100", first=FIRST_HOUR - MINUTE)

    assert KillSwitch.objects.count() == tripped


def test_an_instrument_that_is_calm_at_the_hour_goes_on(lab: World, automatic: Set) -> None:
    automatic(black_swan=95)
    _hours(lab, wild=False)

    lab.play("100", first=FIRST_HOUR - MINUTE)

    assert not KillSwitch.objects.exists()


def test_hours_that_nobody_has_made_yet_are_made_to_measure_them(
    lab: World, automatic: Set
) -> None:
    automatic(black_swan=95)
    _hours(lab, wild=True, last=MONDAY)
    fakes.write(lab.instrument, [*["100"] * 58, "130"], MONDAY)

    lab.play("90", first=FIRST_HOUR - MINUTE)

    assert KillSwitch.objects.get().market_time == FIRST_HOUR


def test_what_nobody_holds_or_looks_at_is_not_measured(lab: World, automatic: Set) -> None:
    automatic(black_swan=95)
    _hours(lab, wild=True)
    StrategyVersion.objects.update(is_active=False)

    lab.play("100", first=FIRST_HOUR - MINUTE)

    assert not KillSwitch.objects.exists()


def test_a_decision_that_meets_a_black_swan_refuses_that_entry_only(
    lab: World, automatic: Set
) -> None:
    """A minute as wild as one in twenty stops nobody else, and not what is said later."""
    automatic(black_swan=95)
    _wild_minutes(lab)

    lab.play(*QUIET, JUMP, first=MONDAY)

    assert Decision.objects.get().code == GateCode.BLACK_SWAN
    assert not KillSwitch.objects.exists()
    recovery.redrive(Run.objects.get(signals__isnull=False), by=1)
    assert not KillSwitch.objects.exists()


def test_nobody_stops_an_instrument_for_all_by_a_ticket(lab: World, automatic: Set) -> None:
    automatic(black_swan=95)
    _wild_minutes(lab)
    lab.play(*QUIET, JUMP, first=MONDAY)

    asked = Ticket(lab.account, lab.instrument, Side.BUY, quantity=Decimal(25))
    receipt = by_hand.place(asked, key="k-1")

    assert receipt.decision.code == GateCode.BLACK_SWAN
    assert not by_hand.place(asked, key="k-1").is_new
    assert not KillSwitch.objects.exists()


def test_what_was_entering_is_cancelled_by_the_trip(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    assert Order.objects.get().status == "accepted"

    halting.trip_found([_daily_loss(lab)], clock="lab", at=MONDAY)

    switch = KillSwitch.objects.get()
    assert (Order.objects.get().status, Order.objects.get().reason) == (
        "canceled", "TRADING_HALTED",
    )  # fmt: skip
    assert switch.order_ids == [Order.objects.get().pk]
    assert switch.drained_at is not None


@pytest.mark.django_db(transaction=True)
def test_many_who_find_the_same_trip_one_switch() -> None:
    lab = world()
    made: list[int] = []
    found = [_daily_loss(lab)]

    def trip() -> None:
        try:
            made.append(halting.trip_found(found, clock="lab", at=MONDAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=trip) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(made) == KillSwitch.objects.count() == 1
    assert Event.objects.filter(kind="kill_switch.tripped").count() == 1
    assert Event.objects.filter(kind="kill_switch.drained").count() == 1


def _daily_loss(lab: World) -> Found:
    rule = OF_GATES[GateCode.ACCOUNT_DAILY_LOSS]
    return Found(trigger(rule, "0.03", "0.03"), lab.account.pk)


def _hours(lab: World, *, wild: bool, last: datetime = FIRST_HOUR) -> None:
    """Enough of them to rank a volatility; the last closes at `last`, as the wildest or not."""
    MarketClock.objects.update(feed="synthetic")  # which brings prices of a year
    calm = [100 + number % 2 / 10 for number in range(600)]
    moved = [100 + number % 2 / 10 + 5 * (number == 300) for number in range(600)]
    fakes.hours(lab.instrument, [*calm[1:], 130.0] if wild else moved, last)


def _wild_minutes(lab: World) -> None:
    """So many that the one that jumps is the wildest of them."""
    MarketClock.objects.update(feed="synthetic")
    calm = [("100", "100.1")[number % 2] for number in range(600)]
    fakes.write(lab.instrument, [*calm[8:], *["100"] * 8], MONDAY - 600 * MINUTE)


@db.transaction
def _withdraw(account: BrokerAccount, amount: Decimal) -> None:
    lock_accounts([account.pk])
    now = MarketClock.objects.get().now
    days.record_flow(account, -amount, now)
    balance = Balance.objects.get(account=account)
    balance.cash -= amount
    balance.save()
