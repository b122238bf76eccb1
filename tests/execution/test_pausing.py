"""Pausing or ending a subscription stops entries and traps nothing."""

from collections.abc import Callable

import pytest
from django.core.management import call_command

from apps.events.services.relay import relay
from apps.execution.models import Balance, Order, OrderEvent, Position, Trade
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Run
from tests.fakes import JUMP, MONDAY, QUIET, World, world

pytestmark = pytest.mark.django_db

STOP: dict[str, Callable[..., object]] = {"pause": strategies.pause, "end": strategies.end}


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


@pytest.mark.parametrize("how", STOP)
def test_an_exit_still_closes_what_a_stopped_subscription_holds(lab: World, how: str) -> None:
    after = lab.play(*QUIET, JUMP, "102", "102", first=MONDAY)
    STOP[how](lab.subscription, now=after)

    lab.play("101.5", "101.4", first=after)

    assert Trade.objects.get().exit_reason == "signal"
    assert Position.objects.get().quantity == 0
    call_command("check_completeness")


@pytest.mark.parametrize("how", STOP)
def test_a_stopped_subscription_opens_nothing(lab: World, how: str) -> None:
    STOP[how](lab.subscription, now=MONDAY)

    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    assert Run.objects.get(candle_close_time=MONDAY.replace(minute=5)).expected == 0
    assert not Decision.objects.exists()


@pytest.mark.parametrize("how", STOP)
def test_what_still_waits_to_enter_is_cancelled_before_the_next_candle_can_fill_it(
    lab: World, how: str
) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    STOP[how](lab.subscription, now=after)

    lab.play("102.5", first=after)

    entry = Order.objects.get()
    assert (entry.status, entry.reason) == ("canceled", "SUBSCRIPTION_STOPPED")
    assert not Position.objects.exists()
    assert Balance.objects.get().reserved == 0
    call_command("check_ledger")


@pytest.mark.parametrize("how", STOP)
def test_it_is_cancelled_when_the_stop_is_told_and_not_before(lab: World, how: str) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    relay()
    assert Order.objects.get().status == "accepted"
    STOP[how](lab.subscription, now=after)

    relay()

    entry = Order.objects.get()
    assert (entry.status, entry.reason) == ("canceled", "SUBSCRIPTION_STOPPED")
    assert OrderEvent.objects.latest("id").happened_at == after
    assert Balance.objects.get().reserved == 0


def test_who_was_resumed_before_it_was_told_keeps_the_entry(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    strategies.pause(lab.subscription, now=after)
    strategies.resume(lab.subscription, now=after)

    relay()

    assert Order.objects.get().status == "accepted"


def test_a_resumed_subscription_opens_again(lab: World) -> None:
    strategies.pause(lab.subscription, now=MONDAY)
    strategies.resume(lab.subscription, now=MONDAY)

    lab.play(*QUIET, JUMP, first=MONDAY)

    assert Decision.objects.get().outcome == "ordered"
