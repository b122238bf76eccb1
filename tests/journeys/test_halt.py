"""Halt: nothing new leaves, and nobody is trapped."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.execution import recovery
from apps.execution.models import Balance, Exit, Order, Position, Reservation, Trade
from apps.risk import services as risk
from apps.risk.models import Decision, KillSwitch
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World, world

pytestmark = pytest.mark.django_db

SCOPES = [
    "platform", "venue:lab", "instrument:lab:BTC-USD", "strategy:sma_crossover",
    "user:alice@example.com", "account:{account}", "subscription:{subscription}",
]  # fmt: skip
OTHERS = [
    "venue:other", "instrument:lab:ETH-USD", "strategy:donchian_breakout",
    "user:bob@example.com", "account:{bobs_account}", "subscription:{bobs_subscription}",
]  # fmt: skip


@pytest.fixture
def lab() -> World:
    return world()


def test_a_working_entry_is_cancelled_and_its_cash_released(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    assert Order.objects.get().status == "accepted"
    assert Balance.objects.get().reserved > 0

    said = switch("trip", "--reason", "drill")

    assert "platform is HALTED." in said
    assert "Entries to cancel: 1; cancelled: 1; filled: 0" in said
    assert "still working: 0. Open positions: 0. Done." in said
    order = Order.objects.get()
    assert (order.status, order.reason) == ("canceled", "TRADING_HALTED")
    assert Balance.objects.get().reserved == 0
    assert Reservation.objects.get().released_at is not None
    lab.play("102.5", first=after)
    assert not Position.objects.exists()
    call_command("check_ledger")


@pytest.mark.parametrize("scope", SCOPES)
def test_an_entry_is_denied_while_its_switch_is_tripped_and_leaves_again_after_the_reset(
    lab: World, scope: str
) -> None:
    scope = scope.format(account=lab.account.pk, subscription=lab.subscription.pk)
    after = lab.play(*QUIET, first=MONDAY)
    switch("trip", "--scope", scope, "--reason", "drill")

    after = lab.play(JUMP, first=after)
    assert _answers() == [("denied", "TRADING_HALTED")]
    assert not Order.objects.exists()

    switch("reset", "--scope", scope, "--reason", "over")
    lab.play("98", "104", "104", "104", first=after)
    assert _answers()[-1] == ("ordered", "")
    assert Position.objects.get().quantity > 0


@pytest.mark.parametrize("scope", OTHERS)
def test_the_switch_of_somebody_else_changes_nothing(lab: World, scope: str) -> None:
    fakes.venue("other")
    fakes.instrument(lab.venue, "ETH-USD")
    bob = fakes.user("bob")
    account = fakes.account(bob, lab.venue)
    subscription = fakes.subscribe(bob, lab.version, account)
    scope = scope.format(bobs_account=account.pk, bobs_subscription=subscription.pk)
    switch("trip", "--scope", scope, "--reason", "drill")

    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    hers = Decision.objects.of(lab.alice).filter(action="enter_long")
    assert list(hers.values_list("outcome", "code")) == [("ordered", "")]
    assert Position.objects.get(user=lab.alice).quantity > 0


def test_stops_fill_while_trading_is_halted(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    switch("trip", "--reason", "drill")
    assert set(_statuses("stop", "target")) == {("stop", "accepted"), ("target", "accepted")}

    lab.play(("101", "101", "98", "98"), first=after)

    assert Trade.objects.get().exit_reason == "stop"
    call_command("check_ledger")


def test_an_entry_in_flight_at_the_halt_gets_its_stop_and_target_when_it_fills(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    risk.trip(by="shell:test", reason="drill", now=MONDAY)  # the candle beats the cancel

    lab.play("102.5", first=after)

    assert set(_statuses("entry", "stop", "target")) == {
        ("entry", "filled"),
        ("stop", "accepted"),
        ("target", "accepted"),
    }


def test_an_exit_by_signal_fills_while_trading_is_halted(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102", "102", first=MONDAY)
    switch("trip", "--reason", "drill")

    lab.play("101.5", "101.4", first=after)

    assert Decision.objects.get(action="exit_long").outcome == "ordered"
    assert Trade.objects.get().exit_reason == "signal"
    assert Position.objects.get().quantity == 0
    call_command("check_ledger")


def test_reducing_lets_working_entries_stand_and_denies_new_ones(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)

    said = switch("trip", "--state", "reducing", "--reason", "drill")
    lab.play("102.5", first=after)

    assert "Entries to cancel: 0; cancelled: 0;" in said
    assert Position.objects.get().quantity > 0


def test_liquidating_closes_every_position_at_the_next_candle(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    with pytest.raises(CommandError, match="NOT_DRAINED"):
        switch("trip", "--close-positions", "--reason", "drill")
    closing = Exit.objects.get()
    assert closing.cause == "liquidation"
    recovery.sweep()
    assert Order.objects.get(exit=closing).status == "accepted"

    lab.play("102.7", "102.7", first=after)

    assert Exit.objects.count() == 1
    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("liquidation", Decimal("102.7"))
    assert Position.objects.get().quantity == 0
    assert set(_statuses("stop", "target")) == {("stop", "canceled"), ("target", "canceled")}
    call_command("check_ledger")


def test_liquidating_one_user_leaves_the_others_alone(lab: World) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    with pytest.raises(CommandError, match="NOT_DRAINED"):
        switch(
            "trip", "--scope", "user:bob@example.com", "--state", "liquidating", "--reason", "drill"
        )
    lab.play("102.6", "102.7", first=after)

    assert Position.objects.get(user=lab.alice).quantity > 0
    assert Position.objects.get(user=bob).quantity == 0


@pytest.mark.django_db(transaction=True)
def test_a_switch_is_tripped_again_only_to_be_stricter(lab: World) -> None:
    switch("trip", "--reason", "first")

    with pytest.raises(CommandError, match="STATE_NOT_STRICTER"):
        switch("trip", "--reason", "again")
    with pytest.raises(CommandError, match="STATE_NOT_STRICTER"):
        switch("trip", "--state", "reducing", "--reason", "softer")
    switch("trip", "--state", "liquidating", "--reason", "stricter")

    assert KillSwitch.objects.get(reset_at=None).reason == "stricter"
    assert KillSwitch.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_not_tripped_cannot_be_reset_and_each_scope_is_its_own(lab: World) -> None:
    switch("trip", "--scope", "user:alice@example.com", "--reason", "hers")

    with pytest.raises(CommandError, match="NOT_TRIPPED"):
        switch("reset", "--reason", "over")

    assert KillSwitch.objects.filter(reset_at=None).count() == 1


def switch(*arguments: str) -> str:
    """As a script does it, which waits for nothing: what is left is told at once."""
    said = StringIO()
    told = () if arguments[0] == "status" else ("--yes", "--timeout", "0")
    call_command("kill_switch", *arguments, *told, stdout=said)
    return said.getvalue()


def _answers() -> list[tuple[str, str]]:
    entries = Decision.objects.filter(action="enter_long").order_by("id")
    return list(entries.values_list("outcome", "code"))


def _statuses(*legs: str) -> list[tuple[str, str]]:
    return list(Order.objects.filter(leg__in=legs).values_list("leg", "status"))
